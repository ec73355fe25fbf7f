import { utf8Length } from "../body.js";
import { RECEIVED_WEB_SOCKET, SENT_WEB_SOCKET, countSent, numbers } from "../facts.js";
import { isCounted } from "../origins.js";
import { patch, patchConstructor } from "../patch.js";

/** Whether a socket's messages count. @type {WeakMap<WebSocket, boolean>} */
let sockets;
/** Removes the listeners. @type {AbortSignal} */
let signal;
let listen;

/** Counts the messages of WebSockets, those that are open already too (from their next message on). */
export function patchWebSocket() {
  listen = EventTarget.prototype.addEventListener;
  return [
    patch(
      WebSocket.prototype,
      "send",
      // While the socket is open its bufferedAmount grows by just the payload's bytes, at a cost that does not
      // grow with them (HTML standard, WebSocket `send`). After it has closed that grows too, but nothing is sent.
      (socket) => (watch(socket) && socket.readyState === 1 ? socket.bufferedAmount : undefined),
      (before, socket) => {
        if (before >= 0) countSent(SENT_WEB_SOCKET, socket.bufferedAmount - before);
      },
    ),
    patchConstructor("WebSocket", watch),
  ];
}

/** Forgets the sockets of an earlier start. @param {AbortSignal} until */
export function watchSockets(until) {
  sockets = new WeakMap();
  signal = until;
}

function watch(socket) {
  let counts = sockets.get(socket);
  if (counts === undefined) {
    counts = isCounted(socket.url);
    sockets.set(socket, counts);
    if (counts) listen.call(socket, "message", received, { signal });
  }
  return counts;
}

function received({ data, isTrusted }) {
  // What the page dispatches itself did not come over the network, and can hold anything.
  if (!isTrusted) return;
  try {
    numbers[RECEIVED_WEB_SOCKET] +=
      typeof data === "string" ? utf8Length(data) : (data.byteLength ?? data.size);
  } catch {}
}
