// What the makers of other instrumentation run for it: a server that takes its reports, on an origin of its own.

import { createServer } from "node:http";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { unzipSync } from "node:zlib";

export class Collector {
  #server = createServer((request, response) => this.#answer(request, response));
  /** @type {{ path: string, body: string }[]} */
  reports = [];

  static async start() {
    const collector = new Collector();
    collector.#server.listen(0, "127.0.0.1");
    await once(collector.#server, "listening");
    collector.url = `http://127.0.0.1:${collector.#server.address().port}`;
    return collector;
  }

  async #answer(request, response) {
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Headers", request.headers["access-control-request-headers"] ?? "*");
    if (request.method === "POST") {
      const body = await buffer(request).catch(() => Buffer.of());
      const packed = request.headers["content-encoding"] ?? (body[0] === 0x78 ? "deflate" : "");
      this.reports.push({ path: request.url, body: String(packed ? unzipSync(body) : body) });
    }
    response.end();
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
