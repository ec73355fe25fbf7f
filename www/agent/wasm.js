import { imports, link } from "perspective-session-info/glue";

const TIME_OUT_MS = 30_000;

/** There is one instance to a document, however often the agent is started. */
let ready = false;

/**
 * Makes the wasm ready to be called.
 *
 * @param {string} url
 * @param {typeof fetch} fetch the browser's, uncounted
 * @param {(error: unknown) => void} refuse is called where the wasm is there but can't run: no use trying again
 * @returns {Promise<unknown>} why it could not be loaded; nothing where it was
 */
export async function runWasm(url, fetch, refuse) {
  if (ready) return;
  let bytes;
  try {
    const response = await fetch.call(window, url, { signal: AbortSignal.timeout?.(TIME_OUT_MS) });
    if (!response.ok) return `status ${response.status}`;
    bytes = await response.arrayBuffer();
  } catch (error) {
    return error;
  }
  try {
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    if (!ready) link(instance.exports);
    ready = true;
  } catch (error) {
    refuse(error);
  }
}
