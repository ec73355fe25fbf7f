// Load for Socket.IO servers, in a process of its own: reports of all sessions in turn, on each connection the next one
// when the last was acknowledged. Its one argument is JSON: { ports, sessions, connections, parser }. To each message,
// a number of seconds, it answers with how many reports were acknowledged in that time.

import { once } from "node:events";
import { WebSocket } from "ws";

import { report } from "./reports.js";

const { ports, sessions, connections, parser = "socket.io-parser" } = JSON.parse(process.argv[2]);
const { Encoder, PacketType } = await import(parser);
const encoder = new Encoder();
/** socket.io-parser: an event is packet type 2. The type is no part of what the msgpack parser exports. */
const EVENT = PacketType?.EVENT ?? 2;
/** As far apart in memory as wrk's are. */
const STRIDE = 618_033;
/** How many different reports there are: enough that none is near in a cache, few enough to be made beforehand. */
const PREPARED = Math.min(sessions, 20_000);

const prepared = Array.from({ length: PREPARED }, (_, i) => {
  const data = ["report", JSON.parse(report((i * STRIDE) % sessions, 1_000_001))];
  const [packet] = encoder.encode({ type: EVENT, nsp: "/", data, id: 1 });
  // Engine.IO: a message of text is packet type 4; a binary one has no type.
  return typeof packet === "string" ? `4${packet}` : packet;
});

let next = 0;
let answered = 0;
let until = 0;
let running = 0;
let finished;

function send(socket) {
  socket.send(prepared[next]);
  next = (next + 1) % PREPARED;
}

function receive(socket, data, isBinary) {
  // Engine.IO: a ping, packet type 2, is answered with a pong, packet type 3.
  if (!isBinary && data.length === 1 && data[0] === "2".charCodeAt(0)) return socket.send("3");
  answered++;
  if (performance.now() < until) send(socket);
  else if (--running === 0) finished();
}

const sockets = await Promise.all(
  Array.from({ length: connections }, async (_, i) => {
    const url = `ws://127.0.0.1:${ports[i % ports.length]}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, "message");
    const [connect] = encoder.encode({ type: 0, nsp: "/" });
    socket.send(typeof connect === "string" ? `4${connect}` : connect);
    await once(socket, "message");
    socket.on("message", (data, isBinary) => receive(socket, data, isBinary));
    return socket;
  }),
);

process.on("message", async (seconds) => {
  const before = answered;
  const ended = new Promise((resolve) => (finished = resolve));
  until = performance.now() + seconds * 1000;
  running = sockets.length;
  for (const socket of sockets) send(socket);
  await ended;
  process.send(answered - before);
});
process.on("disconnect", () => process.exit());
process.send("ready");
