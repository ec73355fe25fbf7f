// The page's own calls: they do what they did, and look as they looked.

import assert from "node:assert/strict";
import { test } from "node:test";

import { identity, report } from "./support/browser.js";
import { inEachBrowser, traffic } from "./support/stage.js";

/** Writes down how everything that is patched looks to a page, and how it fails. */
const LOOK = `
  window.look = async () => {
    const outcome = async (call) => {
      try {
        return String(await call());
      } catch ({ name, message }) {
        return name + ": " + message;
      }
    };
    const owners = { window, "XMLHttpRequest.prototype": XMLHttpRequest.prototype, navigator,
      "Navigator.prototype": Navigator.prototype, "WebSocket.prototype": WebSocket.prototype };
    const methods = [["window", "fetch"], ["window", "WebSocket"], ["window", "XMLHttpRequest"],
      ["XMLHttpRequest.prototype", "open"], ["XMLHttpRequest.prototype", "send"],
      ["Navigator.prototype", "sendBeacon"], ["navigator", "sendBeacon"],
      ["WebSocket.prototype", "send"], ["WebSocket.prototype", "constructor"]];
    const seen = {};
    for (const [owner, name] of methods) {
      const { value, ...descriptor } = Object.getOwnPropertyDescriptor(owners[owner], name) ?? {};
      const method = owners[owner][name];
      seen[owner + "." + name] = { descriptor, name: method.name, length: method.length,
        keys: Reflect.ownKeys(method).map(String), type: typeof method };
    }
    for (const [owner, { prototype }] of Object.entries({ XMLHttpRequest, WebSocket })) {
      seen[owner] = Reflect.ownKeys(prototype).map(String);
    }
    seen.globals = Object.getOwnPropertyNames(window);
    seen.keys = Object.keys(window);
    seen.fetch = window.fetch === self.fetch && window.fetch === fetch;
    seen.states = [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED];
    seen.native = String(WebSocket).includes("[native code]");
    seen.instance = WebSocket.prototype.constructor === WebSocket && Object.getPrototypeOf(WebSocket) === EventTarget;
    for (const [what, call] of Object.entries({
      unbound: () => fetch.call(undefined, "/count/x", { method: "POST", body: "x" }).then(({ status }) => status),
      foreignThis: () => fetch.call({}, "/count/x"),
      noArguments: () => fetch(),
      noUrl: () => fetch("http://["),
      bodyOfGet: () => fetch("/count/x", { body: "x" }),
      construct: () => new fetch(),
      notOpened: () => new XMLHttpRequest().send("x"),
      noMethod: () => new XMLHttpRequest().open(),
      noXhr: () => XMLHttpRequest.prototype.send.call({}, "x"),
      forbidden: () => new XMLHttpRequest().open("TRACE", "/"),
      noNavigator: () => navigator.sendBeacon.call({}, "/"),
      noBeacon: () => navigator.sendBeacon(),
      beaconNoUrl: () => navigator.sendBeacon("http://["),
      noSocket: () => WebSocket.prototype.send.call({}, "x"),
      notConstructed: () => WebSocket("ws://x/"),
      socketNoUrl: () => new WebSocket("http://["),
      socketProtocol: () => new WebSocket("ws://127.0.0.1:1/", "a b"),
    })) seen[what] = await outcome(call);
    return seen;
  };`;

