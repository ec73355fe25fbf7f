/**
 * Puts `wrap(original, handle)` in the place of a function, as far as its owner allows that. All else about the
 * property stays as it is.
 *
 * A patch is never taken off again, because somebody else may have patched on top of it: with `active` set
 * to false it only passes calls on.
 */
function replace(owner, name, wrap) {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const handle = { active: true };
  if (typeof descriptor?.value === "function" && descriptor.configurable) {
    Object.defineProperty(owner, name, { value: wrap(descriptor.value, handle) });
  }
  return handle;
}

/**
 * Patches a method so that an instrument sees its calls. The page sees no difference: the call goes through
 * with the same arguments, `this`, result and exceptions, and an exception of the instrument's goes nowhere.
 *
 * @param {object} owner
 * @param {string} name
 * @param {(self: any, a: any, b: any) => any} before is called before the method; what it returns goes to `after`
 * @param {(seen: any, self: any, result: any) => void} after is called when the method has returned
 * @returns {{ active: boolean }}
 */
export const patch = (owner, name, before, after) =>
  replace(owner, name, (original, handle) => {
    // A method, not a function: like the browser's own it can't be constructed and has no prototype.
    const { patched } = {
      patched(a, b) {
        let seen;
        const { active } = handle;
        if (active) {
          try {
            seen = before(this, a, b);
          } catch {}
        }
        // `apply` with `arguments` costs more, so not for what is called most: a socket's send.
        const result = arguments.length === 1 ? original.call(this, a) : original.apply(this, arguments);
        if (active) {
          try {
            after(seen, this, result);
          } catch {}
        }
        return result;
      },
    };
    for (const property of ["name", "length"]) {
      Object.defineProperty(patched, property, { value: original[property] });
    }
    return patched;
  });

/**
 * Patches a constructor of the window's in the same way.
 *
 * @param {string} name
 * @param {(object: any, args: any[]) => void} built is called with what was constructed, and from what
 * @returns {{ active: boolean }}
 */
export const patchConstructor = (name, built) =>
  replace(window, name, (original, handle) => {
    // A proxy, because statics, subclasses, `instanceof` and its text stay those of the browser's own.
    const value = new Proxy(original, {
      construct(target, args, newTarget) {
        const object = Reflect.construct(target, args, newTarget);
        if (handle.active) {
          try {
            built(object, args);
          } catch {}
        }
        return object;
      },
    });
    Object.defineProperty(original.prototype, "constructor", { value });
    return value;
  });
