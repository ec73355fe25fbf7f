// What a session that getSessionInfo returns looks like.

import assert from "node:assert/strict";

/** The manual's keys in the manual's order, with their types. */
const KEYS = {
  userAgent: "string",
  id: "string",
  username: "string",
  project: "string",
  uptime: "number",
  clientAddress: "string",
  lastComm: "number",
  sessionScope: "string",
  activePages: "number",
  recentBytesSent: "number",
  totalBytesSent: "number",
  pageIds: "object",
  authorized: "boolean",
};

/**
 * Checks the form of a session and, key by key, its values. Of uptime and lastComm the expected value
 * is the longest that the test's own clock allows.
 */
export function assertSession(session, { uptime, lastComm, ...expected }) {
  assert.deepEqual(Object.keys(session), Object.keys(KEYS));
  for (const [key, type] of Object.entries(KEYS)) assert.equal(typeof session[key], type, key);
  assert.ok(Array.isArray(session.pageIds));
  assertDuration(session.uptime, uptime);
  assertDuration(session.lastComm, lastComm);
  const { uptime: _, lastComm: __, ...rest } = session;
  assert.deepEqual(rest, expected);
}

function assertDuration(value, longest) {
  assert.ok(Number.isInteger(value) && value >= 0 && value <= longest, `0 <= ${value} <= ${longest}`);
}
