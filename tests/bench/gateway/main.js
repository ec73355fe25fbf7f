// `cargo xtask bench gateway`: what reports and questions cost the gateway, beside what others cost, in markdown.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";

import { interval, median, ratios } from "../statistics.js";
import { fill, FIRST_SESSIONS, hasSetting, measureAll, measureReports, startGateway } from "./growth.js";
import { IDLE_CONNECTIONS, measureIdleConnections } from "./idle.js";
import { readLists, whileListsAreRead } from "./lists.js";
import { Nginx } from "./processes.js";
import { newFolder } from "./scratch.js";
import { startBest } from "./socketio.js";
import { CONNECTIONS } from "./wrk.js";

const { SESSION_GATEWAY_BIN, NGINX_BIN } = process.env;

/** A gateway whose limit is no setting keeps 100,000. */
const SIZES = [1_000, 10_000, 100_000, ...(hasSetting("--sessions") ? [1_000_000] : [])];
const COMPARED = 100_000;
/** The first is not counted: in it all warms up. */
const ROUNDS = 10;
const SECONDS = 2;
const LISTS = 9;

const say = (what) => console.error(`    ${what}`);
const number = (value) => Math.round(value).toLocaleString("en");
const microseconds = (seconds) => `${(seconds * 1e6).toFixed(1)} µs`;
const milliseconds = (value) => `${value < 100 ? value.toPrecision(3) : number(value)} ms`;
const mib = (bytes) => `${number(bytes / 2 ** 20)} MiB`;
const percent = (share) => `${Math.round(share * 100)} %`;
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

/** Rounds in which each of the servers takes reports, in an order that turns: what was measured, by name. */
async function takeRounds(servers) {
  const names = Object.keys(servers);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      taken[name].push(await servers[name](SECONDS));
    }
  }
  return taken;
}

/** Rounds beside nginx, and what else is given. */
async function compare(gateway, reports, others = {}) {
  const nginx = await Nginx.start();
  try {
    return await takeRounds({
      nginx: (seconds) => measureReports(reports, nginx.url, nginx.pids, seconds),
      gateway: (seconds) => measureReports(reports, gateway.url(""), [gateway.pid], seconds),
      ...others,
    });
  } finally {
    await nginx.stop();
  }
}

/** The 99th percentile of reports on one connection, in ms, alone and while lists are read. */
async function measureDelay(gateway, reports) {
  const url = gateway.url("");
  const p99 = async () => (await reports.send(url, SECONDS, 1)).p99;
  return { alone: await p99(), meanwhile: await whileListsAreRead(url, gateway.readToken, p99) };
}

/** All that is compared, on a gateway that has its sessions. */
async function measureCompared(gateway, reports) {
  say("lists");
  const lists = await readLists(gateway.url(""), gateway.readToken, LISTS);
  const example = path.join(path.dirname(SESSION_GATEWAY_BIN), "examples", "registry_cost");
  const registry = JSON.parse(execFileSync(example, [String(COMPARED)], { encoding: "utf8" }));
  const delay = await measureDelay(gateway, reports);
  say("the configurations of Socket.IO");
  const socketIo = await startBest(COMPARED, SECONDS / 2);
  try {
    say("reports, beside nginx and Socket.IO");
    const rounds = await compare(gateway, reports, { socketIo: (seconds) => socketIo.send(seconds) });
    return { lists, registry, delay, rounds, socketIo: socketIo.name };
  } finally {
    socketIo.stop();
  }
}

/** Rounds beside nginx with a gateway that writes its sessions down. */
async function measureDurable() {
  const gateway = await startGateway(["--data-dir", newFolder()]);
  try {
    const { reports } = await fill(gateway, COMPARED);
    return await compare(gateway, reports);
  } finally {
    await gateway.kill();
  }
}

const growth = {};
const bytes = {};
let compared;
let idle;
for (const size of SIZES) {
  say(`${number(size)} sessions`);
  const gateway = await startGateway();
  try {
    const filled = await fill(gateway, size);
    bytes[size] = filled.bytes;
    growth[size] = await measureAll(gateway, filled.reports, SECONDS);
    if (size === FIRST_SESSIONS) idle = await measureIdleConnections(gateway, size);
    if (size === COMPARED) compared = await measureCompared(gateway, filled.reports);
  } finally {
    await gateway.kill();
  }
}
let durable;
if (hasSetting("--data-dir")) {
  say("reports that are written down, beside nginx");
  durable = await measureDurable();
}
print();
process.exit();

