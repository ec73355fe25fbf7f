// Whatever a session says of itself, the panel shows it as text, and shows the other sessions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { text } from "node:stream/consumers";

import { eventually, newPage } from "./support/browser.js";
import { Gateway } from "./support/gateway.js";
import { tokenOf } from "./support/identity.js";
import { look, panelStage, sessionOf, showSessions } from "./support/panel.js";
import { sendReport } from "./support/report.js";

/** Each of these has run somewhere. `ran()` would tell. */
const INJECTIONS = readFileSync(new URL("support/injections.txt", import.meta.url), "utf8").trimEnd().split("\n");

/** As strict as a page can be, Trusted Types too; the test is told of whatever it refuses. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri /violation";

const SECRET = "a secret of the tests, of 32 bytes or more";

/** A session that says the same of everything. */
const sayingOnly = (text) =>
  sessionOf({
    userAgent: text,
    id: text,
    username: text,
    project: text,
    clientAddress: text,
    sessionScope: text,
    pageIds: [text],
    detail: { pages: [{ id: text, path: text, visible: true }] },
    [text]: text,
  });
/** How often its properties say it, which are all that `sayingOnly` has set. */
const OCCURRENCES = 10;

describe("hostile sessions", { timeout: 120_000 }, () => {
  const stage = panelStage();
  let violations;

  const open = async (policy = "") => {
    violations = [];
    stage.site.policy = policy;
    stage.site.answers["/violation"] = async (request, response) => {
      violations.push(JSON.parse(await text(request))["csp-report"]);
      response.end();
    };
    const page = await stage.open();
    page.requested = [];
    // What the panel loads of its own when it is first needed is as it should be.
    const isOwn = (url) => url.startsWith(stage.site.url("/panel/"));
    page.on("request", (request) => isOwn(request.url()) || page.requested.push(request.url()));
    await page.evaluate(() => {
      window.hasRun = 0;
      window.ran = () => (window.hasRun += 1);
    });
    return page;
  };

  test("there are two hundred and more, no two of them alike", () => {
    assert.ok(INJECTIONS.length > 200);
    assert.equal(new Set(INJECTIONS).size, INJECTIONS.length);
  });

  for (const [policy, where] of [[POLICY, "under a policy that lets nothing run"], ["", "without a policy"]]) {
    test(`are text in the list and among the properties, ${where}`, async () => {
      const page = await open(policy);
      await showSessions(page, [sayingOnly("harmless")]);
      const harmless = await page.evaluate(showEach, ["harmless"], OCCURRENCES);
      await showSessions(page, INJECTIONS.map(sayingOnly));
      const shown = await page.evaluate(showEach, INJECTIONS, OCCURRENCES);
      assert.deepEqual(shown.hidden, [], "shown in full, among the properties");
      const more = shown.elements.filter((name) => !harmless.elements.includes(name));
      assert.deepEqual(more, [], "and made of no other elements than a harmless one");
      assert.deepEqual(shown.armed, [], "no attribute runs or loads anything");
      assert.equal(await page.evaluate(() => window.hasRun), 0);
      assert.deepEqual(page.requested, []);
      assert.deepEqual(page.errors, []);
      if (policy) {
        // A violation of the test's own comes behind all others.
        await page.evaluate(() => {
          const style = document.createElement("style");
          style.textContent = "body { color: red; }";
          document.body.append(style);
        });
        await eventually(() => violations, (violations) => violations.length > 0);
        assert.deepEqual(violations.map((violation) => violation["effective-directive"]), ["style-src-elem"]);
      }
      await page.browserContext().close();
    });
  }

  test("that were reported to a gateway are text on its designer page", async () => {
    const gateway = await Gateway.start(["--identity-secret", SECRET]);
    for (const injection of INJECTIONS) {
      await sendReport(gateway, {
        project: injection,
        sessionId: injection,
        token: tokenOf(injection, SECRET),
        pageId: injection,
        userAgent: injection,
        path: injection,
      });
    }
    const page = await newPage(await stage.browser.createBrowserContext());
    await page.evaluateOnNewDocument(look);
    await page.evaluateOnNewDocument(() => {
      window.violations = [];
      window.ran = () => violations.push("ran");
      document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
    });
    await page.goto(gateway.designerLink);
    await page.waitForFunction((count) => window.look.rowCount() === count, {}, INJECTIONS.length);
    // Agent, id, user, project, page, and in detail its id and path.
    const shown = await page.evaluate(showEach, INJECTIONS, 7);
    assert.deepEqual(shown.hidden, []);
    assert.deepEqual(shown.armed, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
    await gateway.kill();
  });

  /** What a field can be that is not what it should be, as the page's script says it. */
  const WRONG = {
    "nothing": "undefined",
    "null": "null",
    "a number": "-1.5",
    "no number": "NaN",
    "infinity": "Infinity",
    "a huge number": "1e308",
    "a bigint": "2n ** 200n",
    "a boolean": "true",
    "an empty text": "''",
    "a symbol": "Symbol('x')",
    "a function": "() => 1",
    "a list": "[1, [2, [3]], null]",
    "an object": "({ toString: 5, valueOf: null })",
    "an object without a prototype": "Object.assign(Object.create(null), { a: 1 })",
    "a cycle": "(() => { const it = {}; it.it = it; return it; })()",
    "what throws when it is read": "({ get id() { throw new Error('x'); } })",
    "what throws when it becomes text": "({ toString() { throw 1; }, [Symbol.toPrimitive]() { throw 2; } })",
    "a proxy that throws": "new Proxy({}, { get() { throw 3; }, ownKeys() { throw 4; }, has() { throw 5; } })",
    "a revoked proxy": "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    "a date": "new Date(NaN)",
    "an element": "document.createElement('img')",
    "a window": "window",
    "a promise": "Promise.reject(new Error('x')).catch(() => {}) && Promise.resolve(1)",
    "bytes": "new Uint8Array(5000)",
    "a million holes": "new Array(1e6)",
    "a lone surrogate": "'a\\ud800b'",
    "control characters": "'\\u0000\\u0007\\u001b[31m\\u007f\\u0085\\r\\n\\t'",
    "bidirectional characters": "'admin\\u202etxt.exe\\u2066\\u2067\\u2068\\u2069\\u200f'",
    "characters without a width": "'\\u200b\\u200d\\ufeff\\u00ad\\u2028\\u2029'",
    "a heap of marks": "'Z' + '\\u0322\\u035b'.repeat(500)",
    "a megabyte": "'x'.repeat(1 << 20)",
    "a megabyte without a break": "'\\u{1f600}'.repeat(1 << 18)",
    "10,000 texts": "Array.from({ length: 10_000 }, (_, i) => `page ${i}`)",
    "a deep list": "(() => { let it = []; for (let i = 0; i < 5000; i++) it = [it]; return it; })()",
    "10,000 keys": "Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, i]))",
  };

  test("of wrong types, sizes and characters are shown or cut, and never leave the panel blank", async () => {
    const page = await open();
    for (const [what, expression] of Object.entries(WRONG)) {
      const shown = await page.evaluate(showWrong, expression, sessionOf({ id: "good", username: "the good one" }));
      assert.equal(shown.rows, 3, `${what}: each session has a row`);
      assert.ok(shown.good, `${what}: the good one is among them`);
      assert.ok(shown.properties, `${what}: and its properties are shown when it is selected`);
      assert.ok(shown.longest < 20_000, `${what}: what is long is cut: ${shown.longest}`);
      assert.deepEqual(shown.raw, [], `${what}: what can't be seen is made visible`);
    }
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });

  test("in lists of wrong types are an error that the panel tells, or none at all", async () => {
    const page = await open();
    for (const [what, expression] of Object.entries(WRONG)) {
      const shown = await page.evaluate(async (expression) => {
        const panel = document.querySelector("session-info-panel");
        panel.sessions = [];
        await window.look.frame();
        panel.sessions = (0, eval)(`(${expression})`);
        return window.look.until(() => window.look.texts().join("").trim() !== "" && panel.clientHeight > 0, 5_000);
      }, expression);
      assert.ok(shown, `${what}: something is said`);
    }
    await showSessions(page, [sessionOf()]);
    assert.equal(await page.evaluate(() => window.look.rowCount()), 1, "and then it shows what is right");
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });

  test("with the same id, or without one, have a row each", async () => {
    const page = await open();
    const same = ["1", "2", "3"].map((username) => sessionOf({ username }));
    const none = ["4", "5"].map((username) => ({ username }));
    await showSessions(page, [...same, ...none, null]);
    assert.equal(await page.evaluate(() => window.look.rowCount()), 6);
    await showSessions(page, same.toReversed());
    assert.equal(await page.evaluate(() => window.look.rowCount()), 3);
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  });
});

// What follows runs in the page.

/**
 * Selects each session by its id, which is what it says `times` over; says which did not say it, and what the panel was
 * made of.
 */
async function showEach(ids, times) {
  const { all, texts, until } = window.look;
  const panel = document.querySelector("session-info-panel");
  const hidden = [];
  const elements = new Set();
  const armed = new Set();
  for (const id of ids) {
    panel.selection = id;
    if (!(await until(() => texts().filter((text) => text === id).length >= times, 2_000))) hidden.push(id);
    for (const element of all("*")) {
      elements.add(element.localName);
      for (const { name, value } of element.attributes) {
        const isArmed = name === "style" ? /url|image|expression|import|</i : /^on|^(src|srcset|srcdoc|href|action|formaction|data)$/;
        if (isArmed.test(name === "style" ? value : name)) armed.add(`${name}=${value}`);
      }
    }
  }
  return { hidden, elements: [...elements], armed: [...armed] };
}

/** Shows a session in which everything is wrong, one that is wrong itself, and a good one, which is then selected. */
async function showWrong(expression, good) {
  const { rowCount, rows, texts, until } = window.look;
  const value = (0, eval)(`(${expression})`);
  const panel = document.querySelector("session-info-panel");
  panel.selection = null;
  panel.sessions = [Object.fromEntries(Object.keys(good).map((key) => [key, value])), value, good];
  await until(() => rowCount() === 3, 5_000);
  const shown = { rows: rowCount(), good: rows().some(({ textContent }) => textContent.includes(good.username)) };
  panel.selection = good.id;
  shown.properties = await until(() => texts().includes(good.pageIds[0]), 5_000);
  shown.longest = Math.max(...rows().map(({ textContent }) => textContent.length));
  // Not those that join: scripts and emoji need them.
  const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
  shown.raw = rows().map(({ textContent }) => textContent).filter((text) => unseen.test(text));
  return shown;
}
