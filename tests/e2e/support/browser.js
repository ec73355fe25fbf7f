// Real browsers. Each context of one is a browser of its own: another profile, another private window.

import { once } from "node:events";
import puppeteer from "puppeteer-core";

/** A name that is not a loopback name, so that its http pages are no secure context. */
export const PLANT_HOST = "plant.test";

const OPTIONS = {
  Chromium: {
    browser: "chrome",
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      `--host-resolver-rules=MAP ${PLANT_HOST} 127.0.0.1`,
    ],
  },
  Firefox: {
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    extraPrefsFirefox: { "network.dns.localDomains": PLANT_HOST },
  },
};

/** The browsers that there are, by name. */
export const BROWSERS = Object.keys(OPTIONS);

/** Each browser with each kind of host: one whose pages are a secure context, and one whose are not. */
export const PLACES = BROWSERS.flatMap((name) =>
  ["127.0.0.1", PLANT_HOST].map((host) => ({ name, host })),
);

/** Starts a browser; `args` are arguments besides those that the tests need. */
export function launchBrowser(name, { args = [], ...more } = {}) {
  const options = OPTIONS[name];
  return puppeteer.launch({ ...options, args: [...(options.args ?? []), ...args], defaultViewport: null, ...more });
}

/** A browser, and a function that kills it as the end of its power would. */
export async function launchKillableBrowser(name) {
  const browser = await launchBrowser(name);
  return { browser, kill: () => end(browser, "SIGKILL") };
}

/** Quits Chromium as its user does. Told to close by its driver, it does not tell the pages that they do. */
export const quit = (browser) => end(browser, "SIGINT");

async function end(browser, signal) {
  const ended = once(browser.process(), "exit");
  browser.process().kill(signal);
  await ended;
}

/** What Firefox says in the way that it tells exceptions, when all that it did was to refuse a request. */
const REFUSAL = /^(Content-Security-Policy|Cross-Origin Request Blocked): /;

/** A new page that collects what goes wrong in it. */
export async function newPage(context) {
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => {
    if (!REFUSAL.test(error.message)) page.errors.push(error);
  });
  return page;
}

/** Opens a page and collects what goes wrong in it. */
export async function openPage(context, url) {
  const page = await newPage(context);
  await page.goto(url);
  return page;
}

/** Answers the page's request for `path` when it is asked to: by `answer(request)`. */
export async function intercept(page, path, answer) {
  await page.setRequestInterception(true);
  page.on("request", (request) =>
    new URL(request.url()).pathname === path ? answer(request) : request.continue(),
  );
}

/** Goes back or forward. A page that comes out of the back/forward cache does not load again. */
export const goBack = (page) => page.goBack({ waitUntil: [] });
export const goForward = (page) => page.goForward({ waitUntil: [] });

/** Sends the page's report now, as soon as its agent knows who it is, and waits for the answer. */
export function report(page) {
  return page.evaluate(async () => {
    const agent = await new Promise((resolve) => {
      const look = () => {
        const found = window.perspectiveSessionInfo?.agent;
        if (found?.identity) resolve(found);
        else setTimeout(look, 10);
      };
      look();
    });
    await agent.report();
  });
}

/** What the page's agent says of itself. */
export function identity(page) {
  return page.evaluate(() => window.perspectiveSessionInfo.agent.identity);
}

/** Asks again until `holds` is true of the answer; fails with the last answer after `ms`. */
export async function eventually(ask, holds, ms = 10_000) {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`still not so after ${ms} ms: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
