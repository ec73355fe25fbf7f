/** The page's elements. Text from outside becomes text only. */

import { KINDS, ROWS } from "./sends.js";

const CHANNEL_LABELS = { webSocket: "WebSocket", fetch: "fetch", xhr: "XHR", beacon: "beacon", total: "Total" };
const number = new Intl.NumberFormat("en");

const byId = (id) => document.getElementById(id);

/** @param {string} tag @param {string} text @param {Record<string, string>} [properties] */
function element(tag, text, properties) {
  return Object.assign(document.createElement(tag), { textContent: text }, properties);
}

/** @param {Record<string, string | undefined>} entries */
export function showIdentity(entries) {
  byId("identity").replaceChildren(
    ...Object.entries(entries).flatMap(([name, value]) => [
      element("dt", name),
      element("dd", value ?? "not known yet", { className: value === undefined ? "missing" : "" }),
    ]),
  );
}

/** @param {(channel: string, kind: string) => void} onSend */
export function showChannels(onSend) {
  byId("channels").replaceChildren(
    ...ROWS.map(({ channel, label, kinds }) => {
      const group = document.createElement("fieldset");
      const buttons = kinds.map((kind) => {
        const button = element("button", KINDS[kind].label, { type: "button" });
        button.dataset.channel = channel;
        button.dataset.kind = kind;
        button.addEventListener("click", () => onSend(channel, kind));
        return button;
      });
      const row = element("div", "", { className: "row" });
      row.append(...buttons);
      group.append(element("legend", label), row);
      return group;
    }),
  );
}

/** @param {string} text @param {boolean} [failed] */
export function showLatest(text, failed = false) {
  const latest = byId("latest");
  latest.textContent = text;
  latest.classList.toggle("failed", failed);
}

/**
 * @param {import("./comparison.js").Row[]} rows
 * @param {boolean} settled whether a difference is one, and not merely under way
 */
export function showRows(rows, settled) {
  byId("comparison-rows").replaceChildren(
    ...rows.map(({ channel, server, agent, equal }) => {
      const row = document.createElement("tr");
      row.dataset.channel = channel;
      const mark = equal === null ? "" : equal ? "equal" : settled ? "differs" : "under way";
      row.append(
        element("th", CHANNEL_LABELS[channel], { scope: "row" }),
        element("td", number.format(server)),
        element("td", agent === null ? "–" : number.format(agent)),
        element("td", mark, { className: `mark ${mark.replace(" ", "-")}` }),
      );
      return row;
    }),
  );
}

/** @param {string} text */
export function showComparisonNote(text) {
  byId("comparison").textContent = text;
}

/** @param {string} project @param {string} here the page path, "" or "second" */
export function showPage(project, here) {
  byId("title").textContent = here ? `${project} / ${here}` : project;
  document.title = `${project} · a stand-in for a Perspective page`;
  const elsewhere = here ? "" : "/second";
  const address = (path) => `/demo/${encodeURIComponent(project)}${path}${location.search}`;
  const link = byId("elsewhere");
  link.textContent = here ? "Go to the first page" : "Go to a second page";
  link.href = address(elsewhere);
  byId("blank").href = address(here ? "/second" : "");
  byId("open").addEventListener("click", () => window.open(location.href));
  byId("reload").addEventListener("click", () => location.reload());
  byId("back").addEventListener("click", () => history.back());
}

/** @param {(name: string) => void} onSignIn @param {() => void} onSignOut */
export function showSignIn(onSignIn, onSignOut) {
  byId("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    onSignIn(byId("name").value);
  });
  byId("sign-out").addEventListener("click", onSignOut);
}
