// The ways to put the agent on a page: the script tag's attributes, the npm package, a strict
// Content-Security-Policy.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { BROWSERS, identity, launchBrowser, newPage, openPage, report } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { tokenOf } from "./support/identity.js";
import { Site } from "./support/site.js";

const SECRET = "a secret of the tests, of 32 bytes or more";

for (const name of BROWSERS) {
  describe(`the agent starts in ${name}`, { timeout: 120_000 }, () => {
    let browser, site, gateway;

    before(async () => {
      browser = await launchBrowser(name);
      site = await Site.start();
      gateway = await Gateway.start(["--allow-origin", site.url(""), "--identity-secret", SECRET]);
    });

    afterEach(() => {
      site.tag = site.inline = site.policy = "";
    });

    after(async () => {
      await browser?.close();
      await gateway?.kill();
      await site?.stop();
    });

    const listed = async (project) => {
      const sessions = await gateway.sessions({ project });
      assert.equal(sessions.length, 1);
      const { id, username, sessionScope, pageIds, authorized } = sessions[0];
      return { id, username, sessionScope, pageIds, authorized };
    };

    test("with the identity that the script tag gives", async () => {
      site.inline = `window.theToken = "${tokenOf("maria π", SECRET)}";`;
      site.tag =
        `src="${gateway.url("/agent.js")}" data-project="By tag" data-gateway="${gateway.url("")}" ` +
        `data-session-id="a b/c" data-page-id="A view/π" data-scope="designer" data-identity-token="theToken"`;
      const page = await openPage(await browser.createBrowserContext(), site.url());
      await report(page);
      assert.deepEqual(await listed("By tag"), {
        id: "a b/c",
        username: "maria π",
        sessionScope: "designer",
        pageIds: ["A view/π"],
        authorized: true,
      });
      assert.deepEqual(page.errors, []);
      await page.browserContext().close();
    });

    test("as a module, and stops when it is told to", async () => {
      const page = await openPage(await browser.createBrowserContext(), site.url());
      const given = { project: "By module", sessionId: "s", pageId: "p", scope: "Android" };
      await page.evaluate(
        async ([gateway, given, token]) => {
          const { startAgent } = await import("/npm/index.js");
          window.perspectiveSessionInfo = {
            agent: startAgent({ ...given, gateway, identityToken: async () => token }),
          };
        },
        [gateway.url(), given, tokenOf("billy", SECRET)],
      );
      await page.evaluate(() => window.send.fetch(window.messages.pi()));
      await report(page);
      assert.deepEqual(await identity(page), given);
      const { sessionId: id, pageId, scope: sessionScope } = given;
      assert.deepEqual(await listed("By module"), {
        id,
        username: "billy",
        sessionScope,
        pageIds: [pageId],
        authorized: true,
      });

      const traffic = await page.evaluate(async () => {
        const { agent } = window.perspectiveSessionInfo;
        agent.stop();
        await window.send.fetch(window.messages.ascii());
        await window.send.webSocket(window.messages.ascii());
        return agent.traffic.sent;
      });
      assert.deepEqual(traffic, { webSocket: 0, fetch: 2, xhr: 0, beacon: 0 });
      const refusal = page.evaluate(() => window.perspectiveSessionInfo.agent.report());
      await assert.rejects(refusal, /stopped/);
      assert.deepEqual(page.errors, []);
      await page.browserContext().close();
    });

    test("on a page with a strict Content-Security-Policy that allows it", async () => {
      site.tag = `src="${gateway.url("/agent.js")}" data-project="Strict"`;
      site.policy =
        `default-src 'none'; script-src 'self' ${gateway.url("")} 'wasm-unsafe-eval'; ` +
        `connect-src 'self' ${gateway.url("")}`;
      const page = await openPage(await browser.createBrowserContext(), site.url());
      await report(page);
      assert.equal((await listed("Strict")).pageIds.length, 1);
      assert.deepEqual(page.errors, []);
      await page.browserContext().close();
    });

    for (const [missing, policy] of [
      ["'wasm-unsafe-eval'", (gateway) => `script-src 'self' ${gateway}; connect-src 'self' ${gateway}`],
      ["connect-src", (gateway) => `script-src 'self' ${gateway} 'wasm-unsafe-eval'; connect-src 'self'`],
    ]) {
      test(`not where a policy lacks ${missing}: it says so once and leaves the page alone`, async () => {
        site.tag = `src="${gateway.url("/agent.js")}" data-project="Refused"`;
        site.policy = policy(gateway.url(""));
        const page = await newPage(await browser.createBrowserContext());
        const said = [];
        page.on("console", (message) => {
          if (message.text().startsWith("Perspective Session Info: ")) said.push(message.text());
        });
        await page.goto(site.url());
        const reason = page.evaluate(() => window.perspectiveSessionInfo.agent.report());
        await assert.rejects(reason, (error) => error.message.includes(missing));
        await page.evaluate(() => window.send.fetch(window.messages.pi()));
        await page.evaluate(() => window.send.webSocket(window.messages.pi()));
        assert.equal(said.length, 1, said.join("\n"));
        assert.ok(said[0].includes(missing));
        assert.deepEqual(page.errors, []);
        assert.deepEqual(await gateway.sessions({ project: "Refused" }), []);
        await page.browserContext().close();
      });
    }
  });
}
