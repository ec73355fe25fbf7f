// What the page shows to the state machine: texts, numbers, and among these the counters. The page's own
// calls only ever write to an array here; nothing of theirs crosses into wasm.

// Numbered as `Text` in src/agent/host.rs.
export const GATEWAY = 0;
export const USER_AGENT = 1;
export const OPTION_PROJECT = 2;
export const OPTION_SESSION = 3;
export const OPTION_PAGE = 4;
export const OPTION_SCOPE = 5;
export const URL_PROJECT = 6;
export const TAB_RECORD = 7;
export const CLIENT_PROJECT = 8;
export const CLIENT_SESSION = 9;
export const CLIENT_PAGE = 10;
export const CLIENT_SCOPE = 11;
export const PATH = 12;
export const TOKEN = 13;
export const USER = 14;
export const PROBLEM = 15;

// Numbered as `Number` in src/agent/host.rs.
export const SENT_WEB_SOCKET = 0;
export const SENT_FETCH = 1;
export const SENT_XHR = 2;
export const SENT_BEACON = 3;
export const RECEIVED_WEB_SOCKET = 4;
export const RECEIVED_HTTP = 5;
export const RECENT_SENT = 6;
export const RECENT_AGE = 7;
export const UNMEASURED = 8;
export const VISIBLE = 9;
export const CLIENT = 10;

// Not shown: when the latest send was. By Date.now(), which costs a quarter of performance.now().
export const RECENT_AT = 11;

/** @type {(string | undefined)[]} */
export const texts = [];

export const numbers = new Float64Array(12);

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
  return {
    sent: {
      webSocket: numbers[SENT_WEB_SOCKET],
      fetch: numbers[SENT_FETCH],
      xhr: numbers[SENT_XHR],
      beacon: numbers[SENT_BEACON],
    },
    received: { webSocket: numbers[RECEIVED_WEB_SOCKET], http: numbers[RECEIVED_HTTP] },
    recentSent: numbers[RECENT_SENT],
    unmeasured: numbers[UNMEASURED],
  };
}
