// What a tab keeps for its next load, in sessionStorage. A frame shares its top page's, so it takes and keeps
// nothing there.

import { TAB_RECORD, texts } from "./facts.js";

/** What was kept in case the page is discarded, which it is not told; of no use to a duplicate of the tab. */
export const DISCARD = " discard";

const name = (gateway, which = "") => `perspective-session-info ${gateway}${which}`;

/** Takes what this tab has kept, so that a duplicate of the tab does not find it. */
export function takeRecord(gateway, which) {
  try {
    const record = top === window && sessionStorage.getItem(name(gateway, which));
    if (record) {
      texts[TAB_RECORD] = record;
      sessionStorage.removeItem(name(gateway, which));
    }
  } catch {}
}

/** Keeps a record; in memory, where it is refused, for the case that this very document comes back. */
export function keepRecord(gateway, record, which) {
  try {
    if (top === window) return sessionStorage.setItem(name(gateway, which), record);
  } catch {}
  if (!which) texts[TAB_RECORD] = record;
}
