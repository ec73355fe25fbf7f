import { patchBeacon } from "./beacon.js";
import { patchFetch } from "./fetch.js";
import { patchWebSocket } from "./websocket.js";
import { patchXhr } from "./xhr.js";

let handles;

/** What the agent's own requests go through, uncounted: the browser's methods, or whose patches lie beneath ours. */
export const original = {};

/** Patches every channel, once for each document; a channel that this browser lacks is left out. */
export function patchChannels() {
  if (!handles) {
    handles = [];
    original.fetch = window.fetch;
    original.sendBeacon = navigator.sendBeacon;
    for (const patchChannel of [patchWebSocket, patchXhr, patchFetch, patchBeacon]) {
      try {
        handles.push(patchChannel());
      } catch {}
    }
    handles = handles.flat();
  }
  for (const handle of handles) handle.active = true;
}

/** Makes every patch pass calls on without a look. */
export function releaseChannels() {
  for (const handle of handles) handle.active = false;
}
