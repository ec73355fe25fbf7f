/**
 * A stand-in for a Perspective page. It is not Ignition: it is built after what is publicly known of the
 * real page, and promises nothing about the real one. The modules beside this one, in the order of the data:
 *
 *   tab.js         the page id            session.js   the session, its user and token
 *   client.js      window.__client        connection.js, activity.js   the socket and its frames
 *   sends.js       what the buttons send  arrivals.js  what the server received
 *   comparison.js  that beside what the agent counted  view.js  the elements
 *
 * For tests, in the URL's query: `client=late` (window.__client appears after `client-delay`, 1000 ms),
 * `session-delay=<ms>` (its sessionId does), `activity=off` (no client-activity frames).
 */

import { reportActivity } from "./activity.js";
import { Arrivals } from "./arrivals.js";
import { ClientStore } from "./client.js";
import { Comparison } from "./comparison.js";
import { Connection } from "./connection.js";
import { randomHex } from "./random.js";
import { KINDS, ROWS, send } from "./sends.js";
import { Session } from "./session.js";
import { takePageId } from "./tab.js";
import * as view from "./view.js";

const REFRESHES = 20;
const PAUSE_MS = 100;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const query = new URLSearchParams(location.search);
// "/demo/<project>[/<page path>]"; the server gives no page for a path that does not decode.
const [project, here = ""] = location.pathname.split("/").slice(2).map(decodeURIComponent);
const pageId = takePageId(project);
const url = (endpoint, last) =>
  `/demo/${encodeURIComponent(project)}/${endpoint}/${pageId}${last ? `/${last}` : ""}`;

const session = new Session(project, url);
const arrivals = new Arrivals(url("received"));
const comparison = new Comparison();
const connection = new Connection(async () => {
  await session.open();
  const received = await arrivals.read();
  arrivals.begin(received, connection.messages);
  comparison.observe(received, agentCounts());
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const path = `/system/pws/${encodeURIComponent(project)}/${pageId}`;
  return `${scheme}://${location.host}${path}?token=${randomHex(16)}`;
});
const client = new ClientStore({ project, pageId, session, connection });

if (query.get("client") === "late") {
  setTimeout(() => (window.__client = client), Number(query.get("client-delay") ?? 1000));
} else {
  window.__client = client;
}

const connected = pause(Number(query.get("session-delay") ?? 0));
session.addEventListener("change", async () => {
  await connected;
  client.connect(session.id);
  showIdentity();
});

/** What `data-identity-token` of the agent's tag names: asked before each report. */
window.demoIdentityToken = () => session.token;

/** For tests: what the buttons do. Each promise resolves when the server has received what was sent. */
window.demo = {
  send: (channel, kind) => send({ connection, arrivals, url }, channel, kind),
  signIn: (name) => session.signIn(name),
  signOut: () => session.signOut(),
  received: () => arrivals.read(),
  get socketOpen() {
    return connection.opened;
  },
};

// By now the agent's script, where there is one, has run: it counts from the first byte on.
addEventListener("DOMContentLoaded", () => {
  view.showPage(project, here);
  view.showChannels((channel, kind) => {
    const row = ROWS.find((each) => each.channel === channel);
    act(`${row.label} · ${KINDS[kind].label}`, () => window.demo.send(channel, kind));
  });
  view.showSignIn(
    (name) => act(`Sign in as ${name}`, () => session.signIn(name)),
    () => act("Sign out: begins another session", () => session.signOut()),
  );
  showIdentity();
  connection.on("status", showIdentity);
  connection.on("status", refresh);
  connection.on("frame", refresh);
  if (query.get("activity") !== "off") {
    reportActivity(connection, () => session.renew().catch(() => {})); // tried again with the next frame
  }
  connection.open();
});
// The agent's wasm may come later than all else.
addEventListener("load", refresh);

/** @param {string} what @param {() => Promise<void>} action */
async function act(what, action) {
  view.showLatest(`${what} …`);
  try {
    await action();
    view.showLatest(`${what} ✓`);
  } catch (error) {
    view.showLatest(`${what}: ${error.message}`, true);
  }
  await refresh();
}

function showIdentity() {
  view.showIdentity({
    Project: project,
    "Session id": client.sessionId,
    "Page id": pageId,
    "Page path": location.pathname,
    User: session.username ?? "nobody is signed in",
    Scope: `${client.scope}, native type ${ClientStore.nativeType}`,
    Socket: connection.status,
  });
}

/** What the agent has counted, or null where there is none (yet). */
function agentCounts() {
  const agent = window.perspectiveSessionInfo?.agent;
  const sent = agent?.traffic?.sent;
  if (!sent) return null;
  const identity = agent.identity ? `${agent.identity.sessionId} ${agent.identity.pageId}` : null;
  return { sent: { ...sent }, identity };
}

let refreshing = null;
let refreshAgain = false;

/** Compares both counts and shows them; what is only under way gets the time to arrive. */
async function refresh() {
  refreshAgain = true;
  refreshing ??= (async () => {
    while (refreshAgain) {
      refreshAgain = false;
      await compare().catch(() => view.showComparisonNote("The server does not answer."));
    }
    refreshing = null;
  })();
  await refreshing;
}

async function compare() {
  for (let left = REFRESHES; left > 0; left -= 1) {
    const before = agentCounts();
    const received = await arrivals.read();
    const agent = agentCounts();
    if (JSON.stringify(before) === JSON.stringify(agent)) {
      const { rows, equal } = comparison.observe(received, agent);
      view.showRows(rows, left === 1);
      view.showComparisonNote(
        agent ? `Bytes ${comparison.since}` : `Bytes ${comparison.since}; no agent is on this page`,
      );
      if (equal !== false) return;
    }
    await pause(PAUSE_MS);
  }
}
