import { original } from "./channels/index.js";
import { PROBLEM, TAB_RECORD, VISIBLE, numbers, texts } from "./facts.js";
import { askToken } from "./token.js";

/** A frame shares its top page's sessionStorage, so it takes and keeps nothing there. */
const framed = () => window.top !== window;

const recordName = (gateway) => `perspective-session-info ${gateway}`;

/** Takes what this tab has kept for its next load, so that a duplicate of the tab does not find it. */
export function takeRecord(gateway) {
  try {
    const record = framed() ? null : sessionStorage.getItem(recordName(gateway));
    if (record === null) return;
    texts[TAB_RECORD] = record;
    sessionStorage.removeItem(recordName(gateway));
  } catch {}
}

/** Keeps a record in this tab for its next load. */
export function keepRecord(gateway, record) {
  try {
    if (record && !framed()) sessionStorage.setItem(recordName(gateway), record);
  } catch {}
}

export const say = (message, ...more) => console.warn(`Perspective Session Info: ${message}`, ...more);

/**
 * The page and the browser as the state machine sees them (`PageHost` in src/agent/bindings.rs). It is called
 * from within wasm, so nothing here throws, and no code of the page's is run before wasm has returned.
 *
 * @param {string} gateway the base URL
 * @param {string | (() => unknown) | undefined} identityToken
 * @param {{ told(): void, answered(status: number, retryAfter: number): void, known(identity: object): void }} events
 */
export function createHost(gateway, identityToken, events) {
  const url = `${gateway}v1/report`;
  /** Who waits for a report: the first for one that is yet to be made. @type {{ resolve: Function, reject: Function }[]} */
  let waiting = [];
  let covered = [];
  let flight;
  let asking;

  async function exchange(body, { signal }) {
    let status = 0;
    let retryAfter = 0;
    texts[PROBLEM] = undefined;
    try {
      const response = await original.fetch.call(window, url, { method: "POST", body, signal });
      status = response.status;
      retryAfter = delayOf(response.headers.get("Retry-After"));
      const answer = await response.json().catch(() => ({}));
      const problem = response.ok ? answer?.tokenProblem : `${status} ${answer?.detail ?? ""}`;
      if (!signal.aborted && problem) texts[PROBLEM] = String(problem).slice(0, 300);
    } catch {}
    return [status, retryAfter];
  }

  return {
    addWaiter: (waiter) => waiting.push(waiter),
    giveUp: () => flight?.abort(),

    text(what) {
      if (what === TAB_RECORD) takeRecord(gateway);
      return texts[what];
    },
    number: (what) => numbers[what],
    read(name) {
      try {
        return localStorage.getItem(name) ?? undefined;
      } catch {}
    },
    write(name, value) {
      try {
        localStorage.setItem(name, value);
        return true;
      } catch {
        return false;
      }
    },
    keep: (record) => keepRecord(gateway, record),
    random: () => crypto.getRandomValues(new Uint32Array(1))[0],
    async ask() {
      // A page that never answers is not asked again, so that nothing piles up.
      if (asking) return;
      asking = true;
      await undefined;
      await askToken(identityToken);
      asking = false;
      events.told();
    },
    async post(report, own) {
      // Without an answer the report has failed, and with it whatever goes wrong here.
      try {
        flight?.abort();
        const mine = (flight = new AbortController());
        if (own) {
          covered.push(...waiting);
          waiting = [];
        }
        const answer = await exchange(report, mine);
        if (flight === mine) events.answered(...answer);
      } catch {}
    },
    beacon(report) {
      try {
        if (original.sendBeacon?.call(navigator, url, report)) return;
        original.fetch.call(window, url, { method: "POST", body: report, keepalive: true }).catch(() => {});
      } catch {}
    },
    settle(problem) {
      for (const { resolve } of problem === undefined ? covered : []) resolve();
      for (const { reject } of problem === undefined ? [] : [...covered, ...waiting]) reject(new Error(problem));
      covered = [];
      if (problem !== undefined) waiting = [];
    },
    say,
    zero: () => numbers.fill(0, 0, VISIBLE),
    tell: (project, sessionId, pageId, scope) => events.known(Object.freeze({ project, sessionId, pageId, scope })),
  };
}

/** Milliseconds that a Retry-After asks to wait (RFC 9110, section 10.2.3: seconds or a date). */
function delayOf(retryAfter) {
  return retryAfter ? +retryAfter * 1000 || Date.parse(retryAfter) - Date.now() || 0 : 0;
}
