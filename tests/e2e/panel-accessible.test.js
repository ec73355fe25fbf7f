// The panel for those who see or hear otherwise: axe-core finds nothing, colours and sizes can be others.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import axe from "axe-core";

import { newPage } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { NARROW, panelStage, selectSession, sessionsOf, showSessions, WIDE } from "./support/panel.js";
import { sendReport } from "./support/report.js";

/** As many as a screen shows: where there are more, axe-core only takes longer. */
const SESSIONS = sessionsOf(20);

/** How a page can be looked at: media features, and what finds fault with it then. */
const LOOKS = {
  light: [{ "prefers-color-scheme": "light" }, findings],
  dark: [{ "prefers-color-scheme": "dark" }, findings],
  // There axe-core takes the colours that the page asks for to be those that the user sees.
  "forced colours": [{ "forced-colors": "active", "prefers-color-scheme": "light" }, unreadable],
  "forced colours, dark": [{ "forced-colors": "active", "prefers-color-scheme": "dark" }, unreadable],
};

describe("the panel is accessible", { timeout: 180_000 }, () => {
  const stage = panelStage();
  let gateway;

  before(async () => {
    gateway = await Gateway.start();
    await sendReport(gateway);
  });

  after(() => gateway?.kill());

  const open = async (viewport = WIDE) => stage.open({ viewport });

  const showAll = (page) => showSessions(page, SESSIONS);
  const select = async (page) => {
    await showAll(page);
    await selectSession(page, SESSIONS[3]);
  };

  /** Has the panel ask the site, which answers so. */
  const ask = (answer) => async (page) => {
    stage.site.answers["/sessions"] = answer;
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
    "with a list": showAll,
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
        const page = await newPage(await stage.browser.createBrowserContext());
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
