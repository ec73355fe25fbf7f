// Elements, made and changed in as few words as there can be. Text from outside goes in as text, never as markup.

/** An element of a class, with attributes and with what is in it: elements, or text. */
export function make(tag, className, attributes = {}, ...within) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...within);
  return element;
}

/** Makes an element show a text, and does nothing where it does already. */
export function showText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Gives an element an attribute, and does nothing where it has it already; `null` is none. */
export function showAttribute(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

/** Shows an element or hides it, and does nothing where it is so already. */
export function showIf(element, shown) {
  if (element.hasAttribute("hidden") === shown) element.toggleAttribute("hidden", !shown);
}

/** Shows a text in an element that is there only as long as it says something. */
export function showLine(element, text) {
  showText(element, text);
  showIf(element, text !== "");
}

/** A button. */
export function button(text, act, attributes = {}) {
  const element = make("button", "", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}
