// The designer panel's page: this gateway's sessions, live. It holds the read token for as long as the tab
// is open, and asks for it where it has none or a wrong one.

import { SessionInfoPanel } from "../panel/index.js";

const TOKEN = "session-gateway read token";
const FILTERS = { username: "username-filter", project: "project-filter" };

const main = document.querySelector("main");
const ask = document.querySelector("#ask");
const why = document.querySelector("#why");
const filters = document.querySelector("#filters");

const panel = new SessionInfoPanel();
panel.setAttribute("src", "../v1/sessions?detail=true");
panel.setAttribute("live", "");

let token = keptToken();

function keptToken() {
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    // A frame within another site may have no storage: then the token lasts as long as the page.
    return null;
  }
}

function keep(newToken) {
  token = newToken;
  try {
    if (token === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, token);
  } catch {
    // As above.
  }
}

/** Takes the token out of the link that the gateway printed, so that the URL can be shown and shared. */
function takeTokenFromLink() {
  const inLink = location.hash.match(/^#token=(.+)$/)?.[1];
  if (!inLink) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    keep(decodeURIComponent(inLink));
  } catch {
    // A token with a percent sign, as it is.
    keep(inLink);
  }
}

function show() {
  ask.hidden = token !== null;
  filters.hidden = token === null;
  if (token === null) {
    panel.remove();
    ask.elements.token.focus();
    return;
  }
  panel.token = token;
  if (!panel.isConnected) main.append(panel);
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  keep(ask.elements.token.value.trim());
  ask.reset();
  why.textContent = "";
  show();
});

// A filter is an exact name: it holds when it has been entered, not while it is typed.
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("change", ({ target }) => panel.setAttribute(FILTERS[target.name], target.value));

panel.addEventListener("session-info-error", ({ detail }) => {
  if (detail.status !== 401) return;
  keep(null);
  why.textContent = "This gateway does not accept the token. It mints another at each start, unless it was given one.";
  show();
});

// The gateway's link, opened in a tab that shows this page already.
addEventListener("hashchange", () => {
  takeTokenFromLink();
  show();
});

takeTokenFromLink();
show();
