// What a call costs: the patched method over the browser's own.

import { openPage } from "../e2e/support/browser.js";
import { interval, median, ratios } from "./statistics.js";

/**
 * Calls in one batch, for each size in bytes: enough for the clock's 5 µs, few enough to be seldom interrupted, and
 * for the pipe of 64 KiB to the browser's network process.
 */
const SENDS = { 64: 128, 1024: 48, 65_536: 8, 1_048_576: 1 };
export const SEND_ROUNDS = 1500;
const REQUESTS = 6;
export const REQUEST_ROUNDS = 200;
const BODY = 1024;

/** A ratio with its confidence interval. */
const ratio = (above, below) => {
  const all = ratios(above, below);
  return { median: median(all), interval: interval(all) };
};

/** `WebSocket.send`: for each size the agent's over the browser's own, and the browser's own over itself. */
export async function measureSends(browser, url) {
  const results = {};
  for (const [size, times] of Object.entries(SENDS)) {
    const page = await openPage(browser, url("agent"));
    const taken = await page.evaluate(
      async (size, times, rounds) => {
        const socket = new WebSocket(`ws://${location.host}/`);
        await new Promise((resolve) => (socket.onopen = resolve));
        const data = "x".repeat(size);
        const subject = (methods) => window.sender(socket, methods, data);
        const subjects = { agent: subject(window.present()), bare: subject(window.bare), again: subject(window.bare) };
        return window.rounds(subjects, times, rounds);
      },
      Number(size),
      times,
      SEND_ROUNDS,
    );
    await page.close();
    results[size] = { agent: ratio(taken.agent, taken.bare), noise: ratio(taken.again, taken.bare) };
  }
  return results;
}

/** `fetch` and XMLHttpRequest with a text of 1 KB: each instrumentation in a frame of its own, all in each round. */
export async function measureRequests(browser, url, names) {
  const results = {};
  for (const [channel, subject] of [["`fetch`", "fetcher"], ["XMLHttpRequest", "requester"]]) {
    const page = await openPage(browser, url("bare"));
    const taken = await page.evaluate(
      async (subject, urls, size, times, rounds) => {
        const body = "x".repeat(size);
        const subjects = {};
        for (const [name, url] of Object.entries(urls)) {
          const frame = await window.frame(url);
          subjects[name] = frame[subject](frame.present(), body);
          subjects[`${name}, bare`] = frame[subject](frame.bare, body);
        }
        return window.rounds(subjects, times, rounds);
      },
      subject,
      Object.fromEntries(["bare", ...names].map((name) => [name, url(name)])),
      BODY,
      REQUESTS,
      REQUEST_ROUNDS,
    );
    await page.close();
    results[channel] = Object.fromEntries(
      ["bare", ...names].map((name) => [name, ratio(taken[name], taken[`${name}, bare`])]),
    );
  }
  return results;
}
