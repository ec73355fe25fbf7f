/**
 * @param {number} bytes
 * @returns {string} two hexadecimal digits a byte
 */
export function randomHex(bytes) {
  // Unlike crypto.randomUUID this is there without a secure context too.
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
