// What a page holds that shows many sessions.

import { held } from "../../e2e/support/held.js";
import { MANY, openGrid } from "./rounds.js";

/** For each grid the bytes that it adds to a page with its sessions: by kind, and `all`. */
export async function measureMemory(browser, urls, bare) {
  const empty = await browser.newPage();
  await empty.goto(bare);
  const before = await heldBy(empty);
  const results = {};
  for (const [name, url] of Object.entries(urls)) {
    const page = await openGrid(browser, url);
    await page.evaluate((count) => window.bench.show(count), MANY);
    // The measurement's own copy.
    await page.evaluate(() => delete window.sessions);
    const after = await heldBy(page);
    const added = Object.fromEntries(Object.entries(after).map(([kind, bytes]) => [kind, bytes - before[kind]]));
    results[name] = { ...added, all: Object.values(added).reduce((sum, bytes) => sum + bytes) };
    await page.browserContext().close();
  }
  await empty.close();
  return results;
}

const heldBy = async (page) => held(await page.createCDPSession());
