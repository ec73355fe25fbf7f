// The panel for those who see, hear or move otherwise: axe-core finds nothing, and the keyboard is enough.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import axe from "axe-core";

import { launchBrowser, newPage } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { openPanel, sessionOf, showSessions } from "./support/panel.js";
import { sendReport } from "./support/report.js";
import { Site } from "./support/site.js";

const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 320, height: 640 };

const SESSIONS = Array.from({ length: 200 }, (_, i) =>
  sessionOf({
    id: `session ${i}`,
    username: i % 5 === 0 ? "Unauthenticated" : `user ${String(i).padStart(3, "0")}`,
    authorized: i % 5 !== 0,
    clientAddress: `10.0.0.${i}`,
    totalBytesSent: (i * 7_919) % 100_000,
    detail: {
      pages: [{ id: "a1b2c3d4", path: "/overview", visible: true, uptime: 60_000, lastReport: 1_000, leaseMs: 25_000 }],
      sent: { webSocket: 4_000, fetch: 96, xhr: 0, beacon: 0 },
      received: { webSocket: 9_000, http: 1_000 },
      unmeasured: 0,
    },
  }),
);

/** How a page can be looked at: media features, and what finds fault with it then. */
const LOOKS = {
  light: [{ "prefers-color-scheme": "light" }, findings],
  dark: [{ "prefers-color-scheme": "dark" }, findings],
  // There axe-core takes the colours that the page asks for to be those that the user sees.
  "forced colours": [{ "forced-colors": "active", "prefers-color-scheme": "light" }, unreadable],
  "forced colours, dark": [{ "forced-colors": "active", "prefers-color-scheme": "dark" }, unreadable],
};

describe("the panel is accessible", { timeout: 180_000 }, () => {
  let browser, site, gateway;

  before(async () => {
    browser = await launchBrowser("Chromium");
    site = await Site.start();
    gateway = await Gateway.start();
    await sendReport(gateway);
  });

  after(async () => {
    await browser?.close();
    await gateway?.kill();
    await site?.stop();
  });

  const open = async (viewport = WIDE) => openPanel(await browser.createBrowserContext(), site, { viewport });

  const showAll = (page) => showSessions(page, SESSIONS);
  /** As many as a screen shows: where there are more, axe-core only takes longer. */
  const showSome = (page) => showSessions(page, SESSIONS.slice(0, 20));

  const select = async (page) => {
    await showSome(page);
    await page.evaluate(async () => {
      document.querySelector("session-info-panel").selection = "session 3";
      await window.look.until(() => window.look.texts().includes("10.0.0.3"));
    });
  };

  /** Has the panel ask the site, which answers so. */
  const ask = (answer) => async (page) => {
    site.answers["/sessions"] = answer;
    await page.evaluate(async () => {
      document.querySelector("session-info-panel").setAttribute("src", "/sessions");
      await window.look.frame();
    });
  };
  const told = (page) => page.waitForFunction(() => window.look.problem() !== "");

  /** What brings the panel into each of its states. */
  const STATES = {
    "without sessions given": () => {},
    empty: (page) => showSessions(page, []),
    loading: ask(() => {}),
    refused: async (page) => {
      await ask((_, response) => {
        response.writeHead(401, { "Content-Type": "application/problem+json" });
        response.end(JSON.stringify({ title: "Unauthorized", status: 401, detail: "The read token is missing." }));
      })(page);
      await told(page);
    },
    failed: async (page) => {
      await ask(({ socket }) => socket.destroy())(page);
      await told(page);
    },
    "given what is no list": async (page) => {
      await page.evaluate(() => (document.querySelector("session-info-panel").sessions = 5));
      await told(page);
    },
    "with a list": showSome,
    "with a session selected": select,
  };

  for (const [state, enter] of Object.entries(STATES)) {
    test(`${state}: axe-core finds nothing, narrow and wide, in all colours`, async () => {
      for (const viewport of [WIDE, NARROW]) {
        const page = await open(viewport);
        await enter(page);
        for (const [name, [features, find]] of Object.entries(LOOKS)) {
          await emulate(page, features);
          assert.deepEqual(await find(page, "session-info-panel"), [], `${viewport.width} px, ${name}`);
        }
        assert.deepEqual(page.errors, []);
        await page.browserContext().close();
      }
    });
  }

  test("on the designer page axe-core finds nothing, with a token and without", async () => {
    for (const url of [gateway.url("/designer/"), gateway.designerLink]) {
      for (const viewport of [WIDE, NARROW]) {
        const page = await newPage(await browser.createBrowserContext());
        await page.setViewport(viewport);
        await page.goto(url);
        await page.waitForFunction(() => {
          const panel = document.querySelector("session-info-panel");
          return !document.querySelector("#ask").hidden || panel?.shadowRoot.querySelector('[role="gridcell"]');
        });
        for (const [name, [features, find]] of Object.entries(LOOKS)) {
          await emulate(page, features);
          assert.deepEqual(await find(page, "body"), [], `${url}, ${viewport.width} px, ${name}`);
        }
        await page.browserContext().close();
      }
    }
  });

  for (const viewport of [WIDE, NARROW]) {
    test(`at ${viewport.width} px text grows to 200 % and nothing is cut off or has to be scrolled sideways`, async () => {
      const page = await open(viewport);
      await select(page);
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      await page.evaluate(() => window.look.frame());
      const { sideways, cut, small } = await page.evaluate(() => ({
        sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        cut: window.look
          .all('[role="gridcell"], [role="columnheader"], [role="treeitem"], button, summary')
          .filter((element) => element.checkVisibility() && getComputedStyle(element).overflowY !== "auto")
          .filter((element) => element.clientHeight > 1 && element.scrollHeight > element.clientHeight + 2)
          .map(({ textContent }) => textContent),
        small: window.look
          .all('[role="gridcell"]')
          .filter((cell) => cell.checkVisibility() && parseFloat(getComputedStyle(cell).fontSize) < 20)
          .map(({ textContent }) => textContent),
      }));
      assert.equal(sideways, 0);
      assert.deepEqual(cut, []);
      assert.deepEqual(small, []);
      await page.browserContext().close();
    });
  }

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
    await showAll(page);
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

  test("nothing moves for those who want no motion", async () => {
    const page = await open();
    await emulate(page, { "prefers-reduced-motion": "reduce" });
    await select(page);
    const moving = await page.evaluate(async (sessions) => {
      /** Whether all keyframes are of the same look. */
      const isStill = (frames) => {
        const looks = frames.map(({ offset, computedOffset, easing, composite, ...look }) => JSON.stringify(look));
        return new Set(looks).size <= 1;
      };
      document.querySelector("session-info-panel").sessions = sessions;
      const seen = [];
      for (let i = 0; i < 10; i++) {
        await window.look.frame();
        const root = document.querySelector("session-info-panel").shadowRoot;
        seen.push(...root.getAnimations().filter(({ effect }) => !isStill(effect.getKeyframes())));
      }
      return seen.length;
    }, SESSIONS.map((session) => ({ ...session, totalBytesSent: session.totalBytesSent + 5 })));
    assert.equal(moving, 0);
    await page.browserContext().close();
  });
});

