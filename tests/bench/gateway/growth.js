// A gateway with so many sessions, and what everything takes then.

import { execFileSync } from "node:child_process";

import { Gateway } from "../../e2e/support/gateway.js";
import { median } from "../statistics.js";
import { readLists } from "./lists.js";
import { cpuOf, memoryOf } from "./processes.js";
import { IDENTITY_SECRET, ORIGIN, userOf } from "./reports.js";
import { ask, Reports } from "./wrk.js";

/** What of the gateway's settings would hold up a benchmark, as far as it has them. */
const LIFTED = {
  "--sessions": 2_000_000,
  "--sessions-per-address": 2_000_000,
  "--reports-per-second-per-address": 10_000_000,
  "--reports-per-second-per-session": 1_000_000,
  "--connections": 15_000,
  "--connections-per-address": 15_000,
};
const SETTINGS = new Set(
  execFileSync(process.env.SESSION_GATEWAY_BIN, ["--help"], { encoding: "utf8" }).match(/--[\w-]+/g),
);

export const hasSetting = (flag) => SETTINGS.has(flag);

/** Sessions that a gateway has before its memory is taken, so that what it needs anyway is there. */
export const FIRST_SESSIONS = 1_000;
const LISTS = 5;
const RUNS = 3;

/** Starts a gateway without sessions, nothing of whose limits is in the way. */
export function startGateway(args = []) {
  const lifted = Object.entries(LIFTED).filter(([flag]) => hasSetting(flag));
  const identity = ["--identity-secret", IDENTITY_SECRET, "--allow-origin", ORIGIN];
  return Gateway.start([...identity, "--session-timeout", "30days", ...lifted.flat().map(String), ...args]);
}

/** Brings in the sessions, and says how many bytes of memory each takes beyond the first. */
export async function fill(gateway, sessions) {
  const url = gateway.url("");
  const first = new Reports(FIRST_SESSIONS);
  await first.all(url);
  await first.send(url, 1);
  const before = memoryOf(gateway.pid);
  const reports = new Reports(sessions);
  await reports.all(url);
  return { reports, bytes: (memoryOf(gateway.pid) - before) / (sessions - FIRST_SESSIONS) };
}

/** Reports as fast as they are answered: how many a second, what each costs the server, and how much wrk takes. */
export async function measureReports(reports, url, pids, seconds) {
  const before = cpuOf(pids);
  const load = await reports.send(url, seconds);
  const cpu = cpuOf(pids) - before;
  return { perSecond: load.requests / load.seconds, cpu: cpu / load.requests, share: load.cpu / (load.cpu + cpu) };
}

/** One row of the table of growth. */
export async function measureAll(gateway, reports, seconds) {
  const url = gateway.url("");
  const memory = memoryOf(gateway.pid);
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await measureReports(reports, url, [gateway.pid], seconds));
  const list = await readLists(url, gateway.readToken, LISTS);
  const filtered = `${url}/v1/sessions?username=${userOf(0)}`;
  const { p50, p99 } = await ask(filtered, seconds, `Authorization: Bearer ${gateway.readToken}`);
  const of = (what) => median(runs.map((run) => run[what]));
  return { perSecond: of("perSecond"), cpu: of("cpu"), list, filtered: { p50, p99 }, memory };
}
