// What goes wrong in the agent, or with what a page has done to its own globals, never reaches the page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import binaryen from "binaryen";

import { ANSWERED, HIDE, START, TICK, TOLD } from "../../www/agent/events.js";
import { eventually, newPage, report } from "./support/browser.js";
import { inEachBrowser, traffic } from "./support/stage.js";

const WASM = new URL("../../dist/agent/agent.wasm", import.meta.url);

/** The agent's wasm, which traps when it is told this. */
async function trapping(event) {
  const module = binaryen.readBinary(await readFile(WASM));
  const exports = Array.from({ length: module.getNumExports() }, (_, i) => module.getExportByIndex(i));
  const { name, value } = exports
    .map((each) => binaryen.getExportInfo(each))
    .find(({ kind }) => kind === binaryen.ExternalFunction);
  const { i32 } = binaryen;
  const told = () => module.local.get(0, i32);
  const isIt = module.i32.eq(told(), module.i32.const(event));
  const traps = module.if(isIt, module.unreachable(), module.call(value, [told()], i32));
  module.removeExport(name);
  module.addFunction("trapping", i32, i32, [], traps);
  module.addFunctionExport("trapping", name);
  return module.emitBinary();
}

/** Everything that a page could notice of an error. */
const WATCH = `
  window.whole = { Promise };
  window.noticed = [];
  addEventListener("error", ({ message }) => noticed.push(message));
  addEventListener("unhandledrejection", ({ reason }) => noticed.push(String(reason)));`;

