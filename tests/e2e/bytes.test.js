// Known messages over each channel: what the agent counts is what the server received, byte for byte.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  identity,
  intercept,
  launchBrowser,
  newPage,
  openPage,
  PLACES,
  report,
} from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { Site } from "./support/site.js";

const TEXTS = ["empty", "ascii", "pi", "emoji", "loneSurrogate", "long"];
const BINARIES = ["blob", "buffer", "viewWithOffset", "wideView", "dataView"];
const FORMS = ["searchParams", "formData", "emptyFormData"];
/** The boundaries in the forms of messages.js. Firefox draws the length of one anew each time, of 50 to 53. */
const BOUNDARIES = { formData: 5, emptyFormData: 1 };
const KINDS = {
  webSocket: [...TEXTS, ...BINARIES],
  fetch: [...TEXTS, ...BINARIES, ...FORMS],
  xhr: [...TEXTS, ...BINARIES, ...FORMS, "document"],
  beacon: [...TEXTS, ...BINARIES, ...FORMS],
};

for (const { name, host } of PLACES) {
  describe(`bytes sent from a page at http://${host} in ${name}`, { timeout: 120_000 }, () => {
    let browser, site, gateway;

    before(async () => {
      browser = await launchBrowser(name);
      site = await Site.start();
      gateway = await Gateway.start(["--allow-origin", site.url("", host)]);
      site.tag = `src="${gateway.url("/agent.js", host)}" data-project="MyProject"`;
    });

    after(async () => {
      await browser?.close();
      await gateway?.kill();
      await site?.stop();
    });

    const sessionOf = async (page) => {
      const { sessionId } = await identity(page);
      return (await gateway.sessions({ detail: "true" })).find(({ id }) => id === sessionId);
    };

    for (const [channel, kinds] of Object.entries(KINDS)) {
      test(`${channel}: every kind of message`, async () => {
        const context = await browser.createBrowserContext();
        const page = await openPage(context, site.url("/", host));
        await report(page);
        let total = 0;
        let recent = 0;
        let unmeasured = 0;
        for (const kind of kinds) {
          await page.evaluate(
            ([channel, kind]) => window.send[channel](window.messages[kind]()),
            [channel, kind],
          );
          const { channel: arrivedBy, bytes } = await site.arrival();
          assert.equal(arrivedBy, channel);
          await report(page);
          const { totalBytesSent, recentBytesSent, detail } = await sessionOf(page);
          const boundaries = name === "Firefox" ? BOUNDARIES[kind] : undefined;
          if (boundaries) {
            unmeasured++;
            const over = recentBytesSent - bytes;
            assert.ok(over >= 0 && over <= 3 * boundaries, `${kind}: ${recentBytesSent} for ${bytes}`);
            recent = recentBytesSent;
            total += recent;
          } else {
            recent = bytes || recent;
            total += bytes;
          }
          assert.deepEqual(
            { kind, totalBytesSent, recentBytesSent },
            { kind, totalBytesSent: total, recentBytesSent: recent },
          );
          assert.equal(detail.sent[channel], total, "all of it went by this channel");
          assert.equal(detail.unmeasured, unmeasured);
        }
        assert.deepEqual(page.errors, []);
        await context.close();
      });
    }

    test("what is sent before the wasm has loaded counts from the first byte on", async () => {
      const context = await browser.createBrowserContext();
      let release;
      const released = new Promise((resolve) => (release = resolve));
      site.inline = `
        fetch("/count/fetch", { method: "POST", body: "early π" });
        const early = new WebSocket("ws://" + location.host + "/");
        early.onopen = () => early.send("early 😀");
        navigator.sendBeacon("/count/beacon", "early");`;
      const page = await newPage(context);
      await intercept(page, "/agent.wasm", async (request) => {
        await released;
        await request.continue();
      });
      await page.goto(site.url("/", host));
      site.inline = "";
      let total = 0;
      for (let i = 0; i < 3; i++) total += (await site.arrival()).bytes;
      release();
      await report(page);
      assert.equal((await sessionOf(page)).totalBytesSent, total);
      assert.deepEqual(page.errors, []);
      await context.close();
    });

    test("a foreign origin does not count, unless it is configured", async (t) => {
      const context = await browser.createBrowserContext();
      const foreign = await Site.start();
      t.after(() => foreign.stop());
      const sent = async (attribute) => {
        const tag = site.tag;
        site.tag += attribute;
        const page = await openPage(context, site.url("/", host));
        site.tag = tag;
        await page.evaluate(
          (url) => fetch(url, { method: "POST", body: "12345", mode: "no-cors" }),
          foreign.url("/count/fetch", host),
        );
        assert.equal((await foreign.arrival()).bytes, 5);
        return page.evaluate(() => window.perspectiveSessionInfo.agent.traffic.sent.fetch);
      };
      assert.equal(await sent(""), 0);
      assert.equal(await sent(` data-origins="${foreign.url("", host)}"`), 5);
      await context.close();
    });
  });
}
