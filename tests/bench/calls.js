// What a call costs: the patched method over the browser's own.

import { openPage } from "../e2e/support/browser.js";
import { interval, median, ratios } from "./statistics.js";

/**
 * Calls in one batch, for each size in bytes: enough for the clock's 5 µs, few enough to be seldom interrupted, and
 * for the pipe of 64 KiB to the browser's network process.
 */
const SENDS = { 64: 128, 1024: 48, 65_536: 8, 1_048_576: 1 };
const REQUESTS = 6;
const BODY = 1024;

/** How long each of the measurements goes on, so that it ends on a busy machine too. */
const DURATION_MS = 20_000;
const ROUNDS_AT_A_TIME = 20;

/** A ratio with its confidence interval, and from how many rounds. */
const ratio = (above, below) => {
  const all = ratios(above, below);
  return { median: median(all), interval: interval(all), rounds: all.length };
};

/** Has the page time its `subjects`, round after round, as long as that may last. */
async function takeRounds(page, times) {
  const taken = {};
  for (const end = performance.now() + DURATION_MS; performance.now() < end; ) {
    const more = await page.evaluate(
      (times, rounds) => window.rounds(window.subjects, times, rounds),
      times,
      ROUNDS_AT_A_TIME,
    );
    for (const [name, values] of Object.entries(more)) (taken[name] ??= []).push(...values);
  }
  await page.close();
  return taken;
}

/** `WebSocket.send`: for each size the agent's over the browser's own, and the browser's own over itself. */
export async function measureSends(browser, url) {
  const results = {};
  for (const [size, times] of Object.entries(SENDS)) {
    const page = await openPage(browser, url("agent"));
    await page.evaluate(async (size) => {
      const socket = new WebSocket(`ws://${location.host}/`);
      await new Promise((resolve) => (socket.onopen = resolve));
      const data = "x".repeat(size);
      const subject = (methods) => window.sender(socket, methods, data);
      window.subjects = { agent: subject(window.present()), bare: subject(window.bare), again: subject(window.bare) };
    }, Number(size));
    const taken = await takeRounds(page, times);
    results[size] = { agent: ratio(taken.agent, taken.bare), noise: ratio(taken.again, taken.bare) };
  }
  return results;
}

/** `fetch` and XMLHttpRequest with a text of 1 KB: each instrumentation in a frame of its own, all in each round. */
export async function measureRequests(browser, url, names) {
  const results = {};
  for (const [channel, subject] of [["`fetch`", "fetcher"], ["XMLHttpRequest", "requester"]]) {
    const page = await openPage(browser, url("bare"));
    await page.evaluate(
      async (subject, urls, size) => {
        const body = "x".repeat(size);
        window.subjects = {};
        for (const [name, url] of Object.entries(urls)) {
          const frame = await window.frame(url);
          window.subjects[name] = frame[subject](frame.present(), body);
          window.subjects[`${name}, bare`] = frame[subject](frame.bare, body);
        }
      },
      subject,
      Object.fromEntries(["bare", ...names].map((name) => [name, url(name)])),
      BODY,
    );
    const taken = await takeRounds(page, REQUESTS);
    results[channel] = Object.fromEntries(
      ["bare", ...names].map((name) => [name, ratio(taken[name], taken[`${name}, bare`])]),
    );
  }
  return results;
}
