// A Socket.IO server that joins reports as the gateway does, in a process of its own, as its makers say that it is
// fastest (https://socket.io/docs/v4/performance-tuning): WebSocket alone, nothing compressed, the request that opened
// the connection forgotten. Its one argument is JSON: { sessions, parser }.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Server } from "socket.io";

import { IDENTITY_SECRET, ORIGIN, report } from "./reports.js";

const { sessions: count, parser } = JSON.parse(process.argv[2]);

const sessions = new Map();

/** Tokens that were verified, with their users and when they expire: remembered as the gateway does. */
const verified = new Map();
const MOST_VERIFIED = 65_536;

/** The user that a token names. */
function userOf(token) {
  if (token === null) return undefined;
  const known = verified.get(token);
  if (known) return known.exp > Date.now() / 1000 ? known.user : undefined;
  const [head, body, signature] = token.split(".");
  const expected = createHmac("sha256", IDENTITY_SECRET).update(`${head}.${body}`).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64url"))) return undefined;
  const { alg } = JSON.parse(Buffer.from(head, "base64url"));
  const { exp, preferred_username: user } = JSON.parse(Buffer.from(body, "base64url"));
  if (alg !== "HS256" || exp <= Date.now() / 1000) return undefined;
  if (verified.size >= MOST_VERIFIED) verified.delete(verified.keys().next().value);
  verified.set(token, { user, exp });
  return user;
}

const isText = (value, most, least = 1) => {
  if (typeof value !== "string") return false;
  const bytes = Buffer.byteLength(value);
  return bytes >= least && bytes <= most;
};
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const SCOPES = new Set(["designer", "browser", "iOS", "Android"]);
const CHANNELS = [["sent", ["webSocket", "fetch", "xhr", "beacon"]], ["received", ["webSocket", "http"]]];

/** Whether a report is within the bounds that the gateway holds it to. */
const isReport = (report) =>
  report?.v === 1 &&
  isText(report.project, 256) &&
  isText(report.sessionId, 256) &&
  isText(report.pageId, 256) &&
  isText(report.load, 256) &&
  isText(report.userAgent, 1024, 0) &&
  isText(report.path, 2048, 0) &&
  (report.token === null || isText(report.token, 16_384)) &&
  /^[0-9a-fA-F]{32}$/.test(report.key) &&
  SCOPES.has(report.scope) &&
  typeof report.closing === "boolean" &&
  typeof report.visible === "boolean" &&
  report.leaseMs >= 1_000 &&
  report.leaseMs <= 600_000 &&
  [report.seq, report.recentSent, report.recentAgeMs, report.unmeasured].every(isCount) &&
  CHANNELS.every(([direction, channels]) => channels.every((channel) => isCount(report[direction]?.[channel])));

/** Joins a report, and answers as the gateway does. */
function join(report, address) {
  if (!isReport(report)) return { error: "out of bounds" };
  const now = Date.now();
  const user = userOf(report.token);
  const { sessionId: id, project } = report;
  const key = createHash("sha256").update(report.key).digest();
  let session = sessions.get(id);
  if (!session) {
    session = { id, key, project, start: now, loads: new Map() };
    sessions.set(id, session);
  }
  if (!timingSafeEqual(session.key, key) || session.project !== project) return { error: "another's" };
  session.lastComm = now;
  session.address = address;
  session.user = user;
  const load = session.loads.get(report.load);
  if (!load) {
    session.loads.set(report.load, report);
    session.userAgent = report.userAgent;
  } else {
    for (const [direction, channels] of CHANNELS) {
      const counters = load[direction];
      for (const channel of channels) counters[channel] = Math.max(counters[channel], report[direction][channel]);
    }
    load.unmeasured = Math.max(load.unmeasured, report.unmeasured);
    if (report.seq > load.seq) {
      const { seq, path, visible, closing, leaseMs, recentSent, recentAgeMs } = report;
      Object.assign(load, { seq, path, visible, closing, leaseMs, recentSent, recentAt: now - recentAgeMs });
      session.userAgent = report.userAgent;
    }
  }
  return { username: user ?? "Unauthenticated", authorized: user !== undefined };
}

for (let number = 0; number < count; number++) join(JSON.parse(report(number, 1_000_000)), "127.0.0.1");

const server = createServer();
const io = new Server(server, {
  transports: ["websocket"],
  allowUpgrades: false,
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  cors: { origin: ORIGIN },
  ...(parser && { parser: await import(parser) }),
});
io.engine.on("connection", (socket) => {
  socket.request = null;
});
io.on("connection", (socket) => {
  const { address } = socket.handshake;
  socket.on("report", (report, answer) => answer(join(report, address)));
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
