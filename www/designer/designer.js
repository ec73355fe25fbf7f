// The designer panel's page: this gateway's sessions, live. It holds the read token for as long as the tab
// is open, and asks for it where it has none or a wrong one. The filter stands in the URL, so that it can be shared; the
// token never does.

import { SessionInfoPanel } from "../panel/index.js";

const TOKEN = "session-gateway read token";

const main = document.querySelector("main");
const ask = document.querySelector("#ask");
const why = document.querySelector("#why");

const panel = new SessionInfoPanel();
panel.setAttribute("src", "../v1/sessions?detail=true");
panel.setAttribute("live", "");
panel.id = "designer";

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

/** The filter that the URL asks for. */
function filterInUrl() {
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  const authorized = { true: true, false: false }[asked.authorized] ?? null;
  return { ...asked, authorized };
}

panel.filter = filterInUrl();

panel.addEventListener("session-info-filter", ({ detail }) => {
  const asked = Object.entries(detail).filter(([, value]) => value !== "" && value !== null);
  const query = new URLSearchParams(asked).toString();
  history.replaceState(null, "", location.pathname + (query && `?${query}`));
});

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
