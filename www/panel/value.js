// What JavaScript gives: any value at all, looked at without being hurt by what it does. A getter or a proxy can throw
// at every step, a list can be endless, an object can hold itself.

import { cut } from "./visible.js";
import { WORDS } from "./words.js";

/** The longest text that is shown, in UTF-16 units. */
const MAX_TEXT = 1_000;
/** How much of a session is shown as a tree: levels, items of one list, values in all. */
const TREE = { depth: 12, width: 200, values: 2_000 };

/** What an attempt throws, in words. */
function reason(error) {
  try {
    const message = error instanceof Error ? error.message : error;
    return WORDS.unreadable(typeof message === "string" ? cut(message, MAX_TEXT).text : "");
  } catch {
    return WORDS.unreadable("");
  }
}

/** What a value is: its kind, its one line of text, and of a list or an object how to read on. */
export function look(value) {
  switch (typeof value) {
    case "undefined": return { kind: "nothing", text: WORDS.undefined, what: WORDS.undefined };
    case "boolean": return { kind: "boolean", text: String(value), what: WORDS.boolean };
    case "number": return { kind: "number", text: String(value), what: WORDS.number };
    case "bigint": return { kind: "number", text: `${cut(String(value), MAX_TEXT).text}n`, what: WORDS.number };
    case "string": return { kind: "text", ...cut(value, MAX_TEXT), what: WORDS.text };
    case "function": return { kind: "other", text: WORDS.function, what: WORDS.function };
    case "symbol": return { kind: "other", text: WORDS.symbol, what: WORDS.symbol };
  }
  if (value === null) return { kind: "nothing", text: WORDS.null, what: WORDS.null };
  try {
    if (Array.isArray(value)) {
      const length = Number(value.length) || 0;
      return { kind: "list", text: WORDS.items(length), what: WORDS.list, length, at: (i) => [i, () => value[i]] };
    }
    if (value instanceof Promise) return { kind: "other", text: WORDS.promise, what: WORDS.promise };
    if (value instanceof Map) {
      const pairs = [...value];
      const at = (i) => [String(look(pairs[i][0]).text), () => pairs[i][1]];
      return { kind: "object", text: WORDS.keys(pairs.length), what: WORDS.emptyObject, length: pairs.length, at };
    }
    const keys = Object.keys(value);
    const what = keys.length === 0 ? WORDS.emptyObject : WORDS.objectWith(keys.slice(0, 4), keys.length > 4);
    return {
      kind: "object", text: WORDS.keys(keys.length), what, length: keys.length,
      at: (i) => [keys[i], () => value[keys[i]]],
    };
  } catch (error) {
    const text = reason(error);
    return { kind: "other", text, what: text };
  }
}

/** What a value is, in words: for messages. */
export const describe = (value) => look(value).what;

/** What somebody's code gives, or in words why it does not. */
function attempt(read) {
  try {
    return look(read());
  } catch (error) {
    const text = reason(error);
    return { kind: "other", text, what: text };
  }
}

/**
 * A value as a tree of what `look` says: each branch with its `children`, [name, node] each, and with how many more it
 * has that are left out.
 */
export function tree(value) {
  let left = TREE.values;
  const grow = (node, depth) => {
    if (node.length === undefined) return node;
    const taken = depth === 0 ? 0 : Math.min(node.length, TREE.width, left);
    left -= taken;
    node.children = [];
    for (let i = 0; i < taken; i += 1) {
      const [name, read] = node.at(i);
      node.children.push([name, grow(attempt(read), depth - 1)]);
    }
    node.omitted = node.length - taken;
    return node;
  };
  return grow(look(value), TREE.depth);
}

/** The list in a result of getSessionInfo; Ignition's REST interface has it under `items`. Nothing where it is none. */
export function listIn(result) {
  try {
    if (Array.isArray(result)) return result;
    if (Array.isArray(result?.items)) return result.items;
  } catch {
    // A proxy that lets nobody look.
  }
  return null;
}

/** What of a session is listed. */
const LISTED = [
  "id", "userAgent", "username", "project", "uptime", "clientAddress", "lastComm", "sessionScope", "activePages",
  "totalBytesSent", "authorized",
];
/** Page ids that are searched. */
const MAX_PAGES = 200;

/** What `look` says of a value, as JSON has it. */
function plain(node, value) {
  if (node.kind === "nothing") return null;
  if (node.kind === "number" && Number.isFinite(value)) return value;
  return node.omitted ? `${node.text}…${node.omitted}` : node.text;
}

/** A value as JSON has it, whatever it is. */
function simple(value) {
  // Nearly all are so.
  if ((typeof value === "string" && value.length <= MAX_TEXT) || typeof value === "boolean") return value;
  return plain(look(value), value);
}

/** The JSON of what is listed of a session that somebody else has made. */
export function listed(session) {
  if (typeof session !== "object" || session === null) return JSON.stringify(plain(look(session), session));
  const kind = look(session);
  if (kind.kind !== "object") return JSON.stringify(kind.text);
  const json = {};
  const read = session instanceof Map ? (key) => session.get(key) : (key) => session[key];
  for (const key of LISTED) {
    try {
      json[key] = simple(read(key));
    } catch (error) {
      json[key] = reason(error);
    }
  }
  const ids = attempt(() => read("pageIds"));
  if (ids.kind === "list") {
    json.activePages ??= ids.length;
    json.pageIds = [];
    for (let i = 0; i < Math.min(ids.length, MAX_PAGES); i += 1) json.pageIds.push(attempt(ids.at(i)[1]).text);
  }
  try {
    // Detail is this gateway's own: it comes whole or not at all.
    const { received, pages } = read("detail") ?? {};
    if (received || pages) json.detail = JSON.parse(JSON.stringify({ received, pages }));
  } catch {
    // Then the list does without.
  }
  return JSON.stringify(json);
}
