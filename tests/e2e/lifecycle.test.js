// What becomes of a page: in front and behind, frozen, prerendered, closed, discarded, duplicated.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { eventually, identity, launchBrowser, openPage, report } from "./support/browser.js";
import { inEachBrowser } from "./support/stage.js";

const EXTENSION = fileURLToPath(new URL("support/extension", import.meta.url));

// The gateway's clock stands: whatever leaves or changes has said so.
const DRIVEN = { driven: true };

const listedPage = async (stage, page) => {
  const { sessionId, pageId } = await identity(page);
  const session = (await stage.gateway.sessions({ detail: "true" })).find(({ id }) => id === sessionId);
  return session?.detail.pages.find(({ id }) => id === pageId);
};

const post = (page, body) =>
  page.evaluate((body) => fetch("/count/fetch", { method: "POST", body }).then(() => {}), body);

inEachBrowser("a page", (stage) => {
  test("that another tab hides says so by beacon, keeps its place for longer, and says when it is back", async () => {
    stage.site.first = `
      const beacon = Navigator.prototype.sendBeacon;
      window.beacons = [];
      Navigator.prototype.sendBeacon = function (url, body) {
        beacons.push(JSON.parse(body));
        return beacon.call(this, url, body);
      };`;
    const context = await stage.context();
    const page = await stage.open("/", context);
    await page.bringToFront();
    await report(page);
    const { leaseMs: short } = await listedPage(stage, page);
    const front = await stage.open("/front", context);
    await front.bringToFront();
    const hidden = await eventually(() => listedPage(stage, page), ({ visible }) => !visible);
    const [beacon, ...more] = await page.evaluate(() => window.beacons);
    assert.deepEqual([beacon.visible, beacon.closing, more], [false, false, []]);
    assert.ok(hidden.leaseMs > short);
    await stage.gateway.advance(hidden.leaseMs - 1);
    assert.ok(await listedPage(stage, page), "its timers may run but once a minute");
    await page.bringToFront();
    await eventually(() => listedPage(stage, page), ({ visible }) => visible);
  });

  test("is one of five that open at once: they make one session", async () => {
    const context = await stage.context();
    const pages = await Promise.all(["/1", "/2", "/3", "/4", "/5"].map((path) => stage.open(path, context)));
    await Promise.all(pages.map(report));
    const identities = await Promise.all(pages.map(identity));
    assert.equal(new Set(identities.map(({ sessionId }) => sessionId)).size, 1);
    const { pageIds } = await stage.listed(pages[0]);
    assert.deepEqual(pageIds.toSorted(), identities.map(({ pageId }) => pageId).toSorted());
    assert.equal(new Set(pageIds).size, 5);
  });

  test("whose tab closes leaves at once, and all that it has sent stays counted", async () => {
    const context = await stage.context();
    const stays = await stage.open("/", context);
    await report(stays);
    // Some, because Firefox ends a closing page's script at any moment.
    for (let closed = 1; closed <= 8; closed++) {
      const page = await stage.open("/", context);
      await report(page);
      await post(page, "the last words");
      await page.close();
      const { totalBytesSent } = await eventually(() => stage.listed(stays), ({ activePages }) => activePages === 1);
      assert.equal(totalBytesSent, closed * "the last words".length);
    }
  });
}, DRIVEN);

