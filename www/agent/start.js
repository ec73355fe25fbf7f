import {
  agent_answered,
  agent_hide,
  agent_show,
  agent_start,
  agent_tick,
  agent_told,
} from "perspective-session-info/glue";
import { original, patchChannels, releaseChannels } from "./channels/index.js";
import { observeHttp } from "./channels/http.js";
import { watchSockets } from "./channels/websocket.js";
import * as facts from "./facts.js";
import { createHost, keepRecord, say, takeRecord } from "./host.js";
import { setOrigins } from "./origins.js";
import { lookAtClient, lookAtUrl } from "./perspective.js";
import { runWasm } from "./wasm.js";

const { numbers, texts } = facts;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long a prerendered page that is shown leaves to the page before it. */
const HANDOVER_MS = 100;

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
  texts[facts.GATEWAY] = gateway;
  texts[facts.USER_AGENT] = navigator.userAgent;
  texts[facts.OPTION_PROJECT] = options.project;
  texts[facts.OPTION_SESSION] = options.sessionId;
  texts[facts.OPTION_PAGE] = options.pageId;
  texts[facts.OPTION_SCOPE] = options.scope;
  texts[facts.TOKEN] = texts[facts.USER] = undefined;
  numbers.fill(0);
  lookAtUrl();

  const listeners = new AbortController();
  const { signal } = listeners;
  setOrigins(options.origins ?? []);
  watchSockets(signal);
  patchChannels();
  const own = [`${gateway}v1/report`, wasmUrl];
  const stopHttp = observeHttp(own, !startedBefore);
  startedBefore = true;

  let running = true;
  /** Why it does not. */
  let ended;
  /** The page is closed or put away, or only prerendered: it may never be seen, and is nobody's page yet. */
  let away = document.prerendering;
  let loading = false;
  /** The wasm can run. */
  let loaded = false;
  /** The state machine runs. */
  let deciding = false;
  let pause = FIRST_PAUSE_MS;
  let identity = null;
  let timer;

  const host = createHost(gateway, options.identityToken, {
    told: () => enter(agent_told),
    answered: (...answer) => enter(agent_answered, ...answer),
    known: (known) => (identity = known),
  });

  function sleep(then, ms) {
    clearTimeout(timer);
    if (ms >= 0) timer = setTimeout(then, ms);
  }

  /** What goes wrong in the agent ends it, and is nobody else's error. */
  function fail(error) {
    try {
      halt("the agent has failed and switched itself off", error);
    } catch {}
  }

  /** Tells the state machine what has happened. */
  function enter(event, ...details) {
    if (!deciding) return;
    try {
      // All of the page's own code that is to run runs here, before the state machine does. None where the page
      // is closed: Firefox soon cuts off what its scripts do there, so the closing report is to go at once.
      if (event !== agent_hide) lookAtClient();
      texts[facts.PATH] = location.pathname;
      numbers[facts.VISIBLE] = document.visibilityState === "visible" ? 1 : 0;
      numbers[facts.RECENT_AGE] = Date.now() - numbers[facts.RECENT_AT];
      sleep(tick, event(performance.now(), ...details));
      texts[facts.TAB_RECORD] = undefined;
    } catch (error) {
      fail(error);
    }
  }

  const tick = () => enter(agent_tick, false);

  async function load() {
    try {
      await tryToLoad();
    } catch (error) {
      fail(error);
    }
  }

  /** Loads the wasm, and tries again as long as it can't be had. */
  async function tryToLoad() {
    if (loading || loaded || away) return;
    loading = true;
    const problem = await runWasm(wasmUrl, original.fetch, (error) =>
      halt("WebAssembly can't run here; if the page has a Content-Security-Policy, it needs 'wasm-unsafe-eval'", error),
    );
    // A Content-Security-Policy that forbids it is only told after the failure.
    if (problem) await new Promise((resolve) => setTimeout(resolve));
    loading = false;
    if (!running) return;
    loaded = !problem;
    if (loaded) return decide();
    const message = `${wasmUrl} can't be loaded, which is tried again: ${problem}`;
    if (pause === FIRST_PAUSE_MS) say(message);
    host.settle(message);
    sleep(load, pause * (0.5 + Math.random() / 2));
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }

  /** Lets the state machine begin, after the page's own scripts: who the page is may depend on them. */
  function decide() {
    if (!loaded || deciding || away || document.readyState === "loading") return;
    deciding = true;
    enter((now) => agent_start(host, now));
  }

  function hide() {
    if (deciding) enter(agent_hide);
    else keepRecord(gateway, texts[facts.TAB_RECORD]);
    away = true;
    host.giveUp();
    sleep();
  }

  function show() {
    away = false;
    takeRecord(gateway);
    if (deciding) enter(agent_show);
    else decide();
    load();
  }

  function halt(message, error) {
    if (!running) return;
    release(message);
    say(message, error);
  }

  function release(problem) {
    running = deciding = false;
    ended = problem;
    releaseChannels();
    listeners.abort();
    stopHttp();
    host.giveUp();
    host.settle(problem);
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
  on(document, "visibilitychange", tick);
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
    report: () =>
      new Promise((resolve, reject) => {
        host.addWaiter({ resolve, reject });
        if (!running) host.settle(ended);
        enter(agent_tick, true);
        load();
      }),
    stop() {
      if (!running) return;
      hide();
      if (running) release("the agent is stopped");
    },
    get identity() {
      return identity;
    },
    get traffic() {
      return facts.traffic();
    },
  });
}
