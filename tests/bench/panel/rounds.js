// How long it takes until the sessions are on the screen, and until they are sorted, filtered and searched there.

export const ROUNDS = 9;
export const FEW = 10_000;
export const MANY = 100_000;

/** Opens the page of a grid, in front, with the grid empty and ready, and nothing kept from other rounds. */
export async function openGrid(browser, url) {
  const page = await (await browser.createBrowserContext()).newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(url);
  await page.evaluate(() => window.bench.ready);
  return page;
}

/** For each grid, round by round, the milliseconds of `parse`, `first`, `all`, `number`, `text`, `filter` and `search`. */
export async function measureRounds(browser, urls, count) {
  const taken = Object.fromEntries(Object.keys(urls).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const order = Object.entries(urls).sort(() => Math.random() - 0.5);
    for (const [name, url] of order) {
      const page = await openGrid(browser, url);
      const shown = await page.evaluate((count) => window.bench.show(count), count);
      const operated = await page.evaluate((round) => window.bench.operate(round), round);
      taken[name].push({ ...shown, ...operated });
      await page.browserContext().close();
    }
  }
  return taken;
}
