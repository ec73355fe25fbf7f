import { RECEIVED_HTTP, UNMEASURED, numbers } from "../facts.js";
import { isCounted } from "../origins.js";

/**
 * Counts what HTTP responses have brought, without touching one: from the browser's own record of them.
 * @param {string[]} own the agent's own URLs, which do not count
 * @param {boolean} buffered whether what the browser has recorded before counts too
 * @returns {() => void} stops
 */
export function observeHttp(own, buffered) {
  const observer = new PerformanceObserver((list) => {
    for (const { name, transferSize, decodedBodySize, requestStart } of list.getEntries()) {
      if (own.includes(name) || !isCounted(name)) continue;
      // Out of the cache nothing is received.
      if (transferSize > 0) numbers[RECEIVED_HTTP] += decodedBodySize;
      // Resource Timing, "timing allow check": another origin that has not said so shows nothing of it.
      else if (requestStart === 0) numbers[UNMEASURED]++;
    }
  });
  observer.observe({ type: "resource", buffered });
  return () => observer.disconnect();
}
