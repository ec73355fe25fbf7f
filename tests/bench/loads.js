// What instrumentation adds to a page's load.

import { median } from "./statistics.js";

export const LOADS = 10;
/** After the load: by then a page is at rest, and the agent has reported. */
const REST_MS = 500;

/**
 * For each instrumentation, in milliseconds: what it adds to the time that the main thread has worked half a second
 * after the load, and to the time to interactive (the end of DOMContentLoaded, or of the last task of 50 ms or more).
 */
export async function measureLoads(browser, url, names) {
  const taken = Object.fromEntries(["bare", "again", ...names].map((name) => [name, []]));
  for (let load = 0; load <= LOADS; load++) {
    const order = Object.keys(taken).sort(() => Math.random() - 0.5);
    for (const name of order) {
      const result = await measureLoad(browser, url, name);
      // The first load fills the caches.
      if (load > 0) taken[name].push(result);
    }
  }
  const added = (name, what) => median(taken[name].map((result, load) => result[what] - taken.bare[load][what]));
  const result = (name) => ({ worked: added(name, "worked"), interactive: added(name, "interactive") });
  return { bare: result("again"), ...Object.fromEntries(names.map((name) => [name, result(name)])) };
}

async function measureLoad(browser, url, name) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    window.longTaskEnd = 0;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.longTaskEnd = startTime + duration;
    }).observe({ type: "longtask", buffered: true });
  });
  const session = await page.createCDPSession();
  // The thread's own time: what other programs take from it does not count.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(url(name === "again" ? "bare" : name));
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const { metrics } = await session.send("Performance.getMetrics");
  const worked = metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  const { interactive, reported } = await page.evaluate(() => {
    const [{ domContentLoadedEventEnd }] = performance.getEntriesByType("navigation");
    return {
      interactive: Math.max(domContentLoadedEventEnd, window.longTaskEnd),
      reported: performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/v1/report")),
    };
  });
  await page.close();
  // On a machine that is busy with other things it takes longer now and then: another load, then.
  return name === "agent" && !reported ? measureLoad(browser, url, name) : { worked, interactive };
}
