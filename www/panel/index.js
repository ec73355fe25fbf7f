// The module of designer tooling: loads the WebAssembly and defines <session-info-panel>.

import init, { Panel, getSessionInfo as request } from "perspective-session-info/glue";
import { defineSessionInfoPanel, renderSessionInfo } from "./element.js";

const ready = init({ module_or_path: new URL("panel.wasm", import.meta.url) }).catch((cause) => {
  throw new Error(`the WebAssembly of the session panel could not be loaded (${cause.message})`, { cause });
});
// Whoever needs it is told by its own promise; nobody else has to hear of it.
ready.catch(() => {});

/** See index.d.ts. */
export async function getSessionInfo(usernameFilter, projectFilter, options) {
  await ready;
  return request(usernameFilter, projectFilter, options);
}

export const SessionInfoPanel = defineSessionInfoPanel(ready.then(() => (host) => new Panel(host)));
export { renderSessionInfo };
