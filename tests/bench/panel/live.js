// What the page's main thread does while a thousand sessions a second change and somebody scrolls through all of them.

import { MANY, openGrid } from "./rounds.js";

const SECONDS = 20;
const EVERY_MS = 100;
/** Pixels in each frame: about a row. */
const STEP = 30;
/** What a screen takes. */
const FRAME_MS = 1_000 / 60;

/** The longest task in milliseconds, the share of frames that were not shown, and the changes that were taken in time. */
export async function measureLive(browser, url) {
  const page = await openGrid(browser, url);
  await page.evaluate((count) => window.bench.show(count), MANY);
  const plan = { seconds: SECONDS, batches: (SECONDS * 1_000) / EVERY_MS, everyMs: EVERY_MS, step: STEP };
  await page.evaluate((plan) => window.bench.prepare(plan), plan);
  await page.tracing.start({ categories: ["-*", "disabled-by-default-devtools.timeline", "__metadata"] });
  const frames = await page.evaluate((plan) => window.bench.live(plan), plan);
  const { traceEvents } = JSON.parse(Buffer.from(await page.tracing.stop()).toString());
  await page.browserContext().close();
  const shown = frames.length - 1;
  const due = (frames[shown] - frames[0]) / FRAME_MS;
  return { longest: longestTask(traceEvents), dropped: Math.max(0, 1 - shown / due) };
}

/**
 * Of the pages' main threads; those that are not measured rest. In the thread's own time: what other programs take from
 * it does not count.
 */
function longestTask(events) {
  const threads = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const main = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name === "RunTask" && main.has(`${pid} ${tid}`));
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1_000), 0);
}
