// What is known of Perspective's own client. None of it is documented by Inductive Automation: whatever is
// missing, throws, or is of another type counts as not there.

import { CLIENT_PAGE, CLIENT_PROJECT, CLIENT_SCOPE, CLIENT_SESSION, PERSPECTIVE, URL_PROJECT, numbers, texts } from "./facts.js";

/** The first thing that is read off one of the client's stores. */
function read(get) {
  for (const store of [() => window.__client, () => window._designerStore]) {
    try {
      const value = get(store());
      if (value) return value;
    } catch {}
  }
}

const textOf = (value) => (typeof value === "string" ? value : "");

/** A field that is missing later, as while the client reconnects, is not another one: what it has shown stands. */
function note(what, get) {
  const text = read((store) => textOf(get(store)));
  if (text) texts[what] = text;
}

/** Takes a look at the client. */
export function lookAtClient() {
  if (texts[URL_PROJECT] || read((store) => store)) numbers[PERSPECTIVE] = 1;
  note(CLIENT_PROJECT, (store) => store.projectName);
  note(CLIENT_SESSION, (store) => store.sessionId);
  note(CLIENT_PAGE, (store) => textOf(store.tabIdUrlSafe) || store.page.pageProps.read("pageId"));
  numbers[CLIENT_SCOPE] = read((store) => store.isDesigner || store === window._designerStore)
    ? scopeNumber("designer")
    : scopeNumber(read((store) => textOf(store.constructor.nativeType)));
}

/**
 * A scope in any spelling as the state machine numbers it (src/agent/identity.rs), 0 where it is none.
 * @param {string | undefined} scope
 */
export const scopeNumber = (scope) => ["browser", "designer", "ios", "android"].indexOf(scope?.toLowerCase()) + 1;

/** Takes from the page's URL which project Perspective shows there. */
export function lookAtUrl() {
  const [, name] = /\/data\/perspective\/client\/([^/]+)/.exec(location.pathname) ?? [];
  try {
    texts[URL_PROJECT] = name && decodeURIComponent(name);
  } catch {
    texts[URL_PROJECT] = name;
  }
}
