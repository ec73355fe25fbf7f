// The columns of the list, in the order of Ignition's own sessions page, and then what that one lacks.

import { visible } from "./visible.js";
import { duration, rate, size } from "./units.js";
import { WORDS, say } from "./words.js";

/** The longest text of a cell, in UTF-16 units. All of it is among the properties. */
const MAX_CELL = 60;
/** How versions of Ignition spell the scopes; the list has one spelling. */
export const SCOPES = ["designer", "browser", "iOS", "Android"];

/**
 * @typedef {object} Column
 * @property {string} key the key of the result, or what the panel calls it
 * @property {number} number by which the WebAssembly knows it (sessions.rs)
 * @property {string} name the cell's class and part
 * @property {number} width at first, in em
 * @property {string} [by] the filter that a value of it can be
 * @property {boolean} [number] whether it is a number, which stands at the end of its cell
 * @property {(sessions, slot: number, now: number) => string | null} cell the text; null where nothing is there
 * @property {(sessions, slot: number, now: number) => string} [exact] the value of which the text is a short form
 */

const text = (sessions, slot, number) => sessions.text(slot, number);

/** A cell of a number: said by `say`, unless something else stands there. */
const counted = (number, said, of = (value) => value) => (sessions, slot, now) => {
  const value = sessions.number(slot, number);
  return value >= 0 ? said(of(value, now)) : (sessions.text(slot, number) ?? null);
};

/** A column of numbers of which the text is a short form. */
const amount = (number, short, exact, of) => ({
  number, isNumber: true, cell: counted(number, short, of), exact: counted(number, exact, of),
});

const since = (then, now) => Math.max(0, now - then);
const spelled = (scope) => SCOPES.find((known) => known.toLowerCase() === scope.toLowerCase()) ?? scope;
const words = { true: WORDS.yes, false: WORDS.no };

/** @type {Column[]} */
export const COLUMNS = [
  { key: "userAgent", name: "device", number: 6, width: 13, cell: (s, slot) => text(s, slot, 6), exact: (s, slot) => text(s, slot, 0) },
  { key: "username", name: "user", number: 1, width: 11, by: "username", cell: (s, slot) => text(s, slot, 1) },
  { key: "project", name: "project", number: 2, width: 11, by: "project", cell: (s, slot) => text(s, slot, 2) },
  { key: "uptime", name: "uptime", width: 8, ...amount(7, duration, WORDS.milliseconds, since) },
  { key: "lastComm", name: "last-comm", width: 8, ...amount(8, duration, WORDS.milliseconds, since) },
  { key: "clientAddress", name: "address", number: 3, width: 9.5, cell: (s, slot) => text(s, slot, 3) },
  {
    key: "sessionScope", name: "scope", number: 4, width: 7, by: "scope",
    cell: (s, slot) => {
      const scope = text(s, slot, 4);
      return scope && spelled(scope);
    },
    exact: (s, slot) => text(s, slot, 4),
  },
  {
    key: "authorized", name: "authorized", number: 5, width: 8, by: "authorized",
    cell: (s, slot) => {
      const authorized = text(s, slot, 5);
      return words[authorized] ?? authorized;
    },
  },
  { key: "activePages", name: "pages", width: 6, ...amount(9, say, say) },
  { key: "totalBytesSent", name: "sent", width: 7, ...amount(10, size, WORDS.bytes) },
  { key: "received", name: "received", width: 7, ...amount(11, size, WORDS.bytes) },
  { key: "rate", name: "rate", width: 7, ...amount(12, rate, WORDS.bytes) },
];

for (const column of COLUMNS) {
  column.heading = WORDS.columns[{ userAgent: "device" }[column.key] ?? column.key];
  // The bit of what has changed: that of the device is its user agent's.
  column.bit = 1 << (column.number < 6 ? column.number : column.number === 6 ? 0 : column.number - 1);
}
/** The bit of a session that is new. */
export const NEW = 1 << 12;
/** Times change all the time: that is no news. */
for (const column of COLUMNS) if ([7, 8].includes(column.number)) column.bit = 0;

/** What a cell shows: its text, and whether it stands back because nothing is there. */
export function cell(column, sessions, slot, now) {
  if (!sessions.isSession(slot)) {
    const what = column.name === "user" ? WORDS.noSession(sessions.text(slot, 1)) : "";
    return { text: short(what), faint: true };
  }
  const text = column.cell(sessions, slot, now);
  if (text === null || text === undefined) return { text: WORDS.missing, faint: true };
  return { text: short(text), faint: FAINT.has(text) };
}

const FAINT = new Set(["Unauthenticated", WORDS.no]);

function short(text) {
  const seen = visible(text);
  return seen.length > MAX_CELL ? `${seen.slice(0, MAX_CELL)}…` : seen;
}

/** What a cell says to who asks for more: the exact value, or what is missing. */
export function title(column, sessions, slot, now) {
  if (!sessions.isSession(slot)) return "";
  const text = column.cell(sessions, slot, now);
  if (text === null || text === undefined) {
    return column.number >= 11 ? WORDS.needsDetail : WORDS.notInResult(column.key);
  }
  return visible((column.exact ?? column.cell)(sessions, slot, now) ?? text);
}

/** The value of a cell, as the filter of its column has it; nothing where it can be no filter. */
export const filterValue = (column, sessions, slot) =>
  column.by && sessions.isSession(slot) ? sessions.text(slot, column.number) : undefined;
