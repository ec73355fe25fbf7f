// A real gateway in a process of its own, on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const BINARY = process.env.SESSION_GATEWAY_BIN ?? "target/debug/session-gateway";
const DRIVEN = path.join(path.dirname(BINARY), "examples", "driven_clock");

const READ_TOKEN = "a-read-token-for-the-tests";

export class Gateway {
  #process;
  #lines;

  /**
   * Starts a gateway and waits until it listens.
   * @param {string[]} args further arguments
   * @param {{ port?: number, driven?: boolean }} options `driven`: its clock stands unless `advance` moves it
   */
  static async start(args = [], { port = 0, driven = false } = {}) {
    const gateway = new Gateway();
    gateway.#process = spawn(
      driven ? DRIVEN : BINARY,
      ["--listen", `127.0.0.1:${port}`, "--read-token", READ_TOKEN, ...args],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    gateway.#lines = createInterface({ input: gateway.#process.stdout });
    const listening = gateway.#line(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    const failed = once(gateway.#process, "exit").then(([code]) => {
      throw new Error(`the gateway ended with ${code} before it listened`);
    });
    const designer = gateway.#line(/designer panel {2}(\S+)/);
    gateway.port = Number((await Promise.race([listening, failed]))[1]);
    // A token that was given is not printed.
    gateway.designerLink = `${(await designer)[1]}#token=${READ_TOKEN}`;
    return gateway;
  }

  #line(pattern) {
    return new Promise((resolve) => {
      const listen = (line) => {
        const match = pattern.exec(line);
        if (match) {
          this.#lines.off("line", listen);
          resolve(match);
        }
      };
      this.#lines.on("line", listen);
    });
  }

  get readToken() {
    return READ_TOKEN;
  }

  /** The gateway's address under a host name of the test's choice. */
  url(pathAndQuery = "/", host = "127.0.0.1") {
    return `http://${host}:${this.port}${pathAndQuery}`;
  }

  /** getSessionInfo over HTTP. */
  async sessions(query = {}) {
    const response = await fetch(this.url(`/v1/sessions?${new URLSearchParams(query)}`), {
      headers: { Authorization: `Bearer ${READ_TOKEN}` },
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  /** The only session that there is. */
  async session() {
    const sessions = await this.sessions({ detail: "true" });
    if (sessions.length !== 1) throw new Error(`one session expected: ${JSON.stringify(sessions)}`);
    return sessions[0];
  }

  /** Moves the clock of a `driven` gateway. */
  async advance(ms) {
    const moved = this.#line(/^advanced$/);
    this.#process.stdin.write(`${ms}\n`);
    await moved;
  }

  /** Ends the process at once, as a power cut would. */
  async kill() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