inEachBrowser("a page", (stage) => {
  /** Opens a page, of which it is written down what its agent says. */
  const open = async (path = "/") => {
    stage.site.first = WATCH + stage.site.first;
    const page = await newPage(await stage.context());
    page.said = [];
    page.on("console", (message) => {
      if (message.text().startsWith("Perspective Session Info: ")) page.said.push(message.text());
    });
    await page.goto(stage.url(path));
    return page;
  };
  /** Sends by every channel, hears from a socket, and sees all of it arrive. */
  const sendsEverything = async (page) => {
    await page.evaluate(
      () =>
        new window.whole.Promise((resolve) => {
          const xhr = new XMLHttpRequest();
          xhr.open("POST", "/count/xhr", false);
          xhr.overrideMimeType("text/plain");
          xhr.send("12345");
          fetch("/count/fetch", { method: "POST", body: "1234" });
          navigator.sendBeacon("/count/beacon", "123");
          const socket = new WebSocket("ws://" + location.host + "/echo");
          socket.onopen = () => socket.send("12");
          socket.onmessage = () => resolve(1);
        }),
    );
    assert.equal(await stage.arrivals(4), 14);
  };
  const nothingNoticed = async (page) => {
    // As text, because the driver's own ways need the page's arrays too.
    assert.equal(await page.evaluate(() => { let all = ""; for (let i = 0; i < noticed.length; i++) all += noticed[i] + "\n"; return all; }), "");
    assert.deepEqual(page.errors, []);
  };

  for (const [name, event] of Object.entries({ START, TICK, TOLD, ANSWERED, HIDE })) {
    test(`stays as it was when the wasm traps at ${name}: the agent says so once and switches itself off`, async () => {
      const wasm = await trapping(event);
      stage.site.answers["/npm/agent.wasm"] = (_request, response) => {
        response.setHeader("Content-Type", "application/wasm");
        response.end(wasm);
      };
      stage.site.tag = `src="/npm/agent.js" data-project="MyProject" data-gateway="${stage.gateway.url("", stage.host)}"`;
      const page = await open();
      if (event === HIDE) {
        await report(page);
        await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
      }
      await eventually(() => page.said, (said) => said.length > 0);
      const refusal = page.evaluate(() => window.perspectiveSessionInfo.agent.report());
      await assert.rejects(refusal, /failed and switched itself off/);
      const { sent } = await traffic(page);
      await sendsEverything(page);
      assert.deepEqual((await traffic(page)).sent, sent, "nothing counts any more");
      assert.equal(page.said.length, 1, page.said.join("\n"));
      await nothingNoticed(page);
    });
  }

  const THROWS = "() => { throw new Error('not the agent\\'s') }";
  for (const [what, hostile] of Object.entries({
    "arrays and texts": `
      for (const name of ["map", "filter", "every", "push", "includes", "splice", "fill", "flat"]) Array.prototype[name] = ${THROWS};
      for (const name of ["replace", "split", "slice", "charCodeAt", "startsWith"]) String.prototype[name] = ${THROWS};`,
    "numbers, objects and responses": `
      for (const [owner, name] of [[Math, "random"], [crypto, "getRandomValues"], [Object, "freeze"], [Object, "entries"],
        [JSON, "parse"], [JSON, "stringify"], [Response.prototype, "json"], [Response.prototype, "arrayBuffer"]]) {
        owner[name] = ${THROWS};
      }`,
    "promises": `Promise.prototype.then = Promise.prototype.catch = ${THROWS}; window.Promise = class {};`,
    "the clock": `performance.now = Date.now = ${THROWS};`,
    "timers and the console": `window.setTimeout = window.clearTimeout = console.warn = ${THROWS};`,
    "URLs": `window.URL = class { constructor() { throw new Error("not the agent's") } };`,
    "controllers and maps": `
      window.AbortController = class { constructor() { throw new Error("not the agent's") } };
      AbortSignal.timeout = WeakMap.prototype.get = WeakMap.prototype.set = Set.prototype.has = ${THROWS};`,
  })) {
    test(`that has broken ${what} sends as ever and sees no error of the agent's`, async () => {
      for (const when of ["first", "later"]) {
        stage.site.reset();
        stage.site.tag = stage.tag;
        if (when === "first") stage.site.first = hostile;
        const page = await open();
        if (when === "later") {
          await report(page);
          await page.evaluate(`${hostile} undefined`);
        }
        await sendsEverything(page);
        await page.evaluate(() => {
          dispatchEvent(new PageTransitionEvent("pagehide"));
          dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
          document.dispatchEvent(new Event("visibilitychange"));
        });
        await sendsEverything(page);
        assert.ok(page.said.length <= 1, `${when}: ${page.said.join("\n")}`);
        await nothingNoticed(page);
      }
    });
  }

  test("has its socket's token, and what stands behind its path, in no report", async () => {
    const reports = [];
    stage.site.answers["/v1/report"] = async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      reports.push(body);
      response.setHeader("Content-Type", "application/json");
      response.end("{}");
    };
    stage.site.tag = `src="/npm/agent.js" data-project="MyProject" data-gateway="${stage.url("/")}"`;
    const page = await open("/page?token=the-secret#the-secret");
    await page.evaluate(async () => {
      const socket = new WebSocket(`ws://${location.host}/system/pws/MyProject/0123abcd?token=the-secret`);
      await new Promise((resolve) => (socket.onopen = resolve));
      socket.send("client-activity:{}");
    });
    await report(page);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
    await eventually(() => reports, (all) => all.some((body) => JSON.parse(body).closing));
    const { path, sent } = JSON.parse(reports.at(-1));
    assert.deepEqual([path, sent.webSocket], ["/page", 18]);
    assert.ok(!reports.join().includes("secret"));
  });
});

