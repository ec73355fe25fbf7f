import { start } from "./start.js";

/** Where the agent of a document is found by every bundle that brings one, so that nothing counts twice. */
const AGENT = Symbol.for("perspective-session-info agent");

const isText = (value) => typeof value === "string" && value !== "";

/** What an option must be where it is given, if not text. */
const FITS = {
  identityToken: (value) => isText(value) || typeof value === "function",
  origins: (value) => Array.isArray(value) && value.every(isText),
};

/**
 * @param {string} wasmUrl
 * @returns {typeof import("./index.js").startAgent}
 */
export const starter = (wasmUrl) => (options = {}) => {
  for (const name in options) {
    if (options[name] !== undefined && !(FITS[name] ?? isText)(options[name])) {
      throw new TypeError(`startAgent: the option ${name} is empty or of a wrong type`);
    }
  }
  return (window[AGENT] ??= start(options, wasmUrl, () => (window[AGENT] = undefined)));
};
