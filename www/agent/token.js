import { TOKEN, USER, texts } from "./facts.js";

/**
 * Asks the page for its identity token, and takes note of it and of the user that it names. Where the page
 * does not say (an exception, a rejected promise), what it said last stands.
 * @param {string | (() => unknown) | undefined} identityToken
 */
export async function askToken(identityToken) {
  try {
    const token = typeof identityToken === "function" ? await identityToken() : identityToken;
    texts[TOKEN] = typeof token === "string" ? token : "";
    texts[USER] = userOf(texts[TOKEN]);
  } catch {}
}

/** The user that a JWT names, unverified: only ever compared with itself, so its UTF-8 is left undecoded. */
function userOf(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    return String(claims.preferred_username ?? claims.sub ?? "");
  } catch {}
}
