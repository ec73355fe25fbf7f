// `cargo xtask bench agent`: what the agent costs a page, beside what others cost, as a table in markdown.

import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";

import { launchBrowser } from "../e2e/support/browser.js";
import { Gateway } from "../e2e/support/gateway.js";
import { measureRequests, measureSends } from "./calls.js";
import { LOADS, measureLoads } from "./loads.js";
import { measureMemory, REPORTS } from "./memory.js";
import { sizeOf } from "./sizes.js";

const { AGENT, PEERS } = process.env;

/** Each with its name in the table. */
const SUBJECTS = {
  agent: "agent",
  opentelemetry: "OpenTelemetry",
  sentry: "Sentry",
  faro: "Faro",
  datadog: "Datadog RUM",
};
const NAMES = Object.keys(SUBJECTS);
const SIZES = { 64: "64 B", 1024: "1 KB", 65_536: "64 KB", 1_048_576: "1 MB" };

const say = (what) => console.error(`    ${what}`);
const number = (value) => Math.round(value).toLocaleString("en");
const milliseconds = (value) => `${value.toFixed(1)} ms`;
const kib = (value) => `${(value / 1024).toFixed(1)} KiB`;
const grown = (value) => (value < 0 ? "−" : "+") + kib(Math.abs(value));
const roundsOf = (ratios) => {
  const [least, most] = [Math.min, Math.max].map((end) => number(end(...ratios.map(({ rounds }) => rounds))));
  return least === most ? least : `${least} to ${most}`;
};
const ratio = ({ median, interval: [low, high] }) => `${median.toFixed(2)} ± ${((high - low) / 2).toFixed(2)}`;

const sink = fork(new URL("sink.js", import.meta.url));
sink.on("exit", (code) => code && process.exit(code));
const [port] = await once(sink, "message");
const origin = `http://127.0.0.1:${port}`;
const gateway = await Gateway.start(["--allow-origin", origin]);
const browser = await launchBrowser("Chromium");

try {
  const url = (name) => `${origin}/page/${name}?gateway=${gateway.url("")}`;
  say("WebSocket.send");
  const sends = await measureSends(browser, url);
  say("fetch and XMLHttpRequest");
  const requests = await measureRequests(browser, url, NAMES);
  say("loads of a page");
  const loads = await measureLoads(browser, url, NAMES);
  say("an hour of reports");
  const memory = await measureMemory(browser, url, gateway.url(""));
  print(sends, requests, loads, memory, await browser.version());
} finally {
  await browser.close();
  await gateway.kill();
  sink.kill();
}

function print(sends, requests, loads, memory, version) {
  const files = { script: `${AGENT}/agent.js`, wasm: `${AGENT}/agent.wasm` };
  const parts = Object.entries(files).map(([part, file]) => `${part} ${number(sizeOf(file).brotli)}`);
  const sizes = NAMES.map((name) =>
    name === "agent" ? sizeOf(...Object.values(files)) : sizeOf(`${PEERS}/${name}.js`),
  );
  const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  const ofAll = (title, cell, noise = "") => row(title, ...NAMES.map(cell), noise);
  const ofAgent = (title, cell, noise = "") => ofAll(title, (name) => (name === "agent" ? cell : ""), noise);

  console.log();
  ofAll("", (name) => SUBJECTS[name], "noise");
  ofAll("---", () => "---:", "---:");
  ofAll("download, brotli, bytes", (_name, i) => number(sizes[i].brotli));
  ofAgent("of it", parts.join(", "));
  ofAll("download, raw, bytes", (_name, i) => number(sizes[i].raw));
  for (const [size, { agent, noise }] of Object.entries(sends)) {
    ofAgent(`\`WebSocket.send\`, ${SIZES[size]}`, ratio(agent), ratio(noise));
  }
  for (const [title, { bare, ...others }] of Object.entries(requests)) {
    ofAll(`${title}, 1 KB`, (name) => ratio(others[name]), ratio(bare));
  }
  for (const [title, what] of [["main thread", "worked"], ["time to interactive", "interactive"]]) {
    ofAll(`${title}, added`, (name) => milliseconds(loads[name][what]), milliseconds(loads.bare[what]));
  }
  for (const [title, [first, ...growth]] of Object.entries(memory)) {
    ofAgent(`${title}, idle`, kib(first));
    ofAgent(`${title}, growth`, growth.map(grown).join(", "));
  }
  console.log(`
Calls: the time of the patched one over that of the browser's own, with the 95 % interval of the median; noise is the
browser's own over itself, and a bare page less itself. Main thread: half a second after the load, when the agent has
reported. Interactive: the end of DOMContentLoaded, or of the last task of 50 ms or more. Memory: at the first report,
and its growth in the first hour after it (${REPORTS} reports) and in the second. The others are set up as their makers
say: OpenTelemetry with zone.js and OTLP, Sentry and Faro with tracing, Datadog RUM with replay.

Measured by \`cargo xtask bench agent\` in ${version} on ${cpus().length} cores of ${cpus()[0].model.trim()}: medians of
${roundsOf(Object.values(sends).map(({ agent }) => agent))} rounds of sends, \
${roundsOf(Object.values(requests).map(({ agent }) => agent))} of requests and ${LOADS} loads.`);
}
