// Somebody's web site that carries the agent, and counts every payload byte that arrives at it.

import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { WebSocketServer } from "ws";

const MESSAGES = new URL("messages.js", import.meta.url);
/** The npm package of the agent, as `cargo xtask build` makes it. */
const PACKAGE = new URL("../../../dist/agent/", import.meta.url);
const TYPES = { js: "text/javascript", wasm: "application/wasm" };

export class Site {
  #server = createServer((request, response) => this.#answer(request, response));
  #sockets = new WebSocketServer({ server: this.#server });
  #arrivals = [];
  #waiting = [];

  static async start() {
    const site = new Site();
    site.#sockets.on("connection", (socket, { url }) => {
      socket.on("message", (data, binary) => {
        site.#arrived("webSocket", data.length);
        if (url === "/echo") socket.send(data, { binary });
      });
    });
    site.reset();
    site.#server.listen(0, "127.0.0.1");
    await once(site.#server, "listening");
    site.port = site.#server.address().port;
    return site;
  }

  /** Makes every page a plain one, without the agent, and forgets what has arrived. */
  reset() {
    this.#arrivals = [];
    /** The script tag's attributes; empty for no tag. */
    this.tag = "";
    /** Script that runs right before the agent's, and right behind it. */
    this.first = "";
    this.inline = "";
    /** The page's Content-Security-Policy. */
    this.policy = "";
    /** What the test itself answers, by path. @type {Record<string, import("node:http").RequestListener>} */
    this.answers = {};
  }

  url(path = "/", host = "127.0.0.1") {
    return `http://${host}:${this.port}${path}`;
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.url());
    if (this.answers[pathname]) return this.answers[pathname](request, response);
    const channel = /^\/count\/(\w+)/.exec(request.url)?.[1];
    if (channel) {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      this.#arrived(channel, bytes);
      response.setHeader("Content-Type", "text/plain");
      response.end("counted");
    } else if (request.url === "/messages.js") {
      await this.#file(MESSAGES, response);
    } else if (request.url.startsWith("/npm/")) {
      await this.#file(new URL(request.url.slice("/npm/".length), PACKAGE), response);
    } else {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      if (this.policy) response.setHeader("Content-Security-Policy", this.policy);
      response.end(
        `<!doctype html><title>Somebody's page</title>` +
          (this.first && `<script>${this.first}</script>`) +
          (this.tag && `<script ${this.tag}></script>`) +
          (this.inline && `<script>${this.inline}</script>`) +
          `<script src="/messages.js"></script>`,
      );
    }
  }

  async #file(url, response) {
    response.setHeader("Content-Type", TYPES[url.pathname.split(".").at(-1)]);
    response.end(await readFile(url));
  }

  #arrived(channel, bytes) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ channel, bytes });
    else this.#arrivals.push({ channel, bytes });
  }

  /** The next message that arrives, or has arrived and was not asked for yet: its channel and bytes. */
  arrival() {
    const arrival = this.#arrivals.shift();
    return arrival ? Promise.resolve(arrival) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop() {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
