// What the user has arranged, kept in localStorage. A browser that keeps nothing is no error.

const PREFIX = "session-info-panel ";

/** What was kept under a key; an empty object where nothing was. */
export function kept(key) {
  try {
    const found = JSON.parse(localStorage.getItem(PREFIX + key));
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Then it lasts as long as the page.
  }
}
