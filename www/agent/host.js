import { original } from "./channels/index.js";
import { ANSWERED, TOLD } from "./events.js";
import { PROBLEM, RETRY_AFTER, STATUS, TAB_RECORD, numbers, texts, zero } from "./facts.js";
import { DISCARD, keepRecord, takeRecord } from "./record.js";
import { askToken } from "./token.js";

export const say = (message, ...more) => console.warn(`Perspective Session Info: ${message}`, ...more);

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const write = (text, into) => encoder.encodeInto(text ?? "", into).written;

/** @type {string} */
let gateway;
let identityToken;
/** Tells the state machine what has happened. @type {(event: number) => void} */
let enter;

/** Who the page is, as its latest report says. @type {import("./index.js").AgentIdentity | null} */
export let identity = null;

/** Who waits for a report, and how many of them the report that is under way is for. */
const waiting = [];
let covered = 0;
/** @type {AbortController | undefined} */
let flight;
let asking;

const storeName = (project) => `perspective-session-info ${gateway} ${decoder.decode(project)}`;

/**
 * The page and the browser as the state machine sees them (`Host` in src/agent/host.rs); wasm-bindgen's glue
 * calls it by this name. It is called from within wasm, so nothing here throws, and no code of the page's is
 * run before wasm has returned.
 */
export const agentHost = {
  text(what, into) {
    if (what !== TAB_RECORD) return write(texts[what], into);
    // Not before it is asked for: sessionStorage lets other events in while Firefox closes a tab.
    takeRecord(gateway);
    const written = write(texts[what], into);
    texts[what] = "";
    return written;
  },
  number: (what) => numbers[what],
  read(project, into) {
    try {
      return write(localStorage.getItem(storeName(project)), into);
    } catch {
      return 0;
    }
  },
  write(project, text) {
    try {
      localStorage.setItem(storeName(project), decoder.decode(text));
      return true;
    } catch {
      return false;
    }
  },
  random: () => crypto.getRandomValues(new Uint32Array(1))[0],
  act: (what, text) => acts[what](decoder.decode(text)),
};

// Numbered as `Act` in src/agent/host.rs.
const acts = [
  async function ask() {
    // A page that never answers is not asked again, so that nothing piles up.
    if (asking) return;
    asking = true;
    await undefined;
    await askToken(identityToken);
    asking = false;
    enter(TOLD);
  },
  post,
  function postOwn(report) {
    const { project, sessionId, pageId, scope } = JSON.parse(report);
    identity = Object.freeze({ project, sessionId, pageId, scope });
    covered = waiting.length;
    post(report);
  },
  function beacon(body) {
    try {
      if (!original.sendBeacon?.call(navigator, reportUrl(), body)) send({ body, keepalive: true }).catch(() => {});
    } catch {}
  },
  (record) => keepRecord(gateway, record),
  (record) => keepRecord(gateway, record, DISCARD),
  function settle() {
    for (const [resolve] of waiting.splice(0, covered)) resolve();
    covered = 0;
  },
  giveUp,
  say,
  zero,
];

const reportUrl = () => `${gateway}v1/report`;
const send = (init) => original.fetch.call(window, reportUrl(), { method: "POST", ...init });

async function post(body) {
  let status = 0;
  let retryAfter = 0;
  let problem;
  let mine;
  // Without an answer the report has failed, and with it whatever goes wrong here.
  try {
    // Stands if it never answers, and is given up.
    problem = texts[PROBLEM] = `the gateway ${gateway} does not answer`;
    abort();
    mine = flight = new AbortController();
    const response = await send({ body, signal: mine.signal });
    const answer = await response.json().catch(() => ({}));
    status = response.status;
    retryAfter = delayOf(response.headers.get("Retry-After"));
    if (!response.ok) problem = `the gateway ${gateway} says ${status} ${answer?.detail ?? ""}`;
    else problem = answer?.tokenProblem && `the identity token does not hold: ${answer.tokenProblem}`;
  } catch {}
  if (flight !== mine) return;
  texts[PROBLEM] = problem?.slice(0, 300);
  numbers[STATUS] = status;
  numbers[RETRY_AFTER] = retryAfter;
  enter(ANSWERED);
}

/** Milliseconds that a Retry-After asks to wait (RFC 9110, section 10.2.3: seconds or a date). */
const delayOf = (retryAfter) => (retryAfter ? +retryAfter * 1000 || Date.parse(retryAfter) - Date.now() || 0 : 0);

/** Gives up the report that is in flight. */
export const abort = () => flight?.abort();

/** Tells those who wait for a report why it has come to nothing. */
export function giveUp(problem) {
  for (const [, reject] of waiting.splice(0)) reject(new Error(problem));
}

/** A promise of the next report. */
export const nextReport = () => new Promise((...waiter) => waiting.push(waiter));

/**
 * Gets ready for a start.
 * @param {string} to the gateway's base URL
 * @param {string | (() => unknown) | undefined} token
 * @param {(event: number) => void} listener
 */
export function prepare(to, token, listener) {
  gateway = to;
  identityToken = token;
  enter = listener;
  identity = null;
  asking = false;
}
