// The designer panel's page: this gateway's sessions, live. It holds the read token for as long as the tab
// is open, and asks for it where it has none or a wrong one.

import { SessionInfoPanel } from "/panel/index.js";

const TOKEN = "session-gateway read token";
const FILTERS = { username: "username-filter", project: "project-filter" };

const main = document.querySelector("main");
const ask = document.querySelector("#ask");
const why = document.querySelector("#why");
const filters = document.querySelector("#filters");

const panel = new SessionInfoPanel();
panel.setAttribute("src", "/v1/sessions?detail=true");
panel.setAttribute("live", "");

/** Takes the token out of the link that the gateway printed, so that the URL can be shown and shared. */
function tokenFromLink() {
  const token = location.hash.match(/^#token=(.+)$/)?.[1];
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    sessionStorage.setItem(TOKEN, decodeURIComponent(token));
  } catch {
    // Not percent-encoded after all.
    sessionStorage.setItem(TOKEN, token);
  }
}

function show() {
  const token = sessionStorage.getItem(TOKEN);
  const known = token !== null;
  ask.hidden = known;
  filters.hidden = !known;
  if (known) {
    panel.token = token;
    main.append(panel);
  } else {
    panel.remove();
    ask.elements.token.focus();
  }
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, ask.elements.token.value.trim());
  ask.reset();
  why.textContent = "";
  show();
});

// A filter is an exact name: it holds when it has been entered, not while it is typed.
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("change", ({ target }) => panel.setAttribute(FILTERS[target.name], target.value.trim()));

panel.addEventListener("session-info-error", ({ detail }) => {
  if (detail.status !== 401) return;
  sessionStorage.removeItem(TOKEN);
  why.textContent = "This gateway does not accept the token. It mints another at each start, unless it was given one.";
  show();
});

// The gateway's link, opened in a tab that shows this page already.
addEventListener("hashchange", () => {
  tokenFromLink();
  show();
});

tokenFromLink();
show();
