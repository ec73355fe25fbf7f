// Perspective's own client, as field notes have it, made by the page's script.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, identity, report } from "./support/browser.js";
import { inEachBrowser, traffic } from "./support/stage.js";

const PATH = "/data/perspective/client/My%20Plant/a/view";

inEachBrowser("a page of Perspective's", (stage) => {
  const open = (client = "") => {
    stage.site.tag = `src="${stage.gateway.url("/agent.js", stage.host)}"`;
    stage.site.inline = client && `window.__client = ${client};`;
    return stage.open(PATH);
  };
  const post = (page, body) =>
    page.evaluate((body) => fetch("/count/fetch", { method: "POST", body }).then(() => {}), body);
  const sessions = async () => (await stage.gateway.sessions({ project: "My Plant" })).map(({ id }) => id);
  const session = async (id) => (await stage.gateway.sessions({ detail: "true" })).find((one) => one.id === id);

  test("says nothing until its client is there and has a session, which owns what was sent until then", async () => {
    const before = await sessions();
    const page = await open();
    await post(page, "before the client");
    await page.evaluate(() => {
      window.__client = { projectName: "My Plant", tabIdUrlSafe: "2bf737f8" };
    });
    await post(page, "before the session");
    // Longer than it takes a page that knows who it is.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
    assert.equal(await identity(page), null);
    assert.deepEqual(await sessions(), before);
    await page.evaluate(() => (window.__client.sessionId = "connected at last"));
    await report(page);
    assert.deepEqual(await identity(page), {
      project: "My Plant",
      sessionId: "connected at last",
      pageId: "2bf737f8",
      scope: "browser",
    });
    const { totalBytesSent, pageIds } = await session("connected at last");
    assert.deepEqual([totalBytesSent, pageIds], [17 + 18, ["2bf737f8"]]);
    assert.deepEqual(page.errors, []);
  });

  test("that is given another session closes the first with its bytes, and counts from zero", async () => {
    const page = await open(`{ projectName: "My Plant", sessionId: "before the log-out", tabIdUrlSafe: "p" }`);
    await post(page, "12345");
    await report(page);
    await post(page, "67");
    await page.evaluate(() => Object.assign(window.__client, { sessionId: "after it", tabIdUrlSafe: "q" }));
    await eventually(() => session("after it"), (after) => after);
    await post(page, "890");
    await report(page);
    const [one, two] = [await session("before the log-out"), await session("after it")];
    assert.deepEqual([one.totalBytesSent, one.pageIds], [7, []]);
    assert.deepEqual([two.totalBytesSent, two.pageIds, two.recentBytesSent], [3, ["q"], 3]);
    assert.equal((await traffic(page)).sent.fetch, 3);
  });

  test("runs where its client says: each native type, and the Designer", async () => {
    for (const [scope, client] of Object.entries({
      "iOS": "new (class { sessionId = 's iOS'; static get nativeType() { return 'ios' } })()",
      "Android": "new (class { sessionId = 's Android'; static get nativeType() { return 'android' } })()",
      "browser": "new (class { sessionId = 's browser'; static get nativeType() { return 'workstation' } })()",
      "designer": "new (class { sessionId = 's designer'; get isDesigner() { return true }; static get nativeType() { return 'none' } })()",
    })) {
      const page = await open(client);
      await report(page);
      assert.equal((await session(`s ${scope}`)).sessionScope, scope);
    }
  });

  test("has each id that its client lacks from the next source", async () => {
    const bare = await open(`{ sessionId: "bare" }`);
    await report(bare);
    const { project, pageId } = await identity(bare);
    assert.equal(project, "My Plant", "from the URL");
    assert.match(pageId, /^[0-9a-f]{16}$/, "the tab's own");
    await bare.reload();
    await report(bare);
    assert.equal((await identity(bare)).pageId, pageId);

    // In the Designer a page's id is its view's name.
    const view = await open(
      `{ sessionId: "d", isDesigner: true, page: { pageProps: { read: (path) => path === "pageId" ? "A view/1 π" : null } } }`,
    );
    await report(view);
    assert.deepEqual((await session("d")).pageIds, ["A view/1 π"]);
  });
});
