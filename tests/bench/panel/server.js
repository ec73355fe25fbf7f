// The server of the measured pages, in a process of its own, so that it costs them nothing.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { changesOf, sessionsOf } from "./sessions.js";

const { PANEL, GRIDS } = process.env;

const HEAD = `<!doctype html><meta charset="utf-8"><title>Sessions</title><link rel="icon" href="data:,">`;
const page = (grid) => `${HEAD}
<style>html, body, #grid { margin: 0; height: 100%; }</style>
<div id="grid"></div>
<script type="importmap">{ "imports": { "grid": "/grids/${grid}.js" } }</script>
<script type="module" src="/page.js"></script>`;

/** The same text each time that the same is asked for. */
const made = new Map();
function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

const file = (path) => [path.endsWith(".wasm") ? "application/wasm" : "text/javascript", readFileSync(path)];
const json = (key, make) => ["application/json", once(key, () => JSON.stringify(make()))];

const ANSWERS = {
  page: (grid) => ["text/html", page(grid)],
  bare: () => ["text/html", HEAD],
  "page.js": () => file(new URL("page.js", import.meta.url).pathname),
  grids: (name) => file(`${GRIDS}/${name}`),
  panel: (name) => file(`${PANEL}/${name}`),
  sessions: (count) => json(`sessions ${count}`, () => sessionsOf(Number(count))),
  changes: (count, batches) => json(`changes ${count} ${batches}`, () => changesOf(sessionsOf(Number(count)), Number(batches))),
};

const server = createServer((request, response) => {
  const [, folder, ...rest] = request.url.split("/");
  // Lets pages tell the time to 5 µs instead of 100, and how much memory they take.
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  const [type, body] = ANSWERS[folder](...rest);
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  response.end(body);
});

server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
