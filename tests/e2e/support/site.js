// Somebody's web site that carries the agent, and counts every payload byte that arrives at it.

import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { WebSocketServer } from "ws";

const messages = new URL("messages.js", import.meta.url);

export class Site {
  #server = createServer((request, response) => this.#answer(request, response));
  #sockets = new WebSocketServer({ server: this.#server });
  #arrivals = [];
  #waiting = [];
  /** The script tag's attributes, and script that runs right behind it. */
  tag = "";
  inline = "";

  static async start() {
    const site = new Site();
    site.#sockets.on("connection", (socket) => {
      socket.on("message", (data) => site.#arrived("webSocket", data.length));
    });
    site.#server.listen(0, "127.0.0.1");
    await once(site.#server, "listening");
    site.port = site.#server.address().port;
    return site;
  }

  url(path = "/", host = "127.0.0.1") {
    return `http://${host}:${this.port}${path}`;
  }

  async #answer(request, response) {
    const channel = /^\/count\/(\w+)/.exec(request.url)?.[1];
    if (channel) {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      this.#arrived(channel, bytes);
      response.end("counted");
    } else if (request.url === "/messages.js") {
      response.setHeader("Content-Type", "text/javascript");
      response.end(await readFile(messages));
    } else {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(
        `<!doctype html><title>Somebody's page</title><script ${this.tag}></script>` +
          `<script>${this.inline}</script><script src="/messages.js"></script>`,
      );
    }
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
