// Real browsers on the stand-in for a Perspective page, and what getSessionInfo says of them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  eventually,
  goBack,
  goForward,
  identity,
  launchBrowser,
  newPage,
  openPage,
  PLACES,
  PLANT_HOST,
  report,
} from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { assertSession } from "./support/session.js";
import { Site } from "./support/site.js";

/** More reloads than a session keeps loads apart, where there is time for them. */
const RELOADS = process.env.SOAK ? 100 : 3;

for (const { name, host } of PLACES) {
  describe(`sessions of pages at http://${host} in ${name}`, { timeout: 120_000 }, () => {
    let browser, gateway;

    before(async () => {
      browser = await launchBrowser(name);
      gateway = await Gateway.start(["--demo", "--allow-origin", `http://${PLANT_HOST}`]);
    });

    after(async () => {
      await browser?.close();
      await gateway?.kill();
    });

    // Without what the stand-in sends by itself, the latest send is one of the test's own.
    const demo = (page) => gateway.url(`/demo/${page}?activity=off`, host);

    test("two tabs and a private window, and another project: the list and both filters", async () => {
      const began = performance.now();
      const elapsed = () => Math.ceil(performance.now() - began) + 1;
      const tabs = await browser.createBrowserContext();
      const privateWindow = await browser.createBrowserContext();
      const third = await browser.createBrowserContext();

      const first = await openPage(tabs, demo("MyProject"));
      await report(first);
      const second = await openPage(tabs, demo("MyProject"));
      await report(second);
      const signedIn = await openPage(privateWindow, demo("MyProject"));
      await signedIn.evaluate(() => window.demo.signIn("billy"));
      await report(signedIn);
      const other = await newPage(third);
      await other.setUserAgent({ userAgent: "A third browser π" });
      await other.goto(demo("OtherProject"));
      await report(other);

      const pages = [first, second, signedIn, other];
      const ids = await Promise.all(pages.map((page) => identity(page)));
      assert.deepEqual(
        await Promise.all(pages.map((page) => page.evaluate(() => window.__client.sessionId))),
        ids.map(({ sessionId }) => sessionId),
        "the ids are Perspective's own",
      );
      assert.equal(ids[0].sessionId, ids[1].sessionId);
      assert.equal(new Set(ids.map(({ sessionId }) => sessionId)).size, 3);
      assert.equal(new Set(ids.map(({ pageId }) => pageId)).size, 4);

      // The page's sockets go on sending, so the last report of each is made when all else is done.
      const received = [];
      for (const page of pages) {
        received.push(await page.evaluate(() => window.demo.received()));
      }
      for (const page of pages) await report(page);
      const traffic = await Promise.all(
        pages.map((page) =>
          page.evaluate(() => {
            const { sent, recentSent } = window.perspectiveSessionInfo.agent.traffic;
            return { total: Object.values(sent).reduce((a, b) => a + b), recent: recentSent };
          }),
        ),
      );
      const ofServer = ({ webSocket, fetch, xhr, beacon }) => webSocket + fetch + xhr + beacon;
      assert.deepEqual(traffic.map(({ total }) => total), received.map(ofServer));

      const sessions = await gateway.sessions();
      assert.equal(sessions.length, 3);
      const userAgent = await first.evaluate(() => navigator.userAgent);
      /** The session of these pages, of which the last one has sent last. */
      const expected = (indexes, rest) => ({
        userAgent,
        id: ids[indexes[0]].sessionId,
        username: "Unauthenticated",
        project: "MyProject",
        uptime: elapsed(),
        clientAddress: "127.0.0.1",
        lastComm: elapsed(),
        sessionScope: "browser",
        activePages: indexes.length,
        recentBytesSent: traffic[indexes.at(-1)].recent,
        totalBytesSent: indexes.reduce((sum, index) => sum + traffic[index].total, 0),
        pageIds: indexes.map((index) => ids[index].pageId),
        authorized: false,
        ...rest,
      });
      assertSession(sessions[0], expected([0, 1]));
      assertSession(sessions[1], expected([2], { username: "billy", authorized: true }));
      assertSession(
        sessions[2],
        expected([3], { project: "OtherProject", userAgent: "A third browser π" }),
      );

      const found = async (query) => (await gateway.sessions(query)).map(({ id }) => id);
      const [tabsId, , billysId, otherId] = ids.map(({ sessionId }) => sessionId);
      assert.deepEqual(await found({ username: "billy" }), [billysId]);
      assert.deepEqual(await found({ project: "MyProject" }), [tabsId, billysId]);
      assert.deepEqual(await found({ project: "OtherProject" }), [otherId]);
      assert.deepEqual(await found({ username: "Unauthenticated", project: "MyProject" }), [tabsId]);
      assert.deepEqual(await found({ username: "", project: "" }), [tabsId, billysId, otherId]);
      assert.deepEqual(await found({ username: "billy", project: "OtherProject" }), []);
      assert.deepEqual(await found({ username: "Billy" }), []);

      for (const page of pages) assert.deepEqual(page.errors, []);
      for (const context of [tabs, privateWindow, third]) await context.close();
    });

    test("a reload, and going back and forward, keep both ids and every byte", async () => {
      const context = await browser.createBrowserContext();
      const page = await openPage(context, demo("Reload"));
      await report(page);
      const before = await identity(page);
      const session = async () => {
        const [session] = await gateway.sessions({ project: "Reload" });
        return session;
      };
      const sameIds = async (what) => {
        await report(page);
        assert.deepEqual(await identity(page), before, what);
        const { id, pageIds, activePages } = await session();
        assert.deepEqual({ id, pageIds, activePages },
          { id: before.sessionId, pageIds: [before.pageId], activePages: 1 }, what);
      };
      const exactTotal = async (what) => {
        const received = await page.evaluate(() => window.demo.received());
        await report(page);
        const { webSocket, fetch, xhr, beacon } = received;
        assert.equal((await session()).totalBytesSent, webSocket + fetch + xhr + beacon, what);
      };

      await page.evaluate(() => window.demo.send("fetch", "emoji"));
      await exactTotal("at first");
      for (let round = 1; round <= RELOADS; round++) {
        await page.reload();
        await sameIds(`reload ${round}`);
        await page.evaluate(() => window.demo.send("xhr", "1KB"));
        await exactTotal(`reload ${round}`);
      }
      await page.goto(demo("Reload/second"));
      await sameIds("navigated");
      await exactTotal("navigated");
      await goBack(page);
      await sameIds("back");
      await exactTotal("back");
      await goForward(page);
      await sameIds("forward");
      await exactTotal("forward");
      assert.deepEqual(page.errors, []);
      await context.close();
    });

    test("a page comes out of the back/forward cache as the page that it was", async (t) => {
      const context = await browser.createBrowserContext();
      const site = await Site.start();
      t.after(() => site.stop());
      const gateway = await Gateway.start(["--allow-origin", site.url("", host)]);
      t.after(() => gateway.kill());
      site.tag = `src="${gateway.url("/agent.js", host)}" data-project="MyProject"`;
      const page = await openPage(context, site.url("/", host));
      await page.evaluate(() => {
        addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted));
      });
      await page.evaluate(() => window.send.fetch(window.messages.ascii()));
      await report(page);
      const before = await identity(page);
      await page.goto(site.url("/second", host));
      await report(page);
      await goBack(page);
      // It is told so soon after it is back, not before.
      const persisted = await page.waitForFunction(() => window.persisted !== undefined && [window.persisted]);
      assert.deepEqual(await persisted.jsonValue(), [true], "the agent keeps no page out");
      await page.evaluate(() => window.send.fetch(window.messages.ascii()));
      await report(page);
      assert.deepEqual(await identity(page), before);
      const { pageIds, totalBytesSent } = await gateway.session();
      assert.deepEqual({ pageIds, totalBytesSent },
        { pageIds: [before.pageId], totalBytesSent: 2_000 });
      await context.close();
    });

    test("a tab that is opened by window.open, and one that closes", async (t) => {
      const context = await browser.createBrowserContext();
      const page = await openPage(context, demo("Tabs"));
      await report(page);
      const [opened] = await Promise.all([
        new Promise((resolve) => page.once("popup", resolve)),
        page.evaluate(() => void window.open(location.href)),
      ]);
      await report(opened);
      const ids = [await identity(page), await identity(opened)];
      assert.equal(ids[0].sessionId, ids[1].sessionId);
      assert.notEqual(ids[0].pageId, ids[1].pageId);
      const session = async () => (await gateway.sessions({ project: "Tabs" }))[0];
      const { pageIds, activePages } = await session();
      assert.deepEqual({ pageIds, activePages },
        { pageIds: ids.map(({ pageId }) => pageId), activePages: 2 });

      const total = (await session()).totalBytesSent;
      const closing = performance.now();
      await opened.close();
      // Long before its lease runs out, so it was the closing report.
      const left = await eventually(session, ({ activePages }) => activePages === 1);
      t.diagnostic(`the closed tab was gone after ${Math.round(performance.now() - closing)} ms`);
      assert.deepEqual(left.pageIds, [ids[0].pageId]);
      assert.ok(left.totalBytesSent >= total, "what the closed tab has sent stays counted");
      await context.close();
    });
  });
}
