import { start } from "./start.js";

/** Where the agent of a document is found by every bundle that brings one, so that nothing counts twice. */
const AGENT = Symbol.for("perspective-session-info agent");

const isText = (value) => typeof value === "string" && value !== "";

/** What an option must be, besides left out. */
const OPTIONS = {
  gateway: [isText, "a URL"],
  project: [isText, "a non-empty string"],
  sessionId: [isText, "a non-empty string"],
  pageId: [isText, "a non-empty string"],
  scope: [isText, "a non-empty string"],
  identityToken: [(value) => isText(value) || typeof value === "function", "a string or a function"],
  origins: [(value) => Array.isArray(value) && value.every(isText), "an array of origins"],
};

/**
 * @param {string} wasmUrl
 * @returns {typeof import("./index.js").startAgent}
 */
export const starter = (wasmUrl) => (options = {}) => {
  for (const [name, [fits, expected]] of Object.entries(OPTIONS)) {
    if (options[name] !== undefined && !fits(options[name])) {
      throw new TypeError(`startAgent: the option ${name} must be ${expected}`);
    }
  }
  return (window[AGENT] ??= start(options, wasmUrl, () => (window[AGENT] = undefined)));
};
