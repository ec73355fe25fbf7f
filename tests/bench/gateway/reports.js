// The reports of as many sessions as wanted, each of one page: told by their number, so that nothing is kept.

import { createHmac } from "node:crypto";

export const ORIGIN = "http://ignition.example:8088";
export const IDENTITY_SECRET = "the secret that signs the tokens of this benchmark";

/** One session in so many has a user who is verified, and a user so many sessions. */
export const SIGNED_OF = 10;
export const SESSIONS_OF_A_USER = 10;
const USER_AGENTS = 100;

/** Written so often that they are not part of what is measured: texts of the length that real ones have. */
const userAgent = (number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + number}.0.0.0 Safari/537.36`;
const idOf = (number) => String(number).padStart(8, "0");
export const userOf = (number) => `user-${idOf(Math.floor(number / (SIGNED_OF * SESSIONS_OF_A_USER)))}`;

/** What differs between reports: @id, @token and @agent by session, and @time, of seven digits, grows. */
const FORM = JSON.stringify({
  v: 1,
  project: "Bench",
  sessionId: "@id-5e55-4000-8000-000000000000",
  key: "@id0123456789abcdef01234567",
  token: "@token",
  pageId: "@id-9a9e-4000-8000-000000000000",
  load: "@id10ad10ad10ad10ad10ad10ad",
  seq: "@time",
  leaseMs: 600_000,
  closing: false,
  scope: "browser",
  userAgent: "@agent",
  path: "/data/perspective/client/Bench/overview",
  visible: true,
  sent: { webSocket: "@time", fetch: 0, xhr: 1234, beacon: 0 },
  received: { webSocket: "@time", http: 123_456 },
  recentSent: 321,
  recentAgeMs: 1500,
  unmeasured: 0,
}).replace(/"(@token|@time)"/g, "$1");
const VARIABLES = /@(id|token|agent|time)/g;

const HEADER = base64url({ alg: "HS256", typ: "JWT" });

function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A session's own token, or undefined where it has none. */
export function tokenOf(number) {
  if (number % SIGNED_OF) return undefined;
  const claims = { sub: idOf(number), preferred_username: userOf(number), exp: 4_102_444_800 };
  const signed = `${HEADER}.${base64url(claims)}`;
  return `${signed}.${createHmac("sha256", IDENTITY_SECRET).update(signed).digest("base64url")}`;
}

/** The user agents of all sessions: that of a session is the one at its number modulo their number. */
export const userAgents = Array.from({ length: USER_AGENTS }, (_, number) => userAgent(number));

/** A session's report at a time: an integer of seven digits. */
export function report(number, time) {
  const token = tokenOf(number);
  const values = {
    id: idOf(number),
    token: token ? `"${token}"` : "null",
    agent: userAgents[number % USER_AGENTS],
    time,
  };
  return FORM.replace(VARIABLES, (_, name) => values[name]);
}

/** A Lua function that writes the same report behind the head of its request, which ends before its length. */
export const REQUEST_IN_LUA = `return function(head, id, token, agent, time)
  local length = ${report(1, 1_000_000).length - "null".length - userAgents[1].length} + #token + #agent
  return head .. length .. ${JSON.stringify(`\r\n\r\n${FORM}`).replace(VARIABLES, '" .. $1 .. "')}
end`;
