// The designer page on live data, and getSessionInfo from JavaScript.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually, identity, launchBrowser, openPage, report } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { Site } from "./support/site.js";

describe("the panel", { timeout: 120_000 }, () => {
  let browser, gateway, site, billysPage, otherPage;

  before(async () => {
    browser = await launchBrowser("Chromium");
    site = await Site.start();
    gateway = await Gateway.start(["--demo", "--allow-origin", site.url("")]);
    billysPage = await openPage(await browser.createBrowserContext(), gateway.url("/demo/MyProject"));
    await billysPage.evaluate(() => window.demo.signIn("billy"));
    await report(billysPage);
    otherPage = await openPage(await browser.createBrowserContext(), gateway.url("/demo/OtherProject"));
    await report(otherPage);
  });

  after(async () => {
    await browser?.close();
    await gateway?.kill();
    await site?.stop();
  });

  /** The row of the sessions with this text in it. */
  const row = (text) => `session-info-panel >>> [role="row"] ::-p-text(${text})`;

  // With `visible`, or else it is looked for only when the document changes, which a shadow root's change is not.
  const rowShown = (page, text) => page.waitForSelector(row(text), { visible: true });

  /** Opens the link that the gateway prints, and collects what the browser complains of. */
  const openDesigner = async (viewport) => {
    const page = await (await browser.createBrowserContext()).newPage();
    await page.setViewport(viewport);
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(error.message));
    page.on("console", (message) => page.complaints.push(message.text()));
    await page.goto(gateway.designerLink);
    await rowShown(page, "billy");
    return page;
  };

  /** The names and values that the property tree shows. */
  const properties = (page) =>
    page.evaluate(() =>
      [...document.querySelector("session-info-panel").shadowRoot.querySelectorAll(".property")].map(
        (property) => [
          property.querySelector(".name").textContent,
          property.querySelector(".value").textContent,
        ],
      ),
    );

  for (const width of [320, 1400]) {
    test(`shows the list and the selected session's properties at ${width} px`, async () => {
      const page = await openDesigner({ width, height: 900 });
      assert.equal((await page.$$(row("Unauthenticated"))).length, 1);
      await page.click(row("billy"));
      const [session] = await gateway.sessions({ username: "billy" });
      const shown = new Map((await properties(page)).reverse());
      for (const key of ["id", "username", "project", "userAgent", "clientAddress", "sessionScope"]) {
        assert.equal(shown.get(key), session[key], key);
      }
      for (const key of ["totalBytesSent", "activePages", "authorized"]) {
        assert.equal(shown.get(key), String(session[key]), key);
      }
      assert.equal(shown.get("0"), session.pageIds[0], "arrays are open");
      const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
      assert.equal(await page.evaluate(sideways), 0, "nothing has to be scrolled sideways");
      assert.deepEqual(page.complaints, []);
      await page.browserContext().close();
    });
  }

  test("follows what happens, and filters as getSessionInfo does", async () => {
    const page = await openDesigner({ width: 1400, height: 900 });
    const { pageId } = await identity(billysPage);
    await page.click(row("billy"));
    const tab = await openPage(billysPage.browserContext(), gateway.url("/demo/MyProject"));
    await report(tab);
    const opened = (await identity(tab)).pageId;
    const ids = (shown) => shown.filter(([name]) => /^\d+$/.test(name)).map(([, value]) => value);
    await eventually(() => properties(page), (shown) => ids(shown).includes(opened));
    assert.ok(ids(await properties(page)).includes(pageId), "the selection is kept");
    await tab.close();
    await eventually(() => properties(page), (shown) => !ids(shown).includes(opened));

    await page.type('session-info-panel >>> input[name="project"]', "OtherProject\n");
    await page.waitForSelector(row("billy"), { hidden: true });
    assert.equal((await page.$$(row("OtherProject"))).length, 1);
    assert.equal(page.url(), gateway.url("/designer/?project=OtherProject"), "so that it can be shared");
    await page.reload();
    await rowShown(page, "OtherProject");
    assert.equal((await page.$$(row("billy"))).length, 0);
    assert.deepEqual(page.complaints, []);
    await page.browserContext().close();
  });

  test("says the device in words", async () => {
    const page = await openDesigner({ width: 1400, height: 900 });
    await page.waitForSelector(row("Chrome "), { visible: true });
    await page.browserContext().close();
  });

  test("hides a column from its menu and keeps it hidden, and exports what is filtered", async () => {
    const page = await openDesigner({ width: 1400, height: 900 });
    const part = (selector) => page.waitForSelector(`session-info-panel >>> ${selector}`, { visible: true });
    const heading = () => page.$$('session-info-panel >>> [role="columnheader"].address');
    await (await part("::-p-text(Columns)")).click();
    await (await part("label ::-p-text(Address)")).click();
    await eventually(heading, ({ length }) => length === 0);
    await page.reload();
    await rowShown(page, "billy");
    assert.equal((await heading()).length, 0);

    await page.evaluate(() => {
      document.querySelector("session-info-panel").filter = { username: "billy" };
      window.saved = [];
      URL.createObjectURL = (blob) => window.saved.push(blob.text()) && "data:,";
      HTMLAnchorElement.prototype.click = function () {
        window.saved.push(this.download);
      };
    });
    await (await part("::-p-text(Export)")).click();
    for (const what of ["CSV", "JSON"]) await (await part(`button ::-p-text(${what})`)).click();
    const [csv, csvName, json, jsonName] = await page.evaluate(() => Promise.all(window.saved));
    assert.deepEqual([csvName, jsonName], ["sessions.csv", "sessions.json"]);
    const [session, ...others] = JSON.parse(json);
    assert.deepEqual([session.username, others], ["billy", []]);
    assert.equal(csv.trim().split("\r\n").length, 2);
    assert.ok(csv.includes(session.id) && csv.includes("billy"), csv);
    assert.deepEqual(page.complaints, []);
    await page.browserContext().close();
  });

  test("says that no history is kept, or what is in it", async () => {
    const page = await openDesigner({ width: 1400, height: 900 });
    await page.click("session-info-panel >>> ::-p-text(History)");
    const note = await page.waitForSelector("session-info-panel >>> .past [role=status]:not(:empty)", { visible: true });
    assert.match(await note.evaluate((it) => it.textContent), /history|ended|no session list/i);
    await page.click("session-info-panel >>> ::-p-text(History)");
    await rowShown(page, "billy");
    await page.browserContext().close();
  });

  test("takes the read token out of the URL, and asks for it when it has none", async () => {
    const page = await openDesigner({ width: 1400, height: 900 });
    assert.equal(page.url(), gateway.url("/designer/"));
    await page.reload();
    await rowShown(page, "billy");
    const stranger = await openPage(await browser.createBrowserContext(), gateway.url("/designer/"));
    const enter = async (token) => {
      await stranger.locator("::-p-aria(Read token)").fill(token);
      await stranger.click('::-p-aria([role="button"])');
    };
    await enter("wrong");
    await stranger.waitForSelector("::-p-text(does not accept the token)");
    await enter(gateway.readToken);
    await rowShown(stranger, "billy");
    assert.deepEqual(stranger.errors, []);
    await stranger.browserContext().close();
    await page.browserContext().close();
  });

  test("getSessionInfo answers a page of an allowed origin, and says what is wrong", async () => {
    const page = await openPage(await browser.createBrowserContext(), site.url());
    const ask = (...args) =>
      page.evaluate(
        async ([module, args]) => {
          const { getSessionInfo } = await import(module);
          try {
            return { sessions: await getSessionInfo(...args) };
          } catch (error) {
            return { isError: error instanceof Error, message: error.message, status: error.status };
          }
        },
        [gateway.url("/panel/index.js"), args],
      );
    const options = { gateway: gateway.url(), token: gateway.readToken };
    const { sessions } = await ask("billy", "MyProject", options);
    assert.deepEqual(sessions.map(({ username, project }) => [username, project]), [
      ["billy", "MyProject"],
    ]);
    assert.equal((await ask(null, null, options)).sessions.length, 2);
    assert.deepEqual((await ask("nobody", null, options)).sessions, []);
    const refused = await ask(null, null, { ...options, token: "wrong" });
    assert.deepEqual([refused.isError, refused.status], [true, 401]);
    assert.match(refused.message, /token/);
    const wrong = await ask(17);
    assert.equal(wrong.isError, true);
    assert.match(wrong.message, /usernameFilter/);
    await page.browserContext().close();
  });
});
