// The servers under load, and what they take from the machine: Linux says so in /proc.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { newFolder } from "./scratch.js";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** The seconds that processes have worked, theirs and the system's for them. */
export function cpuOf(pids) {
  let ticks = 0;
  for (const pid of pids) {
    // proc(5): utime and stime are fields 14 and 15; the name, field 2, can hold anything but ends with the last ")".
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** The bytes of memory that a process holds. */
export const memoryOf = (pid) => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`))[1]);

const NGINX = (port) => `
worker_processes ${availableParallelism()};
error_log stderr error;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port} reuseport backlog=1024;
    location / { return 204; }
  }
}
`;

/** An nginx that answers 204 to everything, a worker a core. */
export class Nginx {
  #process;

  static async start() {
    const nginx = new Nginx();
    const folder = newFolder();
    const port = await freePort();
    writeFileSync(path.join(folder, "nginx.conf"), NGINX(port));
    const args = ["-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"];
    nginx.#process = spawn(process.env.NGINX_BIN, args, { stdio: ["ignore", "inherit", "inherit"] });
    nginx.url = `http://127.0.0.1:${port}`;
    while (!(await fetch(nginx.url).catch(() => undefined))) {
      if (nginx.#process.exitCode !== null) throw new Error("nginx ended before it listened");
      await wait(20);
    }
    return nginx;
  }

  get pids() {
    const { pid } = this.#process;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  }

  async stop() {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
