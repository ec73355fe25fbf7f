// Somebody's web site that carries the agent, and counts every payload byte that arrives at it.

import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";

const MESSAGES = new URL("messages.js", import.meta.url);
/** The npm packages, as `cargo xtask build` makes them, by the folder that they are served from. */
const PACKAGES = {
  npm: new URL("../../../dist/agent/", import.meta.url),
  panel: new URL("../../../dist/panel/", import.meta.url),
};
/** Other people's instrumentation, as `cargo xtask test e2e` bundles it. */
const PEERS = pathToFileURL(`${process.env.PEERS ?? "target/peers"}/`);
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
        site.#arrived("webSocket", data);
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
    /** HTML right before the agent's tag, and right behind it. */
    this.before = "";
    this.behind = "";
    /** Script that runs before all else, and behind it. */
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
    const folder = pathname.split("/")[1];
    const channel = /^\/count\/(\w+)/.exec(request.url)?.[1];
    if (channel) {
      this.#arrived(channel, await buffer(request), request.headers["content-type"]);
      response.setHeader("Content-Type", "text/plain");
      response.end("counted");
    } else if (request.url === "/messages.js") {
      await this.#file(MESSAGES, response);
    } else if (PACKAGES[folder]) {
      await this.#file(new URL(pathname.slice(`/${folder}/`.length), PACKAGES[folder]), response);
    } else if (request.url.startsWith("/peers/")) {
      await this.#file(new URL(request.url.slice("/peers/".length), PEERS), response);
    } else {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      if (this.policy) response.setHeader("Content-Security-Policy", this.policy);
      response.end(
        `<!doctype html><title>Somebody's page</title>` +
          (this.first && `<script>${this.first}</script>`) +
          this.before +
          (this.tag && `<script ${this.tag}></script>`) +
          this.behind +
          (this.inline && `<script>${this.inline}</script>`) +
          `<script src="/messages.js"></script>`,
      );
    }
  }

  async #file(url, response) {
    response.setHeader("Content-Type", TYPES[url.pathname.split(".").at(-1)]);
    response.end(await readFile(url));
  }

  #arrived(channel, body, type = "") {
    // A browser draws a form's boundary anew each time.
    const content = `${type}\n${body.toString("latin1")}`.replace(/\w+FormBoundary\w+/gi, "boundary");
    const arrival = { channel, bytes: body.length, content };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(arrival);
    else this.#arrivals.push(arrival);
  }

  /** The next message that arrives, or has arrived and was not asked for yet: its channel, bytes and content. */
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