// Only Chromium's DevTools tell of listeners, and collect garbage when they are asked to.
inEachBrowser("a page's memory", (stage) => {
  /** The bytes in use when all that can go is gone. */
  const heap = async (devTools) => {
    await devTools.send("HeapProfiler.collectGarbage");
    return (await devTools.send("Runtime.getHeapUsage")).usedSize;
  };
  const listeners = async (devTools) => {
    const all = [];
    for (const expression of ["window", "document"]) {
      const { result } = await devTools.send("Runtime.evaluate", { expression });
      const { listeners } = await devTools.send("DOMDebugger.getEventListeners", { objectId: result.objectId });
      all.push(...listeners.map(({ type }) => `${expression} ${type}`));
    }
    return all.sort();
  };

  test("is as before when the agent was started and stopped 500 times, and so are listeners and timers", async () => {
    stage.site.tag = "";
    stage.site.first = `
      window.timers = new Set();
      const { setTimeout, clearTimeout } = window;
      window.setTimeout = (run, ms) => {
        const timer = setTimeout(() => (timers.delete(timer), run()), ms);
        timers.add(timer);
        return timer;
      };
      window.clearTimeout = (timer) => (timers.delete(timer), clearTimeout(timer));`;
    const page = await stage.open();
    const devTools = await page.createCDPSession();
    const startAndStop = (times) =>
      page.evaluate(async (times, gateway) => {
        const { startAgent } = await import("/npm/index.js");
        for (let i = 0; i < times; i++) {
          const agent = startAgent({ gateway, project: "MyProject" });
          // Some get as far as a report.
          if (i % 20 === 0) await agent.report();
          agent.stop();
        }
        // The browser's own record of requests, which is bounded.
        performance.clearResourceTimings();
        return window.timers.size;
      }, times, stage.gateway.url("", stage.host));
    const before = await listeners(devTools);
    await startAndStop(50);
    const used = await heap(devTools);
    assert.equal(await startAndStop(500), 0);
    assert.deepEqual(await listeners(devTools), before);
    assert.ok((await heap(devTools)) - used < 200_000);
  });

  test("does not grow while the gateway is away for a day, of which the page is told once", async () => {
    stage.site.first = `
      let now = 1e6, timers = [], id = 0;
      window.real = { fetch, setTimeout };
      performance.now = () => now;
      Date.now = () => now;
      window.setTimeout = (run, ms) => (timers.push({ run, at: now + ms, id: ++id }), id);
      window.clearTimeout = (id) => (timers = timers.filter((timer) => timer.id !== id));
      window.asked = 0;
      window.fetch = async (url, init) => {
        if (!window.gone || !String(url).endsWith("/v1/report")) return real.fetch.call(window, url, init);
        window.asked++;
        throw new TypeError("Failed to fetch");
      };
      window.live = async (ms) => {
        for (const end = now + ms; ; ) {
          const next = timers.reduce((a, b) => (b.at < (a?.at ?? Infinity) ? b : a), undefined);
          if (!(next?.at <= end)) return (now = end), timers.length;
          timers = timers.filter((timer) => timer !== next);
          now = Math.max(now, next.at);
          next.run();
          // What follows at once, up to the next timer.
          for (let i = 0; i < 12; i++) await undefined;
        }
      };`;
    const page = await newPage(await stage.context());
    const said = [];
    page.on("console", (message) => said.push(message.text()));
    await page.goto(stage.url("/"));
    const devTools = await page.createCDPSession();
    const live = (ms) => page.evaluate((ms) => window.live(ms), ms);
    await eventually(async () => {
      await live(1_000);
      return page.evaluate(() => window.perspectiveSessionInfo.agent.identity);
    }, (known) => known);
    await page.evaluate(() => (window.gone = true));
    await live(3_600_000);
    // A visible page is looked at every second: a day of that would take the test long.
    await page.evaluate(() => Object.defineProperty(document, "visibilityState", { value: "hidden" }));
    const used = await heap(devTools);
    const timers = await live(23 * 3_600_000);
    assert.equal(timers, 1);
    assert.ok((await heap(devTools)) - used < 200_000);
    assert.ok((await page.evaluate(() => window.asked)) >= 24 * 60);
    assert.equal(said.length, 1, said.join("\n"));
    await page.evaluate(() => (window.gone = false));
    await page.evaluate(() => fetch("/count/fetch", { method: "POST", body: "12345" }).then(() => {}));
    await eventually(async () => {
      await live(1_000);
      return (await stage.gateway.sessions()).reduce((sum, { totalBytesSent }) => sum + totalBytesSent, 0);
    }, (total) => total === 5);
  });
}, { browsers: ["Chromium"] });
