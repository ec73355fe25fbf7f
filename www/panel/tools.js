// What is loaded when somebody opens a menu: the choice of columns, and the ways to take the list elsewhere. A bundle of
// its own, which shares nothing with the panel but what it is handed.

import { button, make } from "./dom.js";
import { Request } from "./request.js";
import { copied } from "./tree.js";
import { duration, size, time } from "./units.js";
import { visible } from "./visible.js";
import { say, WORDS } from "./words.js";

/** The menu of columns: which are shown, and by which the list is sorted. */
export function columns({ grid }) {
  const { headings } = grid;
  const { all } = headings;
  const boxes = all.map((column) => {
    const box = make("input", "", { type: "checkbox" });
    box.checked = !headings.isHidden(column);
    box.addEventListener("change", () => {
      grid.hide(column, !box.checked);
      box.checked = !headings.isHidden(column);
    });
    return make("label", "", {}, box, column.heading);
  });
  const by = make("select", "", {}, make("option", "", { value: "" }, WORDS.asListed),
    ...all.map(({ name, heading }) => make("option", "", { value: name }, heading)));
  by.value = headings.sorted?.name ?? "";
  const descending = make("input", "", { type: "checkbox" });
  descending.checked = headings.descending;
  const sort = () => grid.sort(all.find(({ name }) => name === by.value) ?? null, descending.checked);
  for (const control of [by, descending]) control.addEventListener("change", sort);
  const reset = button(WORDS.resetColumns, () => {
    grid.reset();
    all.forEach((column, i) => (boxes[i].firstChild.checked = !headings.isHidden(column)));
    [by.value, descending.checked] = ["", false];
  });
  return make("div", "choices", {}, ...boxes,
    make("label", "", {}, WORDS.sortBy, by), make("label", "", {}, descending, WORDS.descending), reset);
}

