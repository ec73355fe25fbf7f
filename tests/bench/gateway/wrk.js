// Load: wrk, with one thread, which is enough for any of the servers here.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { ORIGIN, REQUEST_IN_LUA, tokenOf, userAgents } from "./reports.js";
import { newFolder } from "./scratch.js";

const { WRK_BIN } = process.env;
const SCRIPT = new URL("load.lua", import.meta.url).pathname;

export const CONNECTIONS = 64;

/** Far from any divisor of a power of ten: no session is reported for beside its neighbour in memory. */
const STRIDE = 618_033;
/** The rounds that one load may make through all its sessions. */
const ROUNDS = 10_000;
/** What the next load begins with: a report is newer than all before it. */
let time = 1_000_000;

/**
 * What came of a load: how many requests were answered, in which time, at which cost of wrk's; latencies in ms.
 * @typedef {{ requests: number, seconds: number, cpu: number, p50: number, p99: number }} Load
 */

/** @returns {Promise<Load>} */
async function run(url, seconds, connections, headers, script) {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "--timeout", "60s", "-s", SCRIPT];
  for (const header of headers) args.push("-H", header);
  const wrk = spawn(WRK_BIN, [...args, url, "--", ...script], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const part of wrk.stdout.setEncoding("utf8")) {
    said += part;
    if (said.endsWith("enough\n")) wrk.kill("SIGINT");
  }
  const line = said.split("\n").find((line) => line.startsWith("{"));
  if (!line) throw new Error(`wrk ended early: ${said}`);
  const { failed, ...load } = JSON.parse(line);
  if (failed) throw new Error(`${failed} requests to ${url} failed: ${said}`);
  return load;
}

/** Asks for the same again and again, on one connection. */
export const ask = (url, seconds, header) => run(url, seconds, 1, [header], []);

/** The reports of a number of sessions. */
export class Reports {
  #sessions;
  #files;

  constructor(sessions) {
    this.#sessions = sessions;
    const folder = newFolder();
    this.#files = ["agents", "tokens"].map((name) => path.join(folder, name));
    const tokens = Array.from({ length: sessions }, (_, number) => {
      const token = tokenOf(number);
      return token ? `"${token}"` : "null";
    });
    for (const [i, all] of [userAgents, tokens].entries()) writeFileSync(this.#files[i], all.join("\n"));
  }

  /** One report of each session, in their order. */
  async all(url) {
    // When one has a second report on each connection, the first is answered.
    await this.#send(url, 600, CONNECTIONS, 1, [this.#sessions + 2 * CONNECTIONS]);
  }

  /** Reports of all sessions in turn, as fast as they are answered. */
  send(url, seconds, connections = CONNECTIONS) {
    return this.#send(url, seconds, connections, STRIDE, []);
  }

  #send(url, seconds, connections, stride, most) {
    const script = [REQUEST_IN_LUA, ...this.#files, stride, time, ...most];
    time += ROUNDS;
    return run(`${url}/v1/report`, seconds, connections, [`Origin: ${ORIGIN}`], script);
  }
}
