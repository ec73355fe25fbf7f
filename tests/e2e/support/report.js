// A report as an agent sends it, from a page of the test's own.

import assert from "node:assert/strict";

/** A report, of which `more` is said. */
export function reportOf(more) {
  return {
    v: 1,
    project: "MyProject",
    sessionId: "session",
    key: "0123456789abcdef0123456789abcdef",
    token: null,
    pageId: "page",
    load: "load",
    seq: 1,
    leaseMs: 600_000,
    closing: false,
    scope: "browser",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    path: "/overview",
    visible: true,
    sent: { webSocket: 0, fetch: 0, xhr: 0, beacon: 0 },
    received: { webSocket: 0, http: 0 },
    recentSent: 0,
    recentAgeMs: 0,
    unmeasured: 0,
    ...more,
  };
}

/** Sends a report to a gateway, of which `more` is said. */
export async function sendReport(gateway, more = {}) {
  const response = await fetch(gateway.url("/v1/report"), { method: "POST", body: JSON.stringify(reportOf(more)) });
  assert.equal(response.status, 200, await response.text());
}
