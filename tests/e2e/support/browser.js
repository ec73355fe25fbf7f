// A real Chromium. Each context of it is a browser of its own: another profile, another private window.

import { chromium } from "playwright-core";

/** A name that is not a loopback name, so that its http pages are no secure context. */
export const PLANT_HOST = "plant.test";

const OPTIONS = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    `--host-resolver-rules=MAP ${PLANT_HOST} 127.0.0.1`,
  ],
  // The back/forward cache is what users have.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
};

export function launchBrowser() {
  return chromium.launch(OPTIONS);
}

/** A browser with a profile on disk, and a function that kills its processes. */
export async function launchKillableBrowser() {
  const server = await chromium.launchServer(OPTIONS);
  const browser = await chromium.connect(server.wsEndpoint());
  return { browser, kill: () => server.kill() };
}

/** Opens a page and collects what goes wrong in it. */
export async function openPage(context, url) {
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error));
  await page.goto(url);
  return page;
}

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
