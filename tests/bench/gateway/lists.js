// What it takes to read the sessions.

import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";

import { median } from "../statistics.js";

/** Reads one answer to its end: its bytes, and the milliseconds to the first of them and to the last. */
export async function readList(url, token) {
  const start = performance.now();
  const request = http.get(`${url}/v1/sessions`, { agent: false, headers: { Authorization: `Bearer ${token}` } });
  const [response] = await once(request, "response");
  if (response.statusCode !== 200) throw new Error(`the list: ${response.statusCode}`);
  let bytes = 0;
  let first;
  for await (const part of response) {
    first ??= performance.now() - start;
    bytes += part.length;
  }
  return { bytes, first, total: performance.now() - start };
}

/** The medians of some lists, one after the other. */
export async function readLists(url, token, times) {
  const taken = [];
  for (let i = 0; i < times; i++) taken.push(await readList(url, token));
  const of = (what) => median(taken.map((list) => list[what]));
  return { bytes: taken[0].bytes, first: of("first"), total: of("total") };
}

/** Does `work` while another process reads one list after the other. */
export async function whileListsAreRead(url, token, work) {
  const reader = fork(new URL(import.meta.url), [url, token]);
  await once(reader, "message");
  try {
    return await work();
  } finally {
    reader.kill();
  }
}

if (process.send) {
  const [url, token] = process.argv.slice(2);
  process.on("disconnect", () => process.exit());
  for (;;) {
    await readList(url, token);
    process.send("read");
  }
}
