// What a connection holds that waits for its next report.

import { once } from "node:events";
import net from "node:net";

import { memoryOf } from "./processes.js";
import { ORIGIN, report } from "./reports.js";

export const IDLE_CONNECTIONS = 5_000;
/** Few enough to be answered without a queue. */
const AT_A_TIME = 100;

async function connect(port, number) {
  const socket = net.connect(port, "127.0.0.1");
  const body = report(number, 9_000_000);
  const head = [
    "POST /v1/report HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    `Origin: ${ORIGIN}`,
    "Content-Type: text/plain;charset=UTF-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write([...head, "", body].join("\r\n"));
  const [answer] = await once(socket, "data");
  if (!answer.toString().startsWith("HTTP/1.1 200")) throw new Error(`a report: ${answer}`);
  return socket;
}

/** The bytes that each of many idle connections adds to the gateway, after one report of a session that it knows. */
export async function measureIdleConnections(gateway, sessions) {
  const before = memoryOf(gateway.pid);
  const sockets = [];
  while (sockets.length < IDLE_CONNECTIONS) {
    const more = Array.from({ length: AT_A_TIME }, (_, i) => connect(gateway.port, (sockets.length + i) % sessions));
    sockets.push(...(await Promise.all(more)));
  }
  const grown = memoryOf(gateway.pid) - before;
  for (const socket of sockets) socket.destroy();
  return grown / IDLE_CONNECTIONS;
}
