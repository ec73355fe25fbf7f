// A panel on somebody's page: how it gets there, and what is to be seen in it.

import { after, before } from "node:test";

import { launchBrowser, openPage } from "./browser.js";
import { Site } from "./site.js";

/** A window full of the panel, and a panel as narrow as a property editor. */
export const WIDE = { width: 1400, height: 900 };
export const NARROW = { width: 320, height: 640 };

const TAGS = `<script type="module" src="/panel/index.js"></script><session-info-panel></session-info-panel>`;

/** Runs in the page before all else: lays it out, and looks into the panel. */
export function look() {
  // Not a style element: a Content-Security-Policy may refuse it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("html, body { margin: 0; height: 100%; } session-info-panel { height: 100%; }");
  addEventListener("DOMContentLoaded", () => document.adoptedStyleSheets.push(sheet));
  const root = () => document.querySelector("session-info-panel")?.shadowRoot;
  const all = (selector) => [...(root()?.querySelectorAll(selector) ?? [])];
  const isRow = (row) => row.querySelector('[role="gridcell"], [role="rowheader"]') !== null;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  window.look = {
    all,
    frame,
    /** The rows that are there: of a long list those in view. */
    rows: () => all('[role="row"]').filter((row) => isRow(row) && row.checkVisibility()),
    /** How many rows the list has, in view or not. */
    rowCount() {
      const said = all('[role="grid"]')[0]?.getAttribute("aria-rowcount");
      const headings = all('[role="row"]').filter((row) => row.querySelector('[role="columnheader"]')).length;
      return said ? Number(said) - headings : window.look.rows().length;
    },
    /** All texts outside the list, each as the page has it. */
    texts() {
      const walker = document.createTreeWalker(root(), NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        if (!parentElement?.closest('[role="grid"]')) texts.push(data);
      }
      return texts;
    },
    /** What is said to be wrong. */
    problem: () => all('[role="alert"]').map(({ textContent }) => textContent).join(""),
    /** Frames pass until it is so; says whether it came to that. */
    async until(holds, ms = 10_000) {
      for (const end = performance.now() + ms; performance.now() < end; await frame()) if (holds()) return true;
      return holds();
    },
  };
}

/** A browser and a site for the tests of a suite, there while they run; `open` opens a panel in a context of its own. */
export function panelStage() {
  const stage = {
    open: async (options) => openPanel(await stage.browser.createBrowserContext(), stage.site, options),
  };
  before(async () => {
    stage.browser = await launchBrowser("Chromium");
    stage.site = await Site.start();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.site?.stop();
  });
  return stage;
}

/** Opens a page of the site's with a panel that fills it, once the panel is there. */
async function openPanel(context, site, { viewport = WIDE } = {}) {
  site.behind = TAGS;
  const page = await openPage(context, "about:blank");
  await page.setViewport(viewport);
  await page.evaluateOnNewDocument(look);
  await page.goto(site.url());
  await page.waitForFunction(() => document.querySelector("session-info-panel").shadowRoot?.childElementCount > 0);
  return page;
}

/** Shows a list, and waits until it is there. */
export async function showSessions(page, sessions) {
  // As text: on the way into the page as an object a key `__proto__` is lost.
  await page.evaluate(async (json) => {
    const sessions = JSON.parse(json);
    document.querySelector("session-info-panel").sessions = sessions;
    await window.look.until(() => window.look.rowCount() === sessions.length);
  }, JSON.stringify(sessions));
}

/** Selects a session of those that are shown, and waits for its properties. */
export async function selectSession(page, { id, clientAddress }) {
  await page.evaluate(
    async (id, address) => {
      document.querySelector("session-info-panel").selection = id;
      await window.look.until(() => window.look.texts().includes(address));
    },
    id,
    clientAddress,
  );
}

/** A session as a gateway lists it. */
export function sessionOf(more = {}) {
  return {
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    id: "d5c5b1d6-9d9e-4b62-8f0e-0d2b3f4a5c6d",
    username: "billy",
    project: "MyProject",
    uptime: 60_000,
    clientAddress: "10.0.0.7",
    lastComm: 1_000,
    sessionScope: "browser",
    activePages: 1,
    recentBytesSent: 120,
    totalBytesSent: 4_096,
    pageIds: ["a1b2c3d4"],
    authorized: true,
    ...more,
  };
}

/** So many sessions with detail, no two of the same address; every fifth is of nobody who is known. */
export function sessionsOf(count) {
  return Array.from({ length: count }, (_, i) =>
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
}
