// The agent beside other people's instrumentation of the same methods, loaded before it and after it.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { BROWSERS, eventually, launchBrowser, openPage, report } from "./support/browser.js";
import { Collector } from "./support/collector.js";
import { Gateway } from "./support/gateway.js";
import { Site } from "./support/site.js";

/** Each with what stands in its reports of a request to `url` by "fetch" or "xhr". */
const PEERS = {
  opentelemetry: (url) => `"url.full","value":{"stringValue":"${url}"}`,
  faro: (url) => `"url.full","value":{"stringValue":"${url}"}`,
  sentry: (url) => `"url.full":{"value":"${url}"`,
  datadog: (url, channel) => `"type":"${channel}","method":"POST","status_code":200,"url":"${url}"`,
};
const NAMES = Object.keys(PEERS);

/** Patches every channel, and can put back what was there. */
const PUTS_BACK = `
  const patched = [
    [window, "fetch"],
    [Navigator.prototype, "sendBeacon"],
    [WebSocket.prototype, "send"],
    [XMLHttpRequest.prototype, "open"],
    [XMLHttpRequest.prototype, "send"],
  ].map(([owner, name]) => {
    const found = owner[name];
    owner[name] = function (...args) {
      return found.apply(this, args);
    };
    return () => (owner[name] = found);
  });
  window.putBack = () => patched.forEach((putBack) => putBack());`;

const BODIES = ["empty", "ascii", "emoji", "loneSurrogate", "blob", "viewWithOffset", "searchParams", "formData"];
const MESSAGES = Object.entries({
  webSocket: ["ascii", "emoji", "loneSurrogate", "blob", "viewWithOffset"],
  fetch: BODIES,
  override: BODIES.slice(1),
  request: BODIES.slice(1),
  xhr: [...BODIES, "document"],
  synchronousXhr: BODIES,
  beacon: BODIES,
}).flatMap(([way, kinds]) => kinds.map((kind) => [way, kind]));