// Only Chromium's DevTools freeze a page, and only Chromium prerenders one.
inEachBrowser("a page", (stage) => {
  test("that is frozen leaves when its lease runs out, and is back at once when it resumes", async () => {
    stage.site.first = `
      const now = performance.now.bind(performance);
      window.skipped = 0;
      performance.now = () => now() + skipped;`;
    const page = await stage.open();
    await post(page, "12345");
    await report(page);
    const before = await identity(page);
    const devTools = await page.createCDPSession();
    await devTools.send("Page.setWebLifecycleState", { state: "frozen" });
    const { leaseMs } = await eventually(() => listedPage(stage, page), ({ visible }) => !visible);
    await stage.gateway.advance(leaseMs);
    await page.evaluate((ms) => void (window.skipped = ms), leaseMs);
    assert.equal(await listedPage(stage, page), undefined);
    await devTools.send("Page.setWebLifecycleState", { state: "active" });
    await eventually(() => listedPage(stage, page), (listed) => listed);
    assert.deepEqual(await identity(page), before);
    assert.equal((await stage.listed(page)).totalBytesSent, 5);
  });

  test("that is prerendered is nobody's until it is shown, and then takes the tab's place", async () => {
    const page = await stage.open();
    await post(page, "12345");
    await report(page);
    const before = await identity(page);
    stage.site.inline = `
      window.prerendered = document.prerendering;
      fetch("/count/fetch", { method: "POST", body: "early" });`;
    await stage.arrivals(1);
    await page.evaluate(() => {
      const rules = document.createElement("script");
      rules.type = "speculationrules";
      rules.text = JSON.stringify({ prerender: [{ urls: ["/next"] }] });
      document.head.append(rules);
    });
    await stage.arrivals(1);
    await report(page);
    const { pageIds, totalBytesSent } = await stage.listed(page);
    assert.deepEqual([pageIds, totalBytesSent], [[before.pageId], 5]);
    await page.evaluate(() => {
      const link = Object.assign(document.createElement("a"), { href: "/next" });
      document.body.append(link);
      setTimeout(() => link.click());
    });
    await eventually(() => page.evaluate(() => location.pathname).catch(() => ""), (path) => path === "/next");
    assert.equal(await page.evaluate(() => window.prerendered), true);
    // The driver can still hold on to the page before it.
    await eventually(() => report(page).then(() => true, () => false), Boolean);
    assert.deepEqual(await identity(page), before);
    const shown = await stage.listed(page);
    assert.deepEqual([shown.pageIds, shown.totalBytesSent], [[before.pageId], 10]);
  });
}, { browsers: ["Chromium"], ...DRIVEN });

// Only Chromium discards a tab, which looks like the tab that it was. Its extensions can ask for that.
inEachBrowser("a tab", (stage) => {
  /** A browser with the extension, and a function that runs another in it. */
  const launch = async (t) => {
    const browser = await launchBrowser(stage.name, { pipe: true, enableExtensions: [EXTENSION] });
    t.after(() => browser.close());
    const worker = await (await browser.waitForTarget((target) => target.type() === "service_worker")).worker();
    return { browser, extension: (run, ...args) => worker.evaluate(run, ...args) };
  };
  /** The page, as soon as there is one for which this holds. */
  const find = async (browser, holds) => {
    const pages = async () => {
      const all = await browser.pages();
      const held = await Promise.all(all.map((page) => page.evaluate(holds).catch(() => false)));
      return all.find((_page, index) => held[index]);
    };
    return eventually(pages, (page) => page);
  };

  test("that is duplicated, as by its menu, is another page of the session", async (t) => {
    const { browser, extension } = await launch(t);
    const page = await openPage(browser, stage.url("/"));
    await report(page);
    await extension(async (url) => {
      const [tab] = await chrome.tabs.query({ url });
      await chrome.tabs.duplicate(tab.id);
    }, page.url());
    await page.evaluate(() => (window.original = true));
    const duplicate = await find(browser, () => location.pathname === "/" && !window.original);
    await report(duplicate);
    const [one, two] = [await identity(page), await identity(duplicate)];
    assert.equal(two.sessionId, one.sessionId);
    assert.notEqual(two.pageId, one.pageId);
    assert.deepEqual((await stage.listed(page)).pageIds, [one.pageId, two.pageId]);
  });

  test("that is discarded is the page that it was when it is shown again", async (t) => {
    const { browser, extension } = await launch(t);
    const page = await openPage(browser, stage.url("/"));
    await post(page, "12345");
    await report(page);
    const before = await identity(page);
    const front = await openPage(browser, stage.url("/front"));
    await front.bringToFront();
    await eventually(() => listedPage(stage, page), ({ visible }) => !visible);
    await extension(async (url) => {
      const [tab] = await chrome.tabs.query({ url });
      const discarded = await chrome.tabs.discard(tab.id);
      await chrome.tabs.update(discarded.id, { active: true });
    }, page.url());
    const again = await find(browser, () => document.wasDiscarded);
    await report(again);
    assert.deepEqual(await identity(again), before);
    assert.equal((await stage.listed(again)).totalBytesSent, 5);
  });
}, { browsers: ["Chromium"], ...DRIVEN });
