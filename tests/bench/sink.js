// The server of the measured pages, in a process of its own, so that it costs them nothing: it takes what they send
// and throws it away.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { AGENT, PEERS } = process.env;
const MEASURE = new URL("measure.js", import.meta.url);

const TYPES = { js: "text/javascript", wasm: "application/wasm" };

/** The page without any instrumentation, or with one of them; the browser's own methods are kept before. */
function page(name, gateway) {
  const collector = `http://localhost:${server.address().port}/collector`;
  const tags = {
    bare: "",
    agent: `<script src="/agent/agent.js" data-project="Bench" data-gateway="${gateway}"></script>`,
  };
  const tag = tags[name] ?? `<script src="/peers/${name}.js" data-collector="${collector}"></script>`;
  return `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,">
<script src="/measure.js"></script>
${tag}
<h1>A page</h1><p>${"With some text to lay out. ".repeat(100)}</p>`;
}

const server = createServer((request, response) => {
  const [, folder, file] = /^\/(\w*)\/?([\w.-]*)/.exec(request.url);
  // Lets pages tell the time to 5 µs instead of 100.
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  if (request.method !== "GET" || folder === "collector") {
    request.resume();
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Headers", request.headers["access-control-request-headers"] ?? "*");
    request.on("end", () => response.writeHead(204).end());
  } else if (folder === "page") {
    response.setHeader("Content-Type", "text/html");
    response.end(page(file, new URL(request.url, "http://sink").searchParams.get("gateway")));
  } else {
    const path = { agent: `${AGENT}/${file}`, peers: `${PEERS}/${file}`, measure: MEASURE }[folder];
    response.setHeader("Content-Type", TYPES[request.url.split(".").at(-1)]);
    response.end(readFileSync(path));
  }
});

// A WebSocket whose frames nobody reads.
server.on("upgrade", ({ headers }, socket) => {
  const accept = createHash("sha1")
    .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
  socket.on("error", () => {});
  socket.resume();
});

server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