/** The menu of exports. */
function exports(panel, say) {
  const save = (name, type, text) => () => {
    const url = URL.createObjectURL(new Blob([text(panel)], { type }));
    make("a", "", { href: url, download: name }).click();
    // The download has its own hold of it once it has begun.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  const copy = (text) => async () => say(await copied(text(panel)));
  return make("div", "choices", {},
    button(WORDS.csv, save("sessions.csv", "text/csv", csv)),
    button(WORDS.json, save("sessions.json", "application/json", json)),
    button(WORDS.python, copy(python)),
    button(WORDS.javascript, copy(javascript)));
}
export { exports as export };

/** The sessions that are listed, in their order. */
function* listed(panel) {
  const { sessions } = panel;
  for (let line = 0; line < sessions.lines; line += 1) yield panel.session(sessions.slot(line));
}

/** The manual's keys in the manual's order. */
const KEYS = [
  "userAgent", "id", "username", "project", "uptime", "clientAddress", "lastComm", "sessionScope", "activePages",
  "recentBytesSent", "totalBytesSent", "pageIds", "authorized",
];

/** A value as a field of CSV (RFC 4180). */
function field(value) {
  let text = "";
  try {
    if (typeof value === "object" && value !== null) text = Array.isArray(value) ? value.join(" ") : JSON.stringify(value);
    else if (value !== null && value !== undefined) text = String(value);
  } catch {
    // What can not be said is empty.
  }
  // A spreadsheet takes text that begins so for a formula, and runs it.
  if (typeof value !== "number" && /^[\s\0]*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]/.test(text)) text = `'${text}`;
  return /[",\r\n\t']/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What is listed as CSV. */
export function csv(panel) {
  const lines = [KEYS.join(",")];
  for (const session of listed(panel)) {
    lines.push(KEYS.map((key) => {
      try {
        return field(session?.[key]);
      } catch {
        return "";
      }
    }).join(","));
  }
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

/** What is listed as JSON. */
export function json(panel) {
  const lines = [];
  for (const session of listed(panel)) {
    try {
      lines.push(JSON.stringify(session) ?? "null");
    } catch {
      lines.push("null");
    }
  }
  return `[\n${lines.join(",\n")}\n]\n`;
}

/** What the gateway is asked for, and what is filtered of it here. */
function asked(panel) {
  const attribute = (name) => panel.host.getAttribute(name) ?? "";
  const { username, project, scope, authorized, search } = panel.filter;
  return {
    username: attribute("username-filter") || username, project: attribute("project-filter") || project, scope,
    authorized, search,
  };
}

/** A text as both languages write it. */
const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The call that gives the list in a script of Ignition's. */
export function python(panel) {
  const { username, project, scope, authorized, search } = asked(panel);
  const call = `system.perspective.getSessionInfo(${[username, project].map((text) => (/[^\0-\x7f]/.test(text) ? "u" : "") + quoted(text)).join(", ")})`;
  const tests = [];
  if (scope) tests.push(`session["sessionScope"].lower() == ${quoted(scope.toLowerCase())}`);
  if (authorized !== null) tests.push(`${authorized ? "" : "not "}session["authorized"]`);
  if (search) tests.push(`${quoted(search.toLowerCase())} in str(session).lower()`);
  return tests.length === 0 ? `sessions = ${call}\n` : `sessions = [session for session in ${call}\n    if ${tests.join("\n    and ")}]\n`;
}

/** The call that gives the list in JavaScript. */
export function javascript(panel) {
  const { username, project, scope, authorized, search } = asked(panel);
  const src = panel.host.getAttribute("src") ?? "";
  const path = URL.canParse(src, document.baseURI) ? new URL(src, document.baseURI) : null;
  const gateway = path?.pathname.endsWith("/v1/sessions") ? path.href.slice(0, path.href.indexOf("/v1/sessions")) : "";
  const options = [gateway && `gateway: ${quoted(gateway)}`, "token", path?.searchParams.get("detail") === "true" && "detail: true"];
  const tests = [];
  if (scope) tests.push(`session.sessionScope.toLowerCase() === ${quoted(scope.toLowerCase())}`);
  if (authorized !== null) tests.push(`session.authorized === ${authorized}`);
  if (search) tests.push(`JSON.stringify(session).toLowerCase().includes(${quoted(search.toLowerCase())})`);
  const call = `await getSessionInfo(${quoted(username)}, ${quoted(project)}, { ${options.filter(Boolean).join(", ")} })`;
  return tests.length === 0 ? `const sessions = ${call};\n` : `const sessions = (${call}).filter((session) =>\n  ${tests.join("\n  && ")});\n`;
}

/** Shows the sessions that have ended, newest first, of the user and the project that the panel filters by. */
export function history(panel, within, signal) {
  const { username, project } = asked(panel);
  const request = Request.toSource(panel.host.getAttribute("src"), { username, project }, panel.token);
  const { columns: headings } = WORDS;
  const date = (value) => (Number.isFinite(value) ? time(value) : WORDS.missing);
  const amount = (value, said) => (Number.isFinite(value) ? said(value) : WORDS.missing);
  const columns = [
    [headings.username, (it) => it.username], [headings.project, (it) => it.project],
    [WORDS.began, (it) => date(it.start)], [WORDS.ended, (it) => date(it.end)],
    [WORDS.lasted, (it) => amount(it.end - it.start, duration)],
    [headings.clientAddress, (it) => it.clientAddress], [headings.sessionScope, (it) => it.sessionScope],
    [headings.authorized, (it) => (it.authorized ? WORDS.yes : WORDS.no)], [headings.activePages, (it) => amount(it.pages, say)],
    [headings.totalBytesSent, (it) => amount(it.totalBytesSent, size)],
    [headings.received, (it) => amount(it.totalBytesReceived, size)], [headings.device, (it) => it.userAgent],
  ];
  const row = (cells, tag, attributes = {}) =>
    make("tr", "", {}, ...cells.map((text) => make(tag, "", attributes, visible(String(text ?? WORDS.missing)).slice(0, 200))));
  const body = make("tbody");
  const note = make("p", "empty", { role: "status" });
  const more = button(WORDS.more, () => load(), { hidden: true });
  within.replaceChildren(
    make("table", "", {}, make("caption", "", {}, WORDS.historyOf),
      make("thead", "", {}, row(columns.map(([heading]) => heading), "th", { scope: "col" })), body),
    note, more);

  let next;
  const load = async () => {
    more.hidden = true;
    try {
      const answer = await request.history(next).json(signal);
      const sessions = Array.isArray(answer?.sessions) ? answer.sessions : [];
      body.append(...sessions.map((session) => row(columns.map(([, cell]) => cell(session ?? {})), "td")));
      next = typeof answer?.next === "string" ? answer.next : undefined;
      more.hidden = next === undefined;
      note.textContent = body.childElementCount === 0 ? WORDS.noHistory : "";
    } catch (error) {
      if (!signal.aborted) note.textContent = error.message;
    }
  };
  return load();
}
