// Keeps a list of sessions fresh: follows the gateway's events where it has them, else asks `src` again and again.
//
// One request at a time; none while the document is hidden; after a failure at growing distances. Closing it ends all
// of it.

import { Events } from "./events.js";
import { Request } from "./request.js";

/** From one answer to the next question, in milliseconds. */
const INTERVAL = 2_000;
/** How often that doubles, at most, while requests fail. */
const MAX_DOUBLINGS = 3;
/** What a gateway answers that has no events. */
const NO_EVENTS = [404, 405, 501];
/** As much of an answer is kept for the error message, in bytes. */
const MAX_KEPT = 1 << 16;

/**
 * @typedef {object} Sink what is done with it
 * @property {(list: boolean) => void} begin JSON begins: a list, or changes of one
 * @property {(piece: Uint8Array) => number} push 0, or 1 where it is no JSON
 * @property {(aged: boolean) => number} finish 0, or 1 where it is no JSON, or 2 where it is no list
 * @property {(state: string, detail?: number) => void} state
 * @property {(error: Error) => void} fail
 */

export class Feed {
  #sink;
  #failures = 0;
  #hasEvents = true;
  #paused = false;
  /** Ends the request that is on its way. */
  #abort = null;
  #next = 0;
  #visible = () => this.#visibilityChanged();

  /**
   * Starts; nothing is handed to the sink before this returns.
   *
   * @param {{ src: string, username: string, project: string, token: string, live: boolean }} source
   * @param {Sink} sink
   */
  constructor(source, sink) {
    this.source = source;
    this.#sink = sink;
    document.addEventListener("visibilitychange", this.#visible);
    // Attributes that are set one after the other restart the feed each time: only the last restart gets to ask.
    this.#askAfter(0);
  }

  close() {
    document.removeEventListener("visibilitychange", this.#visible);
    this.#stop();
  }

  get paused() {
    return this.#paused;
  }

  pause() {
    this.#paused = true;
    this.#stop();
    this.#sink.state("paused");
  }

  /** Goes on after a pause, or tries again at once. */
  resume() {
    this.#paused = false;
    this.#stop();
    this.#sink.state("loading");
    this.#ask();
  }

  #stop() {
    clearTimeout(this.#next);
    this.#next = 0;
    this.#abort?.abort();
    this.#abort = null;
  }

  #visibilityChanged() {
    if (!this.source.live || this.#paused) return;
    // An answer that is on its way is taken; a stream would go on for ever.
    if (!document.hidden) this.#ask();
    else if (this.#streams) this.#stop();
    else clearTimeout(this.#next);
  }

  #streams = false;

  #askAfter(ms) {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#ask(), ms);
  }

  async #ask() {
    clearTimeout(this.#next);
    if (this.#abort || (this.source.live && document.hidden)) return;
    const { signal } = (this.#abort = new AbortController());
    let wait = INTERVAL;
    try {
      const request = Request.toSource(this.source.src, this.source, this.source.token);
      const events = this.source.live && this.#hasEvents ? request.events() : null;
      if (events && (await this.#follow(events, signal))) wait = this.#retry;
      else if (!signal.aborted) await this.#get(request, signal);
      if (signal.aborted) return;
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#abort = null;
      // What is wrong with the address or the token stays wrong: no use to ask again.
      const refused = [401, 403].includes(error.status);
      const again = this.source.live && !refused && !error.field;
      wait = INTERVAL << Math.min(this.#failures, MAX_DOUBLINGS);
      this.#sink.state(refused ? "refused" : again ? "reconnecting" : "failed", wait / 1_000);
      if (again && !document.hidden) this.#askAfter(wait);
      this.#sink.fail(error);
      return;
    }
    this.#abort = null;
    if (this.source.live && !document.hidden) this.#askAfter(wait);
  }

  /** How long to wait for a stream that has ended, in milliseconds. */
  #retry = INTERVAL;

  /** Follows the events to their end; whether there are any. */
  async #follow(request, signal) {
    let open;
    try {
      open = await request.open(signal);
    } catch (error) {
      if (!NO_EVENTS.includes(error.status)) throw error;
      this.#hasEvents = false;
      return false;
    }
    const { response, lost, begun, done } = open;
    begun();
    this.#streams = true;
    try {
      if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        this.#hasEvents = false;
        return false;
      }
      let wanted = false;
      let bad = 0;
      const events = new Events({
        begin: (name) => {
          wanted = name === "snapshot" || name === "changes";
          if (wanted) this.#sink.begin(name === "snapshot");
        },
        data: (piece) => {
          if (wanted) bad ||= this.#sink.push(piece);
        },
        end: () => {
          if (wanted) bad ||= this.#sink.finish(true);
          if (!bad) this.#failures = 0;
        },
        retry: (ms) => (this.#retry = ms),
      });
      await pieces(response, signal, lost, (piece) => {
        events.push(piece);
        if (bad) throw request.notAList(response, "");
      });
      return true;
    } finally {
      this.#streams = false;
      done();
    }
  }

  /** Asks for the list once. */
  async #get(request, signal) {
    const { response, lost, done } = await request.open(signal);
    try {
      this.#sink.begin(true);
      let kept = "";
      let bad = 0;
      const decoder = new TextDecoder();
      await pieces(response, signal, lost, (piece) => {
        if (kept.length < MAX_KEPT) kept += decoder.decode(piece.subarray(0, MAX_KEPT), { stream: true });
        bad ||= this.#sink.push(piece);
      });
      if (signal.aborted) return;
      if (bad || this.#sink.finish(false)) throw request.notAList(response, kept);
    } finally {
      done();
    }
  }
}

/** Hands on a body piece by piece. */
async function pieces(response, signal, lost, take) {
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw lost();
    });
    if (done || signal.aborted) return;
    take(value);
  }
}
