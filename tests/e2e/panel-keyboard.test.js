// The panel without a pointer: its list is an ARIA grid, and the keyboard alone does what a mouse does.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { NARROW, panelStage, selectSession, sessionsOf, showSessions, WIDE } from "./support/panel.js";

/** More than a screen shows. */
const SESSIONS = sessionsOf(200);

describe("the panel by keyboard", { timeout: 120_000 }, () => {
  const stage = panelStage();

  const open = async (viewport = WIDE) => stage.open({ viewport });
  const showAll = (page) => showSessions(page, SESSIONS);
  const select = async (page) => {
    await showAll(page);
    await selectSession(page, SESSIONS[3]);
  };

  test("the list is a grid that says how long and wide it is, which row is which, and how it is sorted", async () => {
    const page = await open();
    await showAll(page);
    const grid = await page.evaluate(() => {
      const [grid] = window.look.all('[role="grid"]');
      const shown = (selector) => window.look.all(selector).filter((element) => element.checkVisibility());
      const headings = shown('[role="columnheader"]');
      const [first, second] = window.look.rows();
      return {
        name: grid.ariaLabel ?? grid.getAttribute("aria-labelledby"),
        rows: Number(grid.ariaRowCount),
        columns: Number(grid.ariaColCount),
        headings: headings.length,
        indices: [first, second].map((row) => Number(row.ariaRowIndex)),
        sortable: headings.filter((heading) => heading.ariaSort !== null).length,
        stops: window.look.all('[role="grid"] [tabindex="0"]').length,
        regions: window.look.all('[role="status"], [aria-live="polite"]').length,
      };
    });
    assert.ok(grid.name);
    assert.equal(grid.rows, SESSIONS.length + 1, "the row of headings counts");
    assert.ok(grid.columns >= grid.headings, "hidden columns count");
    assert.deepEqual(grid.indices, [2, 3]);
    assert.ok(grid.sortable > 0, "a heading says whether its column is sorted");
    assert.equal(grid.stops, 1, "the Tab key stops at one place in the grid");
    assert.ok(grid.regions > 0, "what changes is said");
    await page.browserContext().close();
  });

  test("the arrows, Home, End and the Page keys lead through the grid, and Enter selects as a click does", async () => {
    const page = await open();
    await showAll(page);
    await page.evaluate(() => {
      window.selected = [];
      const panel = document.querySelector("session-info-panel");
      panel.addEventListener("session-info-select", ({ detail }) => window.selected.push(detail));
    });
    await tabTo(page, '[role="grid"]');
    const row = () => focused(page).then(({ row }) => row);
    // Wherever the grid takes the focus first: the first row with sessions.
    for (let i = 0; (await row()) === null && i < 3; i++) await page.keyboard.press("ArrowDown");
    const first = await row();
    await page.keyboard.press("ArrowDown");
    assert.equal(await row(), first + 1);
    await page.keyboard.press("ArrowUp");
    assert.equal(await row(), first);
    await page.keyboard.press("PageDown");
    const paged = await row();
    assert.ok(paged > first + 2, `a page further down: ${paged}`);
    await page.keyboard.press("PageUp");
    assert.equal(await row(), first);
    await chord(page, "Control", "End");
    assert.equal(await row(), first + SESSIONS.length - 1);
    assert.ok(await inView(page), "the focus is never out of sight");
    await chord(page, "Control", "Home");
    for (let i = 0; (await row()) === null && i < 3; i++) await page.keyboard.press("ArrowDown");
    assert.equal(await row(), first);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => window.selected.length === 1);
    assert.deepEqual(await page.evaluate(() => window.selected), ["session 1"]);
    const selected = () => window.look.all('[role="row"][aria-selected="true"]').map(({ textContent }) => textContent);
    assert.equal((await page.evaluate(selected)).length, 1);
    assert.match((await page.evaluate(selected))[0], /user 001/);
    await page.browserContext().close();
  });

  test("a column is sorted from its heading by keyboard, as by a click", async () => {
    const page = await open();
    await showAll(page);
    const sorted = () =>
      page.evaluate(() =>
        window.look
          .all('[role="columnheader"]')
          .filter(({ ariaSort }) => ariaSort === "ascending" || ariaSort === "descending")
          .map(({ textContent, ariaSort }) => `${textContent.trim()} ${ariaSort}`),
      );
    const top = () => page.evaluate(() => window.look.rows()[0].textContent);
    await tabTo(page, '[role="grid"]');
    await chord(page, "Control", "Home");
    for (let i = 0; (await focused(page)).heading === null && i < 3; i++) await page.keyboard.press("ArrowUp");
    assert.notEqual((await focused(page)).heading, null, "the arrows lead to the headings");
    const seen = new Set();
    for (let i = 0; i < 40 && !/address/i.test((await focused(page)).heading); i++) {
      seen.add((await focused(page)).heading);
      await page.keyboard.press("ArrowRight");
    }
    assert.match((await focused(page)).heading, /address/i, `reached: ${[...seen]}`);
    await page.keyboard.press("Enter");
    const [first] = await sorted();
    assert.match(first, /address.* (a|de)scending/i);
    const above = await top();
    await page.keyboard.press("Enter");
    await page.waitForFunction((above) => window.look.rows()[0].textContent !== above, {}, above);
    assert.notEqual((await sorted())[0], first, "and turned round");
    assert.match((await focused(page)).heading, /address/i, "the focus stays");
    await page.browserContext().close();
  });

  test("a column is widened and hidden, and the list filtered by a value, by keyboard as by pointer", async () => {
    const page = await open();
    await showAll(page);
    const heading = (name) =>
      page.evaluate((name) => {
        const found = window.look.all('[role="columnheader"]').find(({ textContent }) => textContent.trim() === name);
        return found?.checkVisibility() ? found.offsetWidth : 0;
      }, name);
    await tabTo(page, '[role="grid"]');
    await chord(page, "Control", "Home");
    await page.keyboard.press("ArrowUp");
    for (let i = 0; i < 40 && (await focused(page)).heading !== "Project"; i++) await page.keyboard.press("ArrowRight");
    const width = await heading("Project");
    await chord(page, "Shift", "ArrowRight");
    assert.ok((await heading("Project")) > width);
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => !window.look.all('[role="columnheader"]').some((it) => it.textContent === "Project"));
    assert.notEqual((await focused(page)).heading, null, "the focus stays among the headings");
    await page.keyboard.press("Home");
    for (let i = 0; i < 40 && (await focused(page)).heading !== "User"; i++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("f");
    await page.waitForFunction(() => window.look.rowCount() === 1);
    assert.deepEqual(await page.evaluate(() => document.querySelector("session-info-panel").filter.username), "user 001");
    await page.browserContext().close();
  });

  for (const viewport of [WIDE, NARROW]) {
    test(`at ${viewport.width} px the Tab key reaches whatever takes a click, and the focus can be seen`, async () => {
      const page = await open(viewport);
      await select(page);
      const controls = await page.evaluate(() => {
        // Those of a grid, a tree, a menu or a toolbar are reached by its arrows.
        const byArrows = '[role="grid"], [role="tree"], [role="menu"], [role="toolbar"]';
        window.controls = window.look
          .all('button, input, select, textarea, summary, a[href], [role="button"], [role="searchbox"]')
          .filter((it) => it.checkVisibility() && !it.disabled && !it.closest(byArrows));
        return window.controls.length;
      });
      const reached = [];
      for (let i = 0; i < controls + 20; i++) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
          const active = document.querySelector("session-info-panel").shadowRoot.activeElement;
          if (!active) return null;
          window.controls = window.controls.filter((control) => control !== active);
          const framed = (element) => {
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
            return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
          };
          return { what: active.outerHTML.slice(0, 80), seen: framed(active) || framed(active.parentElement) };
        });
        if (stop === null && reached.length > 0) break;
        if (stop) reached.push(stop);
      }
      const left = await page.evaluate(() => window.controls.map((control) => control.outerHTML.slice(0, 80)));
      assert.deepEqual(left, [], "not reached");
      assert.deepEqual(reached.filter(({ seen }) => !seen), [], "not to be seen");
      await page.browserContext().close();
    });
  }

  test("the properties of a session open and close by keyboard", async () => {
    const page = await open();
    await select(page);
    const isTree = await page.evaluate(() => window.look.all('[role="tree"]').length > 0);
    await tabTo(page, isTree ? '[role="tree"]' : "summary");
    const opened = () =>
      page.evaluate(() => window.look.all('[aria-expanded="true"], details[open]').length);
    const isBranch = () =>
      page.evaluate(() => {
        const active = document.querySelector("session-info-panel").shadowRoot.activeElement;
        return active.localName === "summary" || active.hasAttribute("aria-expanded");
      });
    for (let i = 0; i < 40 && !(await isBranch()); i++) await page.keyboard.press("ArrowDown");
    assert.ok(await isBranch(), "a branch takes the focus");
    const before = await opened();
    await page.keyboard.press(isTree ? "ArrowLeft" : "Enter");
    assert.equal(await opened(), before - 1);
    await page.keyboard.press(isTree ? "ArrowRight" : "Enter");
    assert.equal(await opened(), before);
    await page.browserContext().close();
  });

  test("an update takes away neither the focus, nor the selection, nor the scroll position", async () => {
    const page = await open();
    await select(page);
    await tabTo(page, '[role="grid"]');
    for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowDown");
    const state = () =>
      page.evaluate(() => ({
        focus: document.querySelector("session-info-panel").shadowRoot.activeElement?.closest('[role="row"]')?.textContent.match(/user \d+/)[0],
        selected: document.querySelector("session-info-panel").selection,
        scrolled: window.look.all("*").map(({ scrollTop }) => scrollTop).filter((top) => top > 0),
      }));
    const before = await state();
    assert.ok(before.focus);
    const later = SESSIONS.map((session) => ({ ...session, lastComm: 0, totalBytesSent: session.totalBytesSent + 1 }));
    await showSessions(page, later);
    assert.deepEqual(await state(), before);
    await page.browserContext().close();
  });
});

