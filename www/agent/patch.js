/**
 * Patches a method so that an instrument sees its calls. The page sees no difference: the call goes through
 * with the same arguments, `this`, result and exceptions, and an exception of the instrument's goes nowhere.
 *
 * A patch is never taken off again, because somebody else may have patched on top of it: with `active` set
 * to false it only passes calls on.
 *
 * @param {object} owner
 * @param {string} name
 * @param {(self: any, a: any, b: any) => any} before is called before the method; what it returns goes to `after`
 * @param {(seen: any, self: any, result: any) => void} after is called when the method has returned
 * @returns {{ active: boolean }}
 */
export function patch(owner, name, before, after) {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original = descriptor?.value;
  const handle = { active: true };
  if (typeof original !== "function" || !descriptor.configurable) return handle;
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
    Object.defineProperty(patched, property, Object.getOwnPropertyDescriptor(original, property));
  }
  Object.defineProperty(owner, name, { ...descriptor, value: patched });
  return handle;
}
