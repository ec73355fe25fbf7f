// Where the tests of a page's own calls run: each browser, with a site that carries the agent and a gateway.

import { after, afterEach, before, beforeEach, describe } from "node:test";

import { BROWSERS, launchBrowser, openPage, PLANT_HOST, report } from "./browser.js";
import { Gateway } from "./gateway.js";
import { Site } from "./site.js";

/**
 * Describes what is so in each of the browsers. The site's host is one whose http pages are no secure context:
 * there a browser offers least, and what holds there holds elsewhere.
 *
 * @param {string} what
 * @param {(stage: Stage) => void} tests
 * @param {{ browsers?: string[], host?: string, options?: string[], driven?: boolean }} more `options` and
 *   `driven` are the gateway's
 */
export function inEachBrowser(what, tests, more = {}) {
  const { browsers = BROWSERS, host = PLANT_HOST, options = [], driven } = more;
  for (const name of browsers) {
    describe(`${what}, in ${name}`, { timeout: 120_000 }, () => {
      const stage = new Stage(name, host);
      before(async () => {
        stage.browser = await launchBrowser(name);
        stage.site = await Site.start();
        const allowed = ["--allow-origin", stage.site.url("", host)];
        stage.gateway = await Gateway.start([...allowed, ...options], { driven });
      });
      beforeEach(() => stage.begin());
      afterEach(() => stage.end());
      after(async () => {
        await stage.browser?.close();
        await stage.gateway?.kill();
        await stage.site?.stop();
      });
      tests(stage);
    });
  }
}

class Stage {
  #contexts = [];

  constructor(name, host) {
    this.name = name;
    this.host = host;
  }

  /** The script tag's attributes. */
  get tag() {
    return `src="${this.gateway.url("/agent.js", this.host)}" data-project="MyProject"`;
  }

  begin() {
    this.site.reset();
    this.site.tag = this.tag;
  }

  async end() {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  url(path) {
    return this.site.url(path, this.host);
  }

  /** A browser of its own: another profile. */
  async context() {
    const context = await this.browser.createBrowserContext();
    this.#contexts.push(context);
    return context;
  }

  /** Opens a page of the site, unless told otherwise in a browser of its own. */
  async open(path = "/", context) {
    return openPage(context ?? (await this.context()), this.url(path));
  }

  /** What the gateway says of the page's session after a report of the page's. */
  async listed(page) {
    await report(page);
    const { sessionId } = await page.evaluate(() => window.perspectiveSessionInfo.agent.identity);
    return (await this.gateway.sessions({ detail: "true" })).find(({ id }) => id === sessionId);
  }

  /** The bytes of the next messages that arrive at the site, summed. */
  async arrivals(count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (await this.site.arrival()).bytes;
    return sum;
  }
}

/** What the page's agent has counted. */
export function traffic(page) {
  return page.evaluate(() => window.perspectiveSessionInfo.agent.traffic);
}