inEachBrowser("a page's calls", (stage) => {
  test("look and fail as they did before the agent came", async () => {
    stage.site.first = LOOK;
    stage.site.tag = "";
    const page = await stage.open();
    const before = await page.evaluate(() => window.look());
    await page.addScriptTag({ url: stage.gateway.url("/agent.js", stage.host) });
    const after = await page.evaluate(() => window.look());
    for (const list of ["globals", "keys"]) {
      assert.deepEqual(after[list].filter((name) => !before[list].includes(name)), ["perspectiveSessionInfo"]);
      before[list] = after[list] = undefined;
    }
    assert.deepEqual(after, before);
    // Of all these one went.
    assert.equal((await traffic(page)).sent.fetch, 1);
    assert.deepEqual(page.errors, []);
    await stage.arrivals(2);
  });

  test("fetch with a Request counts the body that goes; one built before the agent came is unmeasured", async () => {
    stage.site.first = `window.early = new Request("/count/fetch", { method: "POST", body: "early" });`;
    const page = await stage.open();
    const sent = await page.evaluate(async () => {
      const request = () => new Request("/count/fetch", { method: "POST", body: "the request's own" });
      await fetch(request(), { body: "overrides π" });
      await fetch(new Request("/count/fetch"), { method: "PUT", body: new Blob(["blob"]) });
      const own = request();
      await fetch(own.clone());
      await fetch(window.early);
      return [own.bodyUsed, await own.text()];
    });
    assert.deepEqual(sent, [false, "the request's own"]);
    assert.equal(await stage.arrivals(3), 12 + 4 + 17);
    assert.equal(await stage.arrivals(1), 5);
    const { sent: { fetch }, unmeasured } = await traffic(page);
    assert.deepEqual([fetch, unmeasured], [12 + 4 + 17, 1]);
    assert.deepEqual(page.errors, []);
  });

  test("a synchronous XMLHttpRequest waits for its answer, and counts", async () => {
    const page = await stage.open();
    const answer = await page.evaluate(() => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", "/count/xhr", false);
      xhr.overrideMimeType("text/plain");
      xhr.send("synchronous π");
      return [xhr.readyState, xhr.responseText];
    });
    assert.deepEqual(answer, [4, "counted"]);
    assert.equal((await traffic(page)).sent.xhr, await stage.arrivals(1));
    assert.deepEqual(page.errors, []);
  });

  test("what is aborted or times out in flight ends as it should, and counts what was handed over", async () => {
    stage.site.answers["/never"] = () => {};
    const page = await stage.open();
    const ends = await page.evaluate(async () => {
      const post = (signal) =>
        fetch("/never", { method: "POST", body: "12345", signal }).catch((error) => error);
      const aborter = new AbortController();
      const aborted = post(aborter.signal);
      const reason = new Error("the page's own reason");
      aborter.abort(reason);
      const xhr = (begun) =>
        new Promise((resolve) => {
          const request = new XMLHttpRequest();
          for (const type of ["abort", "timeout", "error", "load"]) {
            request.addEventListener(type, () => resolve(type));
          }
          request.open("POST", "/never");
          begun(request);
        });
      return [
        (await aborted) === reason,
        (await post(AbortSignal.timeout(20))).name,
        await xhr((request) => {
          request.timeout = 20;
          request.send("123");
        }),
        await xhr((request) => {
          request.send("1234");
          request.abort();
        }),
      ];
    });
    assert.deepEqual(ends, [true, "TimeoutError", "timeout", "abort"]);
    const { sent } = await traffic(page);
    assert.deepEqual([sent.fetch, sent.xhr], [10, 7]);
  });

  test("workers go on working, and do not count", async () => {
    stage.site.answers["/worker.js"] = (_request, response) => {
      response.setHeader("Content-Type", "text/javascript");
      response.end(`onmessage = async () => {
        await fetch("/count/fetch", { method: "POST", body: "from a worker" });
        const socket = new WebSocket("ws://" + location.host + "/echo");
        socket.onopen = () => socket.send("from a worker");
        socket.onmessage = ({ data }) => postMessage([data, String(fetch).includes("[native code]")]);
      };`);
    };
    const page = await stage.open();
    const heard = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const worker = new Worker("/worker.js");
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage("");
        }),
    );
    assert.deepEqual(heard, ["from a worker", true]);
    assert.equal(await stage.arrivals(2), 26);
    const { sent, received } = await traffic(page);
    assert.deepEqual([sent.fetch, sent.webSocket, received.webSocket], [0, 0, 0]);
  });

  test("a frame without the agent does not count, one with it is a page of its own beside its top page", async () => {
    const page = await stage.open();
    await report(page);
    const top = await identity(page);
    const [bare, framed] = await page.evaluate(async (tag) => {
      const frame = (srcdoc, src) =>
        new Promise((resolve) => {
          const made = document.createElement("iframe");
          Object.assign(made, src ? { src } : { srcdoc });
          made.onload = () => resolve(made.contentWindow);
          document.body.append(made);
        });
      const bare = await frame("<p>bare");
      const post = { method: "POST", body: "in a frame" };
      const { status } = await bare.fetch("/count/fetch", post);
      const framed = await frame(undefined, "/frame");
      const { agent } = framed.perspectiveSessionInfo;
      await framed.fetch("/count/fetch", post);
      while (!agent.identity) await new Promise((resolve) => setTimeout(resolve, 10));
      await agent.report();
      return [status, { identity: agent.identity, sent: agent.traffic.sent.fetch }];
    }, stage.tag);
    assert.equal(await stage.arrivals(2), 20);
    assert.deepEqual([bare, framed.sent, (await traffic(page)).sent.fetch], [200, 10, 0]);
    assert.equal(framed.identity.sessionId, top.sessionId);
    assert.notEqual(framed.identity.pageId, top.pageId);
    const { pageIds } = await stage.listed(page);
    assert.deepEqual(pageIds, [top.pageId, framed.identity.pageId]);
    await page.reload();
    await report(page);
    assert.deepEqual(await identity(page), top, "the top page's place in its tab is its own");
  });
});
