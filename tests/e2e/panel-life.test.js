// Panels come and go, and leave nothing behind: to remove one is enough.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "./support/browser.js";
import { held } from "./support/held.js";
import { panelStage, sessionOf } from "./support/panel.js";

const PANELS = 500;
/** The browser has learnt by then what it remembers of code that runs often. */
const WARM = 100;
/** Each with its own WebAssembly. */
const FRAMES = 20;
/** Less than two kilobytes a panel; the sessions of one alone are more. */
const HEAP_BOUND = 1_000_000;

const SESSIONS = Array.from({ length: 20 }, (_, i) => sessionOf({ id: `session ${i}` }));

describe("panels come and go", { timeout: 120_000 }, () => {
  const stage = panelStage();

  /** What the page holds, with the counts of its nodes, its listeners and its panels. */
  const holds = async (page) => {
    page.inspection ??= await page.createCDPSession();
    const { wasm, ...bytes } = await held(page.inspection);
    const { nodes, jsEventListeners: listeners } = await page.inspection.send("Memory.getDOMCounters");
    const prototype = await page.evaluateHandle(() => customElements.get("session-info-panel").prototype);
    const instances = await page.queryObjects(prototype);
    const panels = await instances.evaluate((all) => all.length);
    await instances.dispose();
    await prototype.dispose();
    return { heap: Object.values(bytes).reduce((sum, more) => sum + more), wasm, nodes, listeners, panels };
  };

  test(`${PANELS} that are gone in every way leave no memory, no element, no listener and no request`, async () => {
    let [asked, open] = [0, 0];
    stage.site.answers["/sessions"] = (_, response) => {
      asked++;
      open++;
      response.on("close", () => open--);
    };
    const page = await stage.open();
    await page.evaluate(comeAndGo, WARM, SESSIONS);
    const before = await holds(page);
    await page.evaluate(comeAndGo, PANELS, SESSIONS);
    const after = await holds(page);
    assert.equal(after.panels, before.panels, "panels");
    assert.ok(after.nodes <= before.nodes + 10, `nodes: ${before.nodes}, then ${after.nodes}`);
    assert.ok(after.listeners <= before.listeners, `listeners: ${before.listeners}, then ${after.listeners}`);
    assert.ok(after.heap <= before.heap + HEAP_BOUND, `heap: ${before.heap}, then ${after.heap}`);
    assert.equal(after.wasm, before.wasm, "wasm");
    assert.ok(asked > 0, "they did ask");
    await eventually(() => open, (open) => open === 0);
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });

  test("those that are gone with their frame leave nothing either", async () => {
    const page = await stage.open();
    const frames = (count) =>
      page.evaluate(async (count) => {
        for (let i = 0; i < count; i++) {
          const frame = document.createElement("iframe");
          frame.src = "/";
          document.body.append(frame);
          await new Promise((resolve) => (frame.onload = resolve));
          const shown = () => frame.contentDocument.querySelector("session-info-panel")?.shadowRoot?.childElementCount;
          await window.look.until(() => shown() > 0);
          frame.remove();
        }
      }, count);
    await frames(5);
    const before = await holds(page);
    await frames(FRAMES);
    const after = await holds(page);
    assert.equal(after.wasm, before.wasm, "wasm");
    assert.ok(after.heap <= before.heap + HEAP_BOUND, `heap: ${before.heap}, then ${after.heap}`);
    assert.ok(after.nodes <= before.nodes + 10, `nodes: ${before.nodes}, then ${after.nodes}`);
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });

  test("one that is moved goes on where it is now, with what it showed", async () => {
    const page = await stage.open();
    const shown = await page.evaluate(async (sessions) => {
      const panel = document.querySelector("session-info-panel");
      panel.sessions = sessions;
      panel.selection = "session 3";
      await window.look.until(() => window.look.rowCount() === sessions.length);
      const home = document.body.appendChild(document.createElement("main"));
      home.append(panel);
      const moved = await window.look.until(() => window.look.rowCount() === sessions.length);
      panel.remove();
      home.append(panel);
      panel.sessions = sessions.slice(0, 5);
      return [moved, await window.look.until(() => window.look.rowCount() === 5), panel.selection];
    }, SESSIONS);
    assert.deepEqual(shown, [true, true, "session 3"]);
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });
});

/** Runs in the page: opens so many panels, one after another, and takes each away once it shows its sessions. */
async function comeAndGo(count, sessions) {
  const { SessionInfoPanel } = await import("/panel/index.js");
  const ways = [
    (panel) => panel.remove(),
    (_, home) => home.remove(),
    (_, home) => (home.textContent = ""),
    (_, home) => home.replaceWith("something else"),
  ];
  for (let i = 0; i < count; i++) {
    const place = document.body.appendChild(document.createElement("div"));
    const home = place.appendChild(document.createElement("div"));
    const panel = new SessionInfoPanel();
    panel.setAttribute("live", "");
    panel.sessions = sessions;
    panel.selection = "session 3";
    home.append(panel);
    await window.look.until(() => panel.shadowRoot.querySelector('[role="row"] [role="gridcell"]') !== null);
    panel.setAttribute("src", "/sessions");
    await new Promise((resolve) => setTimeout(resolve));
    ways[i % ways.length](panel, home);
    place.remove();
  }
}
