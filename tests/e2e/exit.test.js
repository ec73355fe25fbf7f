// Tabs that close and a browser that quits: the page leaves at once, and nothing that it has sent is lost.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { BROWSERS, eventually, identity, launchBrowser, openPage, quit, report } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { Site } from "./support/site.js";

/** Sends what no report has told of yet, and says how much the page has sent in all. */
const sendMore = (page) =>
  page.evaluate(async () => {
    await fetch("/somewhere", { method: "POST", body: "12345" });
    const { sent } = window.perspectiveSessionInfo.agent.traffic;
    return sent.webSocket + sent.fetch + sent.xhr + sent.beacon;
  });

for (const name of BROWSERS) {
  describe(`leaving ${name}`, { timeout: 120_000 }, () => {
    let site, gateway;

    before(async () => {
      site = await Site.start();
      gateway = await Gateway.start(["--demo", "--allow-origin", site.url("")]);
      site.tag = `src="${gateway.url("/agent.js")}" data-project="MyProject"`;
    });

    after(async () => {
      await gateway?.kill();
      await site?.stop();
    });

    beforeEach(() => (site.first = ""));

    const sessionOf = async (sessionId) => (await gateway.sessions()).find(({ id }) => id === sessionId);

    const ORIGINS = [
      ["the gateway's own origin", () => gateway.url("/demo/MyProject?activity=off")],
      ["another origin", () => site.url()],
    ];

    for (const [where, url, first = ""] of [
      ...ORIGINS,
      ["another origin, in a browser without beacons,", () => site.url(), "delete Navigator.prototype.sendBeacon;"],
    ]) {
      test(`a tab of ${where} closes`, async (t) => {
        const browser = await launchBrowser(name);
        t.after(() => browser.close());
        site.first = first;
        const page = await openPage(await browser.createBrowserContext(), url());
        await report(page);
        // Not by window.open: of a tab that is the last of its process Firefox cuts the scripts off as it closes.
        const tab = await openPage(page.browserContext(), url());
        await report(tab);
        const { sessionId, pageId } = await identity(page);
        const total = (await sendMore(page)) + (await sendMore(tab));
        await report(page);
        await tab.close();
        const left = await eventually(() => sessionOf(sessionId), ({ activePages }) => activePages === 1);
        assert.deepEqual(left.pageIds, [pageId]);
        assert.equal(left.totalBytesSent, total);
      });
    }

    for (const [where, url] of ORIGINS) {
      // Firefox, quitting, leaves it to chance whether a visible page's last requests still get out.
      test(`with pages of ${where}, it is quit`, { skip: name === "Firefox" }, async (t) => {
        const browser = await launchBrowser(name);
        t.after(() => browser.close());
        const context = await browser.createBrowserContext();
        const pages = [await openPage(context, url()), await openPage(context, url())];
        let total = 0;
        for (const page of pages) {
          await report(page);
          total += await sendMore(page);
        }
        const { sessionId } = await identity(pages[0]);
        await quit(browser);
        const left = await eventually(() => sessionOf(sessionId), ({ activePages }) => activePages === 0);
        assert.equal(left.totalBytesSent, total);
      });
    }
  });
}
