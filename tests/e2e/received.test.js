// What HTTP brings to a page, as far as the browser tells.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { eventually, report } from "./support/browser.js";
import { Site } from "./support/site.js";
import { inEachBrowser, traffic } from "./support/stage.js";

const text = "π".repeat(5_000);

/** Responses of every kind, by path. */
const answers = {
  // Firefox records this request too.
  "/favicon.ico": (_request, response) => response.writeHead(204).end(),
  "/plain": (_request, response) => response.end("12345"),
  "/compressed": (_request, response) => {
    response.setHeader("Content-Encoding", "gzip");
    response.end(gzipSync(text));
  },
  "/error": (_request, response) => response.writeHead(500).end("sorry"),
  "/nothing": (_request, response) => response.writeHead(204).end(),
  "/redirected": (_request, response) => response.writeHead(302, { Location: "/plain" }).end("not shown"),
  "/kept": (_request, response) => {
    response.setHeader("Cache-Control", "max-age=1000");
    response.end("1234567");
  },
  "/asked-again": (request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("ETag", '"x"');
    if (request.headers["if-none-match"]) response.writeHead(304).end();
    else response.end("123456789");
  },
  "/broken": (request) => request.socket.destroy(),
  "/open": (_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Timing-Allow-Origin", "*");
    response.end("123");
  },
  "/readable": (_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.end("1234");
  },
  "/timed": (_request, response) => {
    response.setHeader("Timing-Allow-Origin", "*");
    response.end("123456");
  },
};

inEachBrowser("responses", (stage) => {
  let foreign;
  before(async () => (foreign = await Site.start()));
  after(() => foreign.stop());

  const open = async (attributes = "") => {
    stage.site.answers = foreign.answers = answers;
    stage.site.tag += attributes;
    const page = await stage.open();
    await settled(page);
    return page;
  };

  /** Waits until the agent has seen the browser's record: with this entry it has seen those before. */
  const settled = async (page) => {
    const before = (await traffic(page)).received.http;
    await page.evaluate(() => fetch("/plain").then((response) => response.text()));
    await eventually(() => traffic(page), ({ received }) => received.http >= before + 5);
  };

  /** Fetches, and says by how much `received.http` and `unmeasured` have grown. */
  const grown = async (page, url, init = {}) => {
    const before = await traffic(page);
    await page.evaluate(async (url, init) => {
      const { href } = new URL(url, location.href);
      const recorded = () => performance.getEntriesByName(href).length;
      const before = recorded();
      try {
        await (await fetch(url, init)).text();
      } catch {}
      while (recorded() === before) await new Promise((resolve) => setTimeout(resolve, 10));
    }, url, init);
    await settled(page);
    const after = await traffic(page);
    return [after.received.http - before.received.http - 5, after.unmeasured - before.unmeasured];
  };

  test("count with their bodies as the page sees them, compressed or not", async () => {
    const page = await open();
    for (const [path, bytes] of [
      ["/plain", 5],
      ["/compressed", 10_000],
      ["/error", 5],
      ["/nothing", 0],
      ["/redirected", 5],
    ]) {
      assert.deepEqual([path, ...(await grown(page, path))], [path, bytes, 0]);
    }
    assert.equal((await stage.listed(page)).detail.received.http, (await traffic(page)).received.http);
  });

  test("count nothing out of the cache, nor when they never came", async () => {
    const page = await open();
    assert.deepEqual(await grown(page, "/kept"), [7, 0]);
    assert.deepEqual(await grown(page, "/kept"), [0, 0]);
    assert.deepEqual(await grown(page, "/broken"), [0, 0]);
    assert.deepEqual(await grown(page, "/asked-again"), [9, 0]);
    // Firefox records a response that was still good in the cache as if it had come again.
    assert.deepEqual(await grown(page, "/asked-again"), [stage.name === "Firefox" ? 9 : 0, 0]);
  });

  test("of a foreign origin count where it is configured, as one unmeasured where it hides them", async () => {
    const page = await open(` data-origins="${foreign.url("", stage.host)}"`);
    const from = (path, init) => grown(page, foreign.url(path, stage.host), init);
    assert.deepEqual(await from("/open"), [3, 0]);
    assert.deepEqual(await from("/readable"), [0, 1]);
    assert.deepEqual(await from("/plain", { mode: "no-cors" }), [0, 1]);
    // Its length is shown by Chromium alone.
    const timed = stage.name === "Firefox" ? [0, 1] : [6, 0];
    assert.deepEqual(await from("/timed", { mode: "no-cors" }), timed);
  });

  test("of an origin that is not configured count nothing", async () => {
    const page = await open();
    const from = (path, init) => grown(page, foreign.url(path, stage.host), init);
    assert.deepEqual(await from("/open"), [0, 0]);
    assert.deepEqual(await from("/plain", { mode: "no-cors" }), [0, 0]);
  });

  test("to the agent's own requests count nothing, where the gateway's origin counts too", async () => {
    const page = await open(` data-origins="${stage.gateway.url("", stage.host)}"`);
    const before = await traffic(page);
    for (let i = 0; i < 3; i++) await report(page);
    await settled(page);
    const { sent, received, unmeasured } = await traffic(page);
    assert.equal(received.http, before.received.http + 5);
    assert.deepEqual([sent, unmeasured], [before.sent, before.unmeasured]);
  });
});
