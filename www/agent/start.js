import { agent_event } from "perspective-session-info/glue";
import { original, patchChannels, releaseChannels } from "./channels/index.js";
import { observeHttp } from "./channels/http.js";
import { watchSockets } from "./channels/websocket.js";
import { FREEZE, HIDE, SHOW, START, TICK, WANTED } from "./events.js";
import {
  NOW,
  OPTION_PAGE,
  OPTION_PROJECT,
  OPTION_SCOPE,
  OPTION_SESSION,
  PATH,
  RECENT_AGE,
  RECENT_AT,
  RECENT_SENT,
  TAB_RECORD,
  USER_AGENT,
  VISIBLE,
  numbers,
  texts,
  traffic,
} from "./facts.js";
import { abort, giveUp, identity, nextReport, prepare, say } from "./host.js";
import { setOrigins } from "./origins.js";
import { lookAtClient, lookAtUrl, scopeNumber } from "./perspective.js";
import { DISCARD, keepRecord, takeRecord } from "./record.js";
import { runWasm } from "./wasm.js";

/** How long to wait before the wasm is asked for again; twice as long at the most, so that pages do not ask all at once. */
const PAUSE_MS = 5_000;

/** How long a prerendered page that is shown leaves to the page before it. */
const HANDOVER_MS = 100;

/** How far the agent has come. */
const IDLE = 0;
const LOADING = 1;
/** The wasm can run. */
const LOADED = 2;
/** The state machine decides. */
const RUNNING = 3;
const STOPPED = 4;

let startedBefore = false;

/**
 * Starts the agent of this document. What the page sends counts from here on, before the wasm is there: that
 * only decides who the page is, and what is reported when.
 *
 * @param {import("./index.js").AgentOptions} options
 * @param {string} wasmUrl
 * @param {() => void} onStop
 * @returns {import("./index.js").Agent}
 */
export function start(options, wasmUrl, onStop) {
  const gateway = new URL(options.gateway ?? "/", document.baseURI).href.replace(/\/*$/, "/");
  prepare(gateway, options.identityToken, enter);
  texts.length = 0;
  texts[OPTION_PROJECT] = options.project;
  texts[OPTION_SESSION] = options.sessionId;
  texts[OPTION_PAGE] = options.pageId;
  texts[USER_AGENT] = navigator.userAgent;
  numbers.fill(0);
  numbers[OPTION_SCOPE] = scopeNumber(options.scope);
  lookAtUrl();

  const listeners = new AbortController();
  const { signal } = listeners;
  setOrigins(options.origins ?? []);
  watchSockets(signal);
  patchChannels();
  const own = [`${gateway}v1/report`, wasmUrl];
  const stopHttp = observeHttp(own, !startedBefore);
  startedBefore = true;

  let stage = IDLE;
  /** Why it does not report. @type {string} */
  let problem;
  /** The page is closed or put away, or only prerendered: it may never be seen, and is nobody's page yet. */
  let away = document.prerendering;
  let timer;

  function sleep(then, ms) {
    clearTimeout(timer);
    if (then) timer = setTimeout(then, ms);
  }

  /** What goes wrong in the agent ends it, and is nobody else's error. */
  function fail(error) {
    try {
      halt("the agent has failed and switched itself off", error);
    } catch {}
  }

  /** Tells the state machine what has happened. */
  function enter(event) {
    if (stage !== RUNNING) return;
    try {
      // All of the page's own code that is to run runs here, before the state machine does. None where the page is
      // closed: Firefox soon cuts off what its scripts do there, so the closing report is to go at once.
      if (event !== HIDE) lookAtClient();
      texts[PATH] = location.pathname;
      numbers[VISIBLE] = document.visibilityState === "visible";
      numbers[RECENT_AGE] = numbers[RECENT_SENT] && Date.now() - numbers[RECENT_AT];
      numbers[NOW] = performance.now();
      sleep(tick, agent_event(event));
    } catch (error) {
      fail(error);
    }
  }

  const tick = () => enter(TICK);

  /** Loads the wasm, and tries again as long as it can't be had. */
  async function load() {
    if (stage !== IDLE || away) return;
    stage = LOADING;
    try {
      const failure = await runWasm(wasmUrl, original.fetch, (error) =>
        halt("WebAssembly can't run here; if the page has a Content-Security-Policy, it needs 'wasm-unsafe-eval'", error),
      );
      // A Content-Security-Policy that forbids it is only told after the failure.
      if (failure) await new Promise((resolve) => setTimeout(resolve));
      if (stage !== LOADING) return;
      stage = failure ? IDLE : LOADED;
      if (!failure) return decide();
      const message = `${wasmUrl} can't be loaded, which is tried again: ${failure}`;
      if (!problem) say(message);
      giveUp((problem = message));
      sleep(load, PAUSE_MS * (1 + Math.random()));
    } catch (error) {
      fail(error);
    }
  }

  /** Lets the state machine begin, after the page's own scripts: who the page is may depend on them. */
  function decide() {
    if (stage !== LOADED || away || document.readyState === "loading") return;
    stage = RUNNING;
    enter(START);
  }

  function hide() {
    if (stage === RUNNING) enter(HIDE);
    else if (texts[TAB_RECORD]) keepRecord(gateway, texts[TAB_RECORD]);
    away = true;
    abort();
    sleep();
  }

  function show() {
    away = false;
    if (document.wasDiscarded) takeRecord(gateway, DISCARD);
    takeRecord(gateway);
    enter(SHOW);
    decide();
    load();
  }

  function halt(message, error) {
    if (stage === STOPPED) return;
    release(message);
    say(message, error);
  }

  function release(message) {
    stage = STOPPED;
    releaseChannels();
    listeners.abort();
    stopHttp();
    abort();
    giveUp((problem = message));
    onStop();
    sleep();
  }

  function on(target, type, listener) {
    const guarded = (event) => {
      try {
        listener(event);
      } catch (error) {
        fail(error);
      }
    };
    target.addEventListener(type, guarded, { signal, capture: true });
  }
  on(window, "pagehide", hide);
  // Firefox ends a script that runs while its tab is closed, once and at any moment: then this one does it.
  on(window, "pagehide", hide);
  on(window, "pageshow", ({ persisted }) => persisted && show());
  on(document, "visibilitychange", () => {
    tick();
    // From now on the browser can discard the page without a word. (Those that say so afterwards do.)
    if (document.hidden && document.wasDiscarded !== undefined) enter(FREEZE);
  });
  on(document, "freeze", () => enter(FREEZE));
  on(document, "resume", tick);
  on(document, "DOMContentLoaded", decide);
  on(document, "securitypolicyviolation", ({ disposition, blockedURI }) => {
    if (disposition === "enforce" && own.includes(blockedURI)) {
      halt(`the page's Content-Security-Policy needs ${gateway} in connect-src`, blockedURI);
    }
  });
  // The page before it in the tab is put away at the same moment, in another process. What that one keeps is only seen
  // where nobody has looked into sessionStorage before.
  if (away) on(document, "prerenderingchange", () => sleep(show, HANDOVER_MS));
  else show();

  return Object.freeze({
    report() {
      const report = nextReport();
      if (stage === STOPPED) giveUp(problem);
      enter(WANTED);
      load();
      return report;
    },
    stop() {
      if (stage === STOPPED) return;
      hide();
      if (stage !== STOPPED) release("the agent is stopped");
    },
    get identity() {
      return identity;
    },
    get traffic() {
      return traffic();
    },
  });
}
