// What a tab keeps for its next load, in sessionStorage. A frame shares its top page's, so it takes and keeps
// nothing there.

import { TAB_RECORD, texts } from "./facts.js";

const name = (gateway) => `perspective-session-info ${gateway}`;

/** Takes what this tab has kept, so that a duplicate of the tab does not find it. */
export function takeRecord(gateway) {
  try {
    const record = top === window && sessionStorage.getItem(name(gateway));
    if (record) {
      texts[TAB_RECORD] = record;
      sessionStorage.removeItem(name(gateway));
    }
  } catch {}
}

/** Keeps a record; in memory, where it is refused, for the case that this very document comes back. */
export function keepRecord(gateway, record) {
  try {
    if (top === window) return sessionStorage.setItem(name(gateway), record);
  } catch {}
  texts[TAB_RECORD] = record;
}