function print() {
  const { rounds, lists, registry, delay } = compared;
  const serde = registry.listMilliseconds / registry.listRatio;
  const values = (taken, what) => taken.map((result) => result[what]);
  const middle = (taken, what) => median(values(taken, what));
  const spread = (above, below) => {
    const all = ratios(above, below);
    const [low, high] = interval(all);
    return `${median(all).toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)})`;
  };
  const cpuRow = (title, gateway, name, other) =>
    row(`CPU per report${title}`, microseconds(middle(gateway, "cpu")), `${name} ${microseconds(middle(other, "cpu"))}`,
      spread(values(other, "cpu"), values(gateway, "cpu")));
  const versus = ({ gateway, nginx }, title) => {
    const perSecond = (taken) => number(middle(taken, "perSecond"));
    row(`reports per second${title}`, perSecond(gateway), `nginx ${perSecond(nginx)}`,
      spread(values(gateway, "perSecond"), values(nginx, "perSecond")));
    cpuRow(title, gateway, "nginx", nginx);
  };

  console.log();
  row(`${number(COMPARED)} sessions`, "gateway", "beside it", "ratio");
  row("---", "---:", "---:", "---:");
  versus(rounds, "");
  if (durable) versus(durable, ", with `--data-dir`");
  cpuRow("", rounds.gateway, "Socket.IO", rounds.socketIo);
  row("the list, written", milliseconds(registry.listMilliseconds), `serde ${milliseconds(serde)}`,
    registry.listRatio.toFixed(2));
  row(`the list over HTTP, ${mib(lists.bytes)}`, milliseconds(lists.total), `serde ${milliseconds(serde)}`,
    (lists.total / serde).toFixed(2));
  row("its first byte", milliseconds(lists.first), "", "");
  row("a report, 99th percentile, while lists are read", milliseconds(delay.meanwhile),
    `alone ${milliseconds(delay.alone)}`, (delay.meanwhile / delay.alone).toFixed(1));
  row("an idle connection", `${(idle / 1024).toFixed(1)} KiB`, "", "");
  console.log();
  row("sessions", "reports per second", "CPU per report", "list", "its first byte", "of one user, 50 %", "99 %", "memory",
    "of a session");
  row("---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
  for (const [size, { perSecond, cpu, list, filtered, memory }] of Object.entries(growth)) {
    row(number(size), number(perSecond), microseconds(cpu), milliseconds(list.total), milliseconds(list.first),
      milliseconds(filtered.p50), milliseconds(filtered.p99), mib(memory),
      Number(size) > FIRST_SESSIONS ? `${number(bytes[size])} B` : "");
  }
  const nginx = execFileSync("sh", ["-c", `${NGINX_BIN} -v 2>&1`], { encoding: "utf8" }).split("/").at(-1).trim();
  const socketIo = JSON.parse(readFileSync("node_modules/socket.io/package.json", "utf8")).version;
  console.log(`
Each session has one page; one in ten has a user, whose token (HS256) each of its reports brings. Reports come over
${CONNECTIONS} connections that are kept, as fast as they are answered. CPU is the server's own, its system's included; the
ratios are such that more is better for the gateway, and come with the 95 % interval of the median of ${ROUNDS - 1} rounds of
${SECONDS} s, in each of which all servers have their turn. nginx ${nginx} answers 204 to the same requests; Socket.IO ${socketIo}
acknowledges the same reports, checked and joined, at its best here: ${compared.socketIo}. The load
generator, wrk, has one thread and does ${percent(middle(rounds.gateway, "share"))} of the work beside the gateway, \
${percent(middle(rounds.nginx, "share"))} beside nginx. serde writes
a list as long from structs that are ready into a buffer that is there. An idle connection is one of ${number(IDLE_CONNECTIONS)}, after a report. Of one user: ten
sessions. Memory is what the system counts for the process (RSS); of a session, its growth beyond ${number(FIRST_SESSIONS)} sessions.

Measured by \`cargo xtask bench gateway\` on ${cpus().length} cores of ${cpus()[0].model.trim()}, Node ${process.versions.node}.`);
}
