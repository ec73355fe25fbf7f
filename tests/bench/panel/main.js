// `cargo xtask bench panel`: what the panel takes to show, sort and follow many sessions, beside what others take, as a
// table in markdown.

import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";

import { launchBrowser } from "../../e2e/support/browser.js";
import { sizeOf } from "../sizes.js";
import { interval, median, ratios } from "../statistics.js";
import { measureLive } from "./live.js";
import { measureMemory } from "./memory.js";
import { FEW, MANY, measureRounds, openGrid, ROUNDS } from "./rounds.js";

const { PANEL, GRIDS } = process.env;

/** Each with its name in the table. */
const SUBJECTS = { panel: "panel", tabulator: "Tabulator", ag_grid: "AG Grid" };
const NAMES = Object.keys(SUBJECTS);
const OPERATIONS = { number: "sort by bytes sent", text: "sort by user", filter: "filter by user", search: "search" };
const VIEWPORT = { width: 1400, height: 900 };

const say = (what) => console.error(`    ${what}`);
const number = (value) => Math.round(value).toLocaleString("en");
const mib = (bytes) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
const spread = ([low, high]) => (high - low) / 2;
const milliseconds = (values) => `${median(values).toFixed(1)} ± ${spread(interval(values)).toFixed(1)} ms`;
const ratio = (values) => `${median(values).toFixed(2)} ± ${spread(interval(values)).toFixed(2)}`;

const server = fork(new URL("server.js", import.meta.url));
server.on("exit", (code) => code && process.exit(code));
const [port] = await once(server, "message");
const origin = `http://127.0.0.1:${port}`;
const urls = Object.fromEntries(NAMES.map((name) => [name, `${origin}/page/${name}`]));

/** With frames as fast as they are made: how long something took is not rounded up to a screen's next frame. */
const unpaced = await launchBrowser("Chromium", {
  args: ["--disable-frame-rate-limit", "--disable-gpu-vsync"],
  defaultViewport: VIEWPORT,
});
const paced = await launchBrowser("Chromium", { defaultViewport: VIEWPORT });

try {
  say("downloads");
  const downloads = await measureDownloads();
  say(`${number(FEW)} sessions`);
  const few = await measureRounds(unpaced, urls, FEW);
  say(`${number(MANY)} sessions`);
  const many = await measureRounds(unpaced, urls, MANY);
  say("a thousand changes a second");
  const live = {};
  for (const name of NAMES) live[name] = await measureLive(paced, urls[name]);
  say("memory");
  const memory = await measureMemory(unpaced, urls, `${origin}/bare`);
  print(downloads, few, many, live, memory, await paced.version());
} finally {
  await unpaced.close();
  await paced.close();
  server.kill();
}

/** The bytes after brotli of what a page downloads before it has sessions to show. */
async function measureDownloads() {
  const page = await openGrid(unpaced, urls.panel);
  const files = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.startsWith("/panel/"))
      .map((path) => path.slice("/panel/".length)),
  );
  await page.browserContext().close();
  const others = NAMES.filter((name) => name !== "panel");
  return {
    panel: sizeOf(...files.map((file) => `${PANEL}/${file}`)),
    ...Object.fromEntries(others.map((name) => [name, sizeOf(`${GRIDS}/${name}.js`)])),
  };
}

function print(downloads, few, many, live, memory, version) {
  const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  const ofAll = (title, cell) => row(title, ...NAMES.map(cell));
  const series = (rounds, name, what) => rounds[name].map((round) => round[what]);
  /** Times, and for the others how many times as long as the panel's they are. */
  const times = (title, rounds, what) =>
    ofAll(title, (name) => {
      const own = series(rounds, name, what);
      const compared = name === "panel" ? "" : `, ${ratio(ratios(own, series(rounds, "panel", what)))} ×`;
      return milliseconds(own) + compared;
    });

  console.log();
  ofAll("", (name) => SUBJECTS[name]);
  ofAll("---", () => "---:");
  ofAll("download, brotli, bytes", (name) => number(downloads[name].brotli));
  for (const [count, rounds] of [[FEW, few], [MANY, many]]) {
    const title = `${number(count)} sessions: JSON text to first rows`;
    times(title, rounds, "first");
    ofAll(`${title}, over JSON.parse`, (name) =>
      ratio(ratios(series(rounds, name, "first"), series(rounds, name, "parse"))),
    );
    times(`${number(count)} sessions: JSON text to all listed`, rounds, "all");
    for (const [what, title] of Object.entries(OPERATIONS)) times(`${number(count)} sessions: ${title}`, rounds, what);
  }
  ofAll("1,000 changes a second: longest task", (name) => `${live[name].longest.toFixed(1)} ms`);
  ofAll("1,000 changes a second, scrolling: frames dropped", (name) => `${(100 * live[name].dropped).toFixed(1)} %`);
  ofAll(`memory, ${number(MANY)} sessions`, (name) => mib(memory[name].all));
  for (const [kind, title] of [["heap", "JavaScript"], ["document", "document"], ["buffers", "buffers"], ["wasm", "wasm"]]) {
    ofAll(`of it, ${title}`, (name) => mib(memory[name][kind]));
  }
  console.log(`
Times: medians of ${ROUNDS} rounds, each in a new page, with the 95 % interval of the median, from the call until the
rows that are asked for have been painted; × is how many times as long as the panel it took. Changes: ten batches a
second for 20 seconds, of 100 sessions each, while each frame scrolls by a row; the longest task in the main thread's own
time. Memory: what the page holds more than an empty one after garbage was collected. The others are set up as their
makers advise: tests/bench/panel/grids/.

Measured by \`cargo xtask bench panel\` in ${version} on ${cpus().length} cores of ${cpus()[0].model.trim()}.`);
}