async function chord(page, modifier, key) {
  await page.keyboard.down(modifier);
  await page.keyboard.press(key);
  await page.keyboard.up(modifier);
}

/** Presses Tab until the focus is on such an element in the panel, or within it. */
async function tabTo(page, selector) {
  for (let i = 0; i < 60; i++) {
    const there = await page.evaluate((selector) => {
      const active = document.querySelector("session-info-panel").shadowRoot.activeElement;
      return Boolean(active?.closest(selector));
    }, selector);
    if (there) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}

/** Where the focus is: the row's index, counted by aria-rowindex where that is given, or the heading's text. */
function focused(page) {
  return page.evaluate(async () => {
    await window.look.frame();
    const active = document.querySelector("session-info-panel").shadowRoot.activeElement;
    const heading = active?.closest('[role="columnheader"]')?.textContent.trim() ?? null;
    const row = active?.closest('[role="row"]');
    const index = row && (Number(row.ariaRowIndex) || window.look.rows().indexOf(row));
    return { heading, row: heading === null && row ? index : null };
  });
}

/** Whether what has the focus is within the window. */
function inView(page) {
  return page.evaluate(() => {
    const { top, bottom } = document.querySelector("session-info-panel").shadowRoot.activeElement.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight && bottom > top;
  });
}
