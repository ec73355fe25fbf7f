// What the page shows to the state machine: texts, numbers, and among these the counters. The page's own
// calls only ever write to an array here; nothing of theirs crosses into wasm.

// Numbered as `Text` in src/agent/host.rs.
export const OPTION_PROJECT = 0;
export const OPTION_SESSION = 1;
export const OPTION_PAGE = 2;
export const CLIENT_PROJECT = 3;
export const CLIENT_SESSION = 4;
export const CLIENT_PAGE = 5;
export const URL_PROJECT = 6;
export const USER_AGENT = 7;
export const PATH = 8;
export const TAB_RECORD = 9;
export const TOKEN = 10;
export const USER = 11;
export const PROBLEM = 12;

// Numbered as `Number` in src/agent/host.rs.
export const SENT_WEB_SOCKET = 0;
export const SENT_FETCH = 1;
export const SENT_XHR = 2;
export const SENT_BEACON = 3;
export const RECEIVED_WEB_SOCKET = 4;
export const RECEIVED_HTTP = 5;
export const RECENT_SENT = 6;
export const UNMEASURED = 7;
export const RECENT_AGE = 8;
export const VISIBLE = 9;
export const PERSPECTIVE = 10;
export const OPTION_SCOPE = 11;
export const CLIENT_SCOPE = 12;
export const NOW = 13;
export const STATUS = 14;
export const RETRY_AFTER = 15;

// Not shown: when the latest send was. By Date.now(), which costs a quarter of performance.now().
export const RECENT_AT = 16;

/** @type {(string | undefined)[]} */
export const texts = [];

export const numbers = new Float64Array(17);

/** Sets the counters to zero. */
export const zero = () => numbers.fill(0, 0, RECENT_AGE);

/**
 * Counts a send: a size of NaN is one that can't be measured. An empty one is not the most recent send.
 * @param {number} channel
 * @param {number} size in bytes
 */
export function countSent(channel, size) {
  if (size > 0) {
    numbers[channel] += size;
    numbers[RECENT_SENT] = size;
    numbers[RECENT_AT] = Date.now();
  } else if (size !== size) {
    numbers[UNMEASURED]++;
  }
}

/** What the load has counted so far, for the page's author to see. */
export function traffic() {
  const [webSocket, fetch, xhr, beacon, receivedByWebSocket, http, recentSent, unmeasured] = numbers;
  return {
    sent: { webSocket, fetch, xhr, beacon },
    received: { webSocket: receivedByWebSocket, http },
    recentSent,
    unmeasured,
  };
}
