// A gateway that goes away, and browsers that are killed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  BROWSERS,
  eventually,
  identity,
  intercept,
  launchBrowser,
  launchKillableBrowser,
  newPage,
  openPage,
  PLANT_HOST,
  report,
} from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { reportOf } from "./support/report.js";
import { Site } from "./support/site.js";

for (const name of BROWSERS) {
  describe(`trouble in ${name}`, { timeout: 240_000 }, () => {
    let browser, site;

    before(async () => {
      browser = await launchBrowser(name);
      site = await Site.start();
    });

    after(async () => {
      await browser?.close();
      await site?.stop();
    });

    const start = async (t, origin, options) => {
      const gateway = await Gateway.start(["--allow-origin", origin], options);
      t.after(() => gateway.kill());
      return gateway;
    };
    const send = async (page, channel, kind) => {
      await page.evaluate(
        ([channel, kind]) => window.send[channel](window.messages[kind]()),
        [channel, kind],
      );
      return (await site.arrival()).bytes;
    };
    const tag = (gateway) => `src="${gateway.url("/agent.js")}" data-project="MyProject"`;

    test("a gateway killed and started again has everything back within one report", async (t) => {
      let gateway = await start(t, site.url(""));
      site.tag = tag(gateway);
      const context = await browser.createBrowserContext();
      const pages = [await openPage(context, site.url()), await openPage(context, site.url())];
      let total = 0;
      for (const page of pages) {
        total += await send(page, "webSocket", "long");
        total += await send(page, "fetch", "blob");
        await report(page);
      }
      const before = await gateway.session();
      assert.equal(before.totalBytesSent, total);

      await gateway.kill();
      total += await send(pages[0], "xhr", "pi");
      gateway = await start(t, site.url(""), { port: gateway.port });
      for (const page of pages) await report(page);

      const after = await gateway.session();
      assert.equal(after.id, before.id);
      // Which page comes first is up to which reported first to the new process.
      assert.deepEqual(after.pageIds.toSorted(), before.pageIds.toSorted());
      assert.equal(after.totalBytesSent, total);
      const strangers = reportOf({ key: "0".repeat(32), sessionId: after.id, pageId: after.pageIds[0] });
      const stranger = await fetch(gateway.url("/v1/report"), { method: "POST", body: JSON.stringify(strangers) });
      assert.equal(stranger.status, 403, "the key is as before: nobody else reports for the session");
      for (const page of pages) assert.deepEqual(page.errors, []);
      await context.close();
    });

    test("a gateway that is away when the page loads is found when it comes", async (t) => {
      let gateway = await start(t, site.url(""));
      site.tag = tag(gateway);
      const context = await browser.createBrowserContext();
      // The script itself is in the browser's cache, or comes from elsewhere; the gateway is away.
      const script = await (await fetch(gateway.url("/agent.js"))).text();
      const page = await newPage(context);
      await intercept(page, "/agent.js", (request) =>
        request.respond({ body: script, contentType: "text/javascript" }),
      );
      await gateway.kill();

      await page.goto(site.url());
      let total = await send(page, "fetch", "emoji");
      total += await send(page, "webSocket", "ascii");
      gateway = await start(t, site.url(""), { port: gateway.port });
      await eventually(() => gateway.sessions(), (sessions) => sessions.length === 1, 90_000);
      total += await send(page, "beacon", "pi");
      await report(page);
      assert.equal((await gateway.session()).totalBytesSent, total);
      assert.deepEqual(page.errors, []);
      await context.close();
    });

    test("a page whose script tag leads nowhere works as if it were not there", async (t) => {
      const gateway = await start(t, site.url(""));
      site.tag = tag(gateway);
      await gateway.kill();
      const context = await browser.createBrowserContext();
      const page = await openPage(context, site.url());
      assert.equal(await send(page, "fetch", "pi"), 2);
      assert.deepEqual(page.errors, []);
      await context.close();
    });

    for (const host of ["127.0.0.1", PLANT_HOST]) {
      test(`the pages of a killed browser at http://${host} leave when their leases run out`, async (t) => {
        const gateway = await start(t, site.url("", host), { driven: true });
        site.tag = `src="${gateway.url("/agent.js", host)}" data-project="MyProject"`;
        const { browser: doomed, kill } = await launchKillableBrowser(name);
        const page = await openPage(await doomed.createBrowserContext(), site.url("/", host));
        const bytes = await send(page, "webSocket", "long");
        await report(page);
        const { pageId } = await identity(page);
        await kill();

        const before = await gateway.session();
        assert.deepEqual(before.pageIds, [pageId]);
        const { leaseMs } = before.detail.pages[0];
        await gateway.advance(leaseMs - 1);
        assert.deepEqual((await gateway.session()).pageIds, [pageId]);
        await gateway.advance(1);
        const after = await gateway.session();
        assert.deepEqual([after.pageIds, after.activePages], [[], 0]);
        assert.equal(after.totalBytesSent, bytes);
        assert.equal(after.lastComm, leaseMs);
        await gateway.advance(60_000);
        assert.deepEqual(await gateway.sessions(), [], "a minute later the session has ended");
      });
    }
  });
}
