/**
 * The page id of this tab, eight hexadecimal digits as in the recorded socket's URL. A reload and a
 * navigation keep it; a second tab has its own.
 */

import { randomHex } from "./random.js";

const KEY = "perspective-stand-in:page-id:";
// A frame shares the sessionStorage of its top page: what it put there would become the top page's id.
const inFrame = window.parent !== window;

/**
 * Takes the id out of sessionStorage for as long as the page is shown, so that a duplicated tab or a
 * window.open, which copy the storage, find none and mint their own.
 * @param {string} project
 * @returns {string}
 */
export function takePageId(project) {
  const key = KEY + project;
  const id = take(key) ?? randomHex(4);
  if (!inFrame) {
    addEventListener("pagehide", () => put(key, id));
    addEventListener("pageshow", (event) => {
      if (event.persisted) take(key);
    });
  }
  return id;
}

/** @param {string} key */
function take(key) {
  if (inFrame) return null;
  try {
    const id = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return /^[0-9a-f]{8}$/.test(id ?? "") ? id : null;
  } catch {
    return null; // Storage is turned off: each load is a page of its own.
  }
}

/** @param {string} key @param {string} id */
function put(key, id) {
  try {
    sessionStorage.setItem(key, id);
  } catch {
    // Storage is turned off or full: the next load mints an id.
  }
}
