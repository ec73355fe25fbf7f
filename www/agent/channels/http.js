import { RECEIVED_HTTP, UNMEASURED, numbers } from "../facts.js";
import { isCounted } from "../origins.js";

/**
 * Counts what HTTP responses have brought, without touching one: from the browser's own record of them.
 * @param {string[]} own the agent's own URLs, which do not count
 * @param {boolean} buffered whether what the browser has recorded before counts too
 * @returns {() => void} stops
 */
export function observeHttp(own, buffered) {
  const count = (entry) => {
    const { name, transferSize, encodedBodySize, decodedBodySize } = entry;
    if (own.includes(name) || !isCounted(name)) return;
    // Resource Timing, "timing allow check": another origin that has not said so shows nothing of it, or no sizes.
    // From the page's own origin only a request that has failed looks so.
    if (entry.requestStart === 0 || (entry.responseStatus === 0 && decodedBodySize === 0)) {
      if (new URL(name).origin !== location.origin) numbers[UNMEASURED]++;
    }
    // By definition 300 more than the body's bytes; less where it came out of the cache.
    else if (transferSize - encodedBodySize >= 300) numbers[RECEIVED_HTTP] += decodedBodySize;
  };
  const observer = new PerformanceObserver((list) => {
    try {
      for (const entry of list.getEntries()) count(entry);
    } catch {}
  });
  observer.observe({ type: "resource", buffered });
  return () => observer.disconnect();
}
