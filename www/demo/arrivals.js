/** What the server says that it has received from this page. */

import { ask } from "./session.js";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

/**
 * @typedef {{ webSocket: number, fetch: number, xhr: number, beacon: number }} Counts bytes, or sends
 * @typedef {Counts & { since: string, sends: Counts }} Received `since` is another text when the server's
 *   counts began again from zero
 */

export class Arrivals {
  /** Beacons that the browser has accepted since the start of this page. */
  beacons = 0;
  #url;
  #since = "";
  #before = { webSocket: 0, beacon: 0 };

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /** @returns {Promise<Received>} */
  read() {
    return ask(this.#url);
  }

  /**
   * Tells apart what the server received before and what it is still to receive. To be called while
   * nothing is under way: before a socket is opened.
   * @param {Received} received @param {number} messages those handed to the page's sockets so far
   */
  begin({ since, sends }, messages) {
    if (since === this.#since) return;
    this.#since = since;
    this.#before = { webSocket: sends.webSocket - messages, beacon: sends.beacon - this.beacons };
  }

  /** Resolves when the first `count` messages of this page's sockets have arrived. @param {number} count */
  ofMessages(count) {
    return this.#of("webSocket", count);
  }

  /** Resolves when the first `count` beacons of this page have arrived. @param {number} count */
  ofBeacons(count) {
    return this.#of("beacon", count);
  }

  // No frame and no answer says that a message or a beacon has arrived, so the server is asked for its count.
  async #of(channel, count) {
    const since = this.#since;
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      const received = await this.read();
      if (received.since !== since) throw new Error("The server was started again in between.");
      if (received.sends[channel] >= this.#before[channel] + count) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new Error(`The server has not received it within ${PATIENCE_MS / 1000} s.`);
  }
}