for (const browserName of BROWSERS) {
  describe(`beside others in ${browserName}`, { timeout: 300_000 }, () => {
    let browser, site, gateway, collector, agent;
    // Firefox's boundaries vary in length, so that the agent can't know the bytes of a form.
    const messages = MESSAGES.filter(([, kind]) => browserName !== "Firefox" || kind !== "formData");

    before(async () => {
      browser = await launchBrowser(browserName);
      site = await Site.start();
      gateway = await Gateway.start(["--allow-origin", site.url("")]);
      collector = await Collector.start();
      agent = `src="${gateway.url("/agent.js")}" data-project="MyProject"`;
    });

    afterEach(() => {
      site.before = site.tag = site.behind = site.inline = "";
      collector.reports.length = 0;
    });

    after(async () => {
      await browser?.close();
      await gateway?.kill();
      await collector?.stop();
      await site?.stop();
    });

    const open = async () => openPage(await browser.createBrowserContext(), site.url());
    const close = (page) => page.browserContext().close();
    const tags = (names, url = collector.url) =>
      names.map((name) => `<script src="/peers/${name}.js" data-collector="${url}"></script>`).join("");

    /** Sends one message of each kind, and says what has arrived for each. */
    const sendAll = async (page) => {
      const arrivals = [];
      for (const [way, kind] of messages) {
        await page.evaluate(([way, kind]) => window.send[way](window.messages[kind]()), [way, kind]);
        arrivals.push({ way, kind, ...(await site.arrival()) });
      }
      return arrivals;
    };

    let expected;
    /** What arrives from a page on which nothing is patched. */
    const unpatched = async () => {
      if (!expected) {
        const { before, tag, behind } = site;
        site.before = site.tag = site.behind = "";
        const page = await open();
        expected = await sendAll(page);
        await close(page);
        Object.assign(site, { before, tag, behind });
      }
      return expected;
    };

    const trafficOf = (page) => page.evaluate(() => window.perspectiveSessionInfo.agent.traffic);

    const assertCounted = ({ sent, unmeasured }, arrivals) => {
      const right = { webSocket: 0, fetch: 0, xhr: 0, beacon: 0 };
      for (const { channel, bytes } of arrivals) right[channel] += bytes;
      assert.deepEqual({ sent, unmeasured }, { sent: right, unmeasured: 0 });
    };

    /** Lets peers report what they have gathered, for which they take up to 30 seconds on a visible page. */
    const hide = (page) =>
      page.evaluate(() => {
        Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      });

    /** Waits until each peer has reported a request of each channel. */
    const assertReported = async (page, names) => {
      // Faro's tracer is of OpenTelemetry too: of both, the first on a page traces for the other.
      const tracing = names.filter((name) => name !== "faro" || names.length === 1);
      const wanted = tracing.flatMap((name) =>
        ["fetch", "xhr"].map((channel) => [name, PEERS[name](site.url(`/count/${channel}`), channel)]),
      );
      const isMissing = ([name, mark]) =>
        !collector.reports.some(({ path, body }) => path.startsWith(`/${name}`) && body.includes(mark));
      const missing = () => hide(page).then(() => wanted.filter(isMissing));
      await eventually(missing, (missing) => missing.length === 0);
    };

    const combinations = [...NAMES.map((name) => [name, [name]]), ["all of them", NAMES]];
    for (const [title, names] of combinations) {
      for (const order of ["before", "behind"]) {
        test(`${title}, ${order} ours: everyone works, and our totals are exact`, async () => {
          site.tag = agent;
          site[order] = tags(names);
          const wanted = await unpatched();
          const page = await open();
          await report(page);
          const arrivals = await sendAll(page);
          assert.deepEqual(arrivals, wanted);
          assertCounted(await trafficOf(page), arrivals);
          await report(page);
          await assertReported(page, names);
          assert.deepEqual(page.errors, []);
          await close(page);
        });
      }
    }

    test("ours stopped beneath them: they and the page go on, and nothing more counts", async () => {
      site.tag = agent;
      site.behind = tags(NAMES);
      const wanted = await unpatched();
      const page = await open();
      await report(page);
      await page.evaluate(() => window.perspectiveSessionInfo.agent.stop());
      assert.deepEqual(await sendAll(page), wanted);
      assertCounted(await trafficOf(page), []);
      await assertReported(page, NAMES);
      assert.deepEqual(page.errors, []);
      await close(page);
    });

    for (const order of ["before", "behind"]) {
      test(`OpenTelemetry, ${order} ours and disabled: our totals are exact`, async () => {
        site.tag = agent;
        site[order] = tags(["opentelemetry"]);
        const wanted = await unpatched();
        const page = await open();
        await page.evaluate(() => window.disableOpenTelemetry());
        const arrivals = await sendAll(page);
        assert.deepEqual(arrivals, wanted);
        assertCounted(await trafficOf(page), arrivals);
        assert.deepEqual(page.errors, []);
        await close(page);
      });

      test(`one that reports to the page's own origin, ${order} ours: that counts as the page's`, async () => {
        site.tag = agent;
        site[order] = tags(["opentelemetry"], site.url("/count/fetch?"));
        const page = await open();
        await page.evaluate(() => window.send.xhr(window.messages.ascii()));
        const arrivals = [await site.arrival()];
        await hide(page);
        arrivals.push(await site.arrival());
        assert.deepEqual(arrivals.map(({ channel }) => channel), ["xhr", "fetch"]);
        assertCounted(await trafficOf(page), arrivals);
        assert.deepEqual(page.errors, []);
        await close(page);
      });

      test(`one that puts back what it found, ${order} ours: the page goes on`, async () => {
        const wanted = await unpatched();
        site.tag = agent;
        site[order] = `<script>${PUTS_BACK}</script>`;
        const page = await open();
        const counted = await sendAll(page);
        await page.evaluate(() => window.putBack());
        const arrivals = await sendAll(page);
        assert.deepEqual(arrivals, wanted);
        // What it found before ours is the browser's own: ours is gone with it.
        assertCounted(await trafficOf(page), order === "before" ? counted : [...counted, ...arrivals]);
        await report(page);
        assert.deepEqual(page.errors, []);
        await close(page);
      });
    }
  });
}
