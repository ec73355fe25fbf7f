// Socket.IO beside the gateway: the same reports, acknowledged, at the best of its configurations.

import { fork } from "node:child_process";
import { once } from "node:events";

import { cpuOf } from "./processes.js";
import { CONNECTIONS } from "./wrk.js";

const fileOf = (name) => new URL(name, import.meta.url);

/** What its makers offer, each with its name in the table. */
const PARSERS = { "its own parser": undefined, msgpack: "socket.io-msgpack-parser" };
const UNMASKING = { "ws alone": { WS_NO_BUFFER_UTIL: "1" }, bufferutil: {} };
const SERVERS = { "one process": 1, "two processes": 2 };

/** Servers with one configuration, and their load. With several, each has its own part of the connections. */
class SocketIo {
  #servers;
  #load;

  static async start(name, { sessions, parser, env, servers }) {
    const socketIo = new SocketIo();
    socketIo.name = name;
    const argument = JSON.stringify({ sessions, parser });
    const options = { env: { ...process.env, ...env } };
    socketIo.#servers = Array.from({ length: servers }, () => fork(fileOf("socketio-server.js"), [argument], options));
    const ports = await Promise.all(socketIo.#servers.map(async (server) => (await once(server, "message"))[0]));
    const load = JSON.stringify({ ports, sessions, connections: CONNECTIONS, parser });
    socketIo.#load = fork(fileOf("socketio-load.js"), [load]);
    await once(socketIo.#load, "message");
    return socketIo;
  }

  /** Reports as fast as they are acknowledged: how many, and what each costs the servers, in seconds. */
  async send(seconds) {
    const pids = this.#servers.map(({ pid }) => pid);
    const before = cpuOf(pids);
    this.#load.send(seconds);
    const [reports] = await once(this.#load, "message");
    return { perSecond: reports / seconds, cpu: (cpuOf(pids) - before) / reports };
  }

  stop() {
    for (const child of [this.#load, ...this.#servers]) child.kill();
  }
}

/** Starts Socket.IO in that of its configurations in which a report costs it least. */
export async function startBest(sessions, seconds) {
  let best;
  let least = Infinity;
  for (const [parserName, parser] of Object.entries(PARSERS)) {
    for (const [unmaskingName, env] of Object.entries(UNMASKING)) {
      for (const [serversName, servers] of Object.entries(SERVERS)) {
        const name = [parserName, unmaskingName, serversName].join(", ");
        const socketIo = await SocketIo.start(name, { sessions, parser, env, servers });
        // What it learns of code that runs often is not to be measured.
        await socketIo.send(seconds);
        const tries = [await socketIo.send(seconds), await socketIo.send(seconds)];
        const cpu = Math.min(...tries.map((taken) => taken.cpu));
        console.error(`        ${name}: ${(cpu * 1e6).toFixed(1)} µs`);
        if (cpu < least) {
          best?.stop();
          [best, least] = [socketIo, cpu];
        } else {
          socketIo.stop();
        }
      }
    }
  }
  return best;
}
