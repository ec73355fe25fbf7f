/** @type {Set<string>} */
let origins;

const originOf = (url) => new URL(url, document.baseURI).origin.replace(/^ws/, "http");

/**
 * Traffic with these origins is counted, besides the page's own.
 * @param {string[]} others
 */
export function setOrigins(others) {
  origins = new Set([location.origin, ...others.map(originOf)]);
}

/**
 * Whether traffic with this URL is counted. Other objects than URLs are not asked for their text: that would
 * be a call of page's code that the page did not make.
 * @param {unknown} url
 */
export function isCounted(url) {
  return (typeof url === "string" || url instanceof URL) && origins.has(originOf(url));
}
