// The panel's first lines: whether the list is fresh, what it comes to, what went wrong, and what can be done.

import { button, make, showAttribute, showIf, showLine, showText } from "./dom.js";
import { Totals } from "./totals.js";
import { visible } from "./visible.js";
import { WORDS } from "./words.js";

/** What is said aloud is said at most so often, in milliseconds. */
const SPOKEN_EVERY = 5_000;
/** How the style sheet names the states in which a list is kept fresh. */
const FEEDS = { live: "live", paused: "paused", reconnecting: "stale" };

export class Bar {
  #spokenAt = 0;
  #speaking = 0;

  /**
   * @param {Element} parent
   * @param {{ pauseOrResume(): void, retry(): void, history(): void, menu(name: string): Promise<Element | null> }} act
   *   what the buttons do; `menu` makes what a menu holds, when it is opened
   */
  constructor(parent, act) {
    this.status = make("p", "status", { part: "status" });
    const bar = make("div", "bar", { part: "bar" }, this.status);
    this.totals = new Totals(bar);
    this.pause = button(WORDS.pause, () => act.pauseOrResume(), { hidden: true });
    this.retry = button(WORDS.retry, () => act.retry(), { hidden: true });
    this.history = button(WORDS.history, () => act.history(), { "aria-pressed": "false", hidden: true });
    this.tools = make("div", "tools", {}, this.history,
      menu(WORDS.columnMenu, () => act.menu("columns")), menu(WORDS.exportMenu, () => act.menu("export")));
    bar.append(this.pause, this.retry, this.tools);
    this.problem = make("p", "problem", { role: "alert", hidden: true });
    this.spoken = make("p", "spoken", { role: "status" });
    parent.append(bar, this.problem, this.spoken);
  }

  /** Shows what is so, in words, and the state of the feed. */
  show(status, state, problem) {
    showText(this.status, status);
    showAttribute(this.status, "data-feed", FEEDS[state] ?? null);
    showLine(this.problem, visible(problem));
    showIf(this.pause, state in FEEDS);
    showText(this.pause, state === "paused" ? WORDS.resume : WORDS.pause);
    showIf(this.retry, ["reconnecting", "failed", "refused"].includes(state));
    this.say(status, false);
  }

  /** Says something aloud: at once, or now and then. */
  say(text, atOnce) {
    this.hush();
    const wait = atOnce ? 0 : this.#spokenAt + SPOKEN_EVERY - Date.now();
    if (wait > 0) {
      const isNews = !document.hidden && text !== this.spoken.textContent;
      if (isNews) this.#speaking = setTimeout(() => this.say(text, true), wait);
      return;
    }
    this.#spokenAt = Date.now();
    showText(this.spoken, text);
  }

  /** Says nothing of what waits to be said. */
  hush() {
    clearTimeout(this.#speaking);
  }
}

/** A menu that is made anew when it is opened. */
function menu(heading, open) {
  const summary = make("summary", "", {}, heading);
  const node = make("details", "menu", { name: "tools" }, summary);
  node.addEventListener("toggle", async () => {
    const held = node.open && (await open());
    if (held) node.replaceChildren(summary, held);
  });
  node.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    node.open = false;
    summary.focus();
  });
  return node;
}
