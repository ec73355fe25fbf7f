// JSON piece by piece, so that the browser has its turn between them.

import { listed } from "./value.js";
import { WORDS } from "./words.js";

/** How long a piece is: UTF-16 units, or bytes. */
const PIECE = 1 << 17;
/** Sessions of a given result that make a piece. */
const AT_A_TIME = 100;

const encoder = new TextEncoder();

/** The pieces of JSON that is text. */
export function* textPieces(text) {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + PIECE, text.length);
    // A surrogate pair is not cut in two.
    if (to < text.length && text.codePointAt(to - 1) > 0xffff) to += 1;
    yield encoder.encode(text.slice(from, to));
    from = to;
  }
}

/** The pieces of JSON that is bytes. */
export function* bytePieces(bytes) {
  for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE);
}

/** The JSON of what is listed of the first sessions of somebody's list. */
export function* givenPieces(list, length) {
  yield encoder.encode("[");
  for (let from = 0; from < length; from += AT_A_TIME) {
    const json = [];
    for (let i = from; i < Math.min(from + AT_A_TIME, length); i += 1) {
      try {
        json.push(listed(list[i]));
      } catch {
        json.push(JSON.stringify(WORDS.unreadable("")));
      }
    }
    yield encoder.encode((from ? "," : "") + json.join(","));
  }
  yield encoder.encode("]");
}

const turns = new MessageChannel();
const waiting = [];
turns.port1.onmessage = () => waiting.shift()();

/** A turn of the browser's. */
export function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    turns.port2.postMessage(null);
  });
}

/** Fulfilled when what was changed has had its chance to be painted; at once where nobody looks. */
export function painted() {
  return document.hidden ? turn() : new Promise((resolve) => requestAnimationFrame(resolve));
}
