/** @type {Set<string>} */
let origins;

/** Not `origin`, which a URL that leads nowhere has too, `blob:` for one. */
function originOf(url) {
  const { protocol, host } = new URL(url, document.baseURI);
  return protocol.replace("ws", "http") + host;
}

/**
 * Traffic with these origins is counted, besides the page's own.
 * @param {string[]} others
 */
export function setOrigins(others) {
  origins = new Set([location.origin, ...others].map(originOf));
}

/**
 * Whether traffic with this URL is counted. Other objects than URLs are not asked for their text: that would
 * be a call of page's code that the page did not make.
 * @param {unknown} url
 */
export function isCounted(url) {
  return (typeof url === "string" || url instanceof URL) && origins.has(originOf(url));
}
