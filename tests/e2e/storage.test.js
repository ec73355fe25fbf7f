// Browsers that refuse, fill up or clear their storage: the agent goes on in memory.

import assert from "node:assert/strict";
import { test } from "node:test";

import { identity, report } from "./support/browser.js";
import { inEachBrowser } from "./support/stage.js";

/** Each makes storage useless, in the page and before the agent. */
const REFUSALS = {
  "is refused": `
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get() { throw new DOMException("refused", "SecurityError"); } });
    }`,
  "is not there": `
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { value: null });
    }`,
  "throws whatever is called": `
    for (const name of ["getItem", "setItem", "removeItem"]) {
      Storage.prototype[name] = () => { throw new DOMException("full", "QuotaExceededError"); };
    }`,
  // Really: down to the last character.
  "is full": `
    for (const storage of [localStorage, sessionStorage]) {
      for (let size = 1 << 22, n = 0; size >= 1; ) {
        try {
          storage.setItem("x" + n++, "x".repeat(size));
        } catch {
          size >>= 1;
        }
      }
    }`,
};

inEachBrowser("storage", (stage) => {
  for (const [how, first] of Object.entries(REFUSALS)) {
    test(`that ${how}: the page is a session of its own, and reports`, async () => {
      stage.site.first = first;
      const page = await stage.open();
      await report(page);
      const before = await identity(page);
      await page.evaluate(() => fetch("/count/fetch", { method: "POST", body: "12345" }).then(() => {}));
      const { pageIds, totalBytesSent } = await stage.listed(page);
      assert.deepEqual([pageIds, totalBytesSent], [[before.pageId], 5]);
      assert.deepEqual(await identity(page), before);
      assert.deepEqual(page.errors, []);
    });
  }

  test("that is cleared meanwhile: the session goes on, and the next tab joins it", async () => {
    const context = await stage.context();
    const page = await stage.open("/", context);
    await report(page);
    const before = await identity(page);
    await page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await report(page);
    const next = await stage.open("/", context);
    await report(next);
    const { sessionId, pageId } = await identity(next);
    assert.deepEqual(await identity(page), before);
    assert.equal(sessionId, before.sessionId);
    const { pageIds } = await stage.listed(page);
    assert.deepEqual(pageIds, [before.pageId, pageId]);
  });

  test("of a sandboxed frame, which has none: its agent says once that it is refused, and breaks nothing", async () => {
    const page = await stage.open();
    await report(page);
    const before = await identity(page);
    const said = [];
    page.on("console", (message) => {
      if (message.text().startsWith("Perspective Session Info: ")) said.push(message.text());
    });
    stage.site.inline = `
      const { agent } = window.perspectiveSessionInfo;
      agent.report().catch(() => agent.report()).catch(({ message }) => parent.postMessage([origin, message], "*"));`;
    const heard = await page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener("message", ({ data }) => resolve(data));
          const frame = Object.assign(document.createElement("iframe"), { src: "/frame" });
          frame.setAttribute("sandbox", "allow-scripts");
          document.body.append(frame);
        }),
    );
    assert.equal(heard[0], "null");
    assert.equal(said.length, 1, said.join("\n"));
    assert.ok(said[0].includes(heard[1]));
    assert.deepEqual(await identity(page), before);
    const { pageIds } = await stage.listed(page);
    assert.deepEqual(pageIds, [before.pageId]);
  });
});
