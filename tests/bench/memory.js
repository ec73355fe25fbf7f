// What an idle agent holds, and whether that grows: an hour of reports, in time that is driven, not waited for.

import { held } from "../e2e/support/held.js";

const HOUR_MS = 3_600_000;
/** What an agent on a page that is seen sends in that time. */
export const REPORTS = 360;

/**
 * The bytes that the agent adds to JavaScript's heap, and its wasm's memory: at the first report, how they have grown
 * an hour later (what the browser compiles and learns of code that runs often is in that), and in the hour after it.
 */
export async function measureMemory(browser, url, gateway) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(driveTime);
  await page.goto(url("bare"));
  const session = await page.createCDPSession();
  const before = await held(session);
  await page.evaluate((gateway) => {
    const script = document.createElement("script");
    script.src = "/agent/agent.js";
    Object.assign(script.dataset, { gateway, project: "Bench" });
    document.head.append(script);
  }, gateway);
  await page.evaluate(() => window.time.drive({ reports: 1 }));
  const first = await held(session);
  const hour = async () => {
    const reports = await page.evaluate((ms) => window.time.drive({ ms }), HOUR_MS);
    if (reports !== REPORTS) throw new Error(`${reports} reports in an hour instead of ${REPORTS}`);
  };
  await hour();
  const second = await held(session);
  await hour();
  const third = await held(session);
  await page.close();
  const grown = (what) => [second[what] - first[what], third[what] - second[what]];
  return {
    "JavaScript heap": [first.heap - before.heap, ...grown("heap")],
    "wasm memory": [first.wasm, ...grown("wasm")],
  };
}

/** Runs in the page before all else: its clocks stand, and its timers wait, unless they are driven. */
function driveTime() {
  const { performance, Date, fetch } = window;
  const turn = window.setTimeout.bind(window);
  const start = [performance.now(), Date.now()];
  const timers = new Map();
  let now = 0;
  let id = 0;
  let reports = 0;
  let answered;
  performance.now = () => start[0] + now;
  Date.now = () => start[1] + now;
  window.setTimeout = (then, ms = 0) => {
    timers.set(++id, { then, at: now + ms });
    return id;
  };
  window.clearTimeout = (id) => timers.delete(id);
  window.fetch = (...call) => {
    const response = fetch(...call);
    if (String(call[0]).endsWith("/v1/report")) {
      reports++;
      answered = response.then((response) => response.clone().text());
    }
    return response;
  };
  window.time = {
    /** Lets time pass until there were so many more reports, or milliseconds; says how many reports there were. */
    async drive({ reports: more = Infinity, ms = Infinity }) {
      const before = reports;
      const until = now + ms;
      while (reports - before < more) {
        const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
        if (next && next[1].at > until) break;
        if (next) {
          timers.delete(next[0]);
          now = Math.max(now, next[1].at);
          next[1].then();
        }
        // Something is on its way: the page's own loading, or an answer, which is taken in the turn after.
        await answered;
        await new Promise((resolve) => turn(resolve));
      }
      await answered;
      await new Promise((resolve) => turn(resolve, 50));
      // The browser's own record of requests.
      performance.clearResourceTimings();
      return reports - before;
    },
  };
}
