// The device in words: loaded when the first user agent is seen.

import Bowser from "bowser";

/** How the list calls systems and forms. */
const FORMS = { mobile: "phone", tablet: "tablet", tv: "TV" };

/**
 * Browser and major version, system, form: "Chrome 140, Windows", "Safari 26, iOS, phone". Nothing where the user agent
 * says neither browser nor system in a known way.
 */
export function device(userAgent) {
  try {
    const { browser, os, platform } = Bowser.parse(userAgent);
    if (!browser.name && !os.name) return null;
    const major = /^\d+/.exec(browser.version ?? "")?.[0];
    const name = browser.name && (major ? `${browser.name} ${major}` : browser.name);
    return [name, os.name, FORMS[platform.type]].filter(Boolean).join(", ");
  } catch {
    // An empty user agent.
    return null;
  }
}
