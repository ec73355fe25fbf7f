// What is known of Perspective's own client. None of it is documented by Inductive Automation: whatever is
// missing, throws, or is of another type counts as not there.

import { CLIENT, CLIENT_PAGE, CLIENT_PROJECT, CLIENT_SCOPE, CLIENT_SESSION, URL_PROJECT, numbers, texts } from "./facts.js";

const guarded = (read) => {
  try {
    return read();
  } catch {}
};

/** The first of the client's stores in which there is such a text. */
const text = (read) => {
  for (const store of [() => window.__client, () => window._designerStore]) {
    const value = guarded(() => read(store()));
    if (typeof value === "string" && value) return value;
  }
};

/** Takes a look at the client. */
export function lookAtClient() {
  numbers[CLIENT] = guarded(() => window.__client || window._designerStore) ? 1 : 0;
  texts[CLIENT_PROJECT] = text((store) => store.projectName);
  texts[CLIENT_SESSION] = text((store) => store.sessionId);
  texts[CLIENT_PAGE] = text((store) => store.tabIdUrlSafe) ?? text((store) => store.page.pageProps.read("pageId"));
  texts[CLIENT_SCOPE] = guarded(() => window._designerStore || window.__client.isDesigner)
    ? "designer"
    : text((store) => store.constructor.nativeType);
}

/** Takes from the page's URL which project Perspective shows there. */
export function lookAtUrl() {
  const [, name] = /\/data\/perspective\/client\/([^/]+)/.exec(location.pathname) ?? [];
  texts[URL_PROJECT] = guarded(() => decodeURIComponent(name ?? "")) ?? name;
}