/** Shows the page with these media features, in the place of those before. */
async function emulate(page, features) {
  page.emulation ??= await page.createCDPSession();
  const all = Object.entries(features).map(([name, value]) => ({ name, value }));
  await page.emulation.send("Emulation.setEmulatedMedia", { features: all });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
}

/** What axe-core finds in a part of the page; where that is its body, in all of the page. */
async function findings(page, part) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (part) => {
    const context = part === "body" ? document : part;
    const { violations } = await window.axe.run(context, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.slice(0, 3).map(({ html, any, all }) => [html.slice(0, 120), [...any, ...all][0]?.message]),
    }));
  }, part);
}

/** The texts that have less contrast than WCAG's AA asks for, in the colours that the user sees. */
function unreadable(page, part) {
  return page.evaluate((part) => {
    const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    /** What is seen of colours one over the other. */
    const painted = (colors) => {
      for (const color of colors) {
        paint.fillStyle = color;
        paint.fillRect(0, 0, 1, 1);
      }
      return [...paint.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([red, green, blue]) => {
      const linear = (part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    };
    const parent = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host;
    const grounds = (element) =>
      element ? [...grounds(parent(element)), getComputedStyle(element).backgroundColor] : ["Canvas"];
    const within = (root) =>
      [...root.querySelectorAll("*")].flatMap((it) => [it, ...(it.shadowRoot ? within(it.shadowRoot) : [])]);
    const root = document.querySelector(part);
    return [root, ...(root.shadowRoot ? within(root.shadowRoot) : []), ...within(root)]
      .filter((element) => element.checkVisibility())
      .filter(({ childNodes }) => [...childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== ""))
      .map((element) => {
        const behind = grounds(element);
        const both = [behind, [...behind, getComputedStyle(element).color]].map(painted).map(luminance);
        return { text: element.outerHTML.slice(0, 120), contrast: (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05) };
      })
      .filter(({ contrast }) => contrast < 4.5);
  }, part);
}

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
