// A line of the list: the elements of one session, and what they show.

import { cell, COLUMNS, NEW } from "./columns.js";
import { make, showText } from "./dom.js";
import { WORDS } from "./words.js";

/** How long a change is marked, in milliseconds. */
const MARKED = 1_500;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A line, and what its cells show. */
export class Line {
  slot = -1;
  cells = new Map();
  #at = -1;
  #offset = -1;
  #selected = null;
  #marks = [];

  constructor(columns) {
    this.node = make("div", "line session", { role: "row", part: "row" });
    for (const column of columns) {
      const shown = make("span", "text");
      const node = make("div", `cell ${column.name}${column.isNumber ? " number" : ""}`, {
        role: "gridcell", tabindex: -1, "aria-colindex": COLUMNS.indexOf(column) + 1, "data-heading": column.heading,
      }, shown);
      if (column.by) {
        node.append(make("button", "by", {
          type: "button", tabindex: -1, title: WORDS.filterKey(column.heading), "aria-label": WORDS.filterBy(column.heading),
        }));
        node.setAttribute("aria-keyshortcuts", "F");
      }
      this.cells.set(column, { node, shown, text: null, faint: false });
      this.node.append(node);
    }
  }

  show(sessions, now, at, offset, changed) {
    if (this.#at !== at) {
      this.#at = at;
      this.node.setAttribute("aria-rowindex", at + 2);
    }
    if (this.#offset !== offset) {
      this.#offset = offset;
      this.node.style.transform = `translateY(${offset}px)`;
    }
    if (changed) this.unmark();
    for (const [column, shown] of this.cells) {
      const { text, faint } = cell(column, sessions, this.slot, now);
      if (shown.text !== text) {
        shown.text = text;
        showText(shown.shown, text);
        if (shown.node.hasAttribute("title")) shown.node.removeAttribute("title");
      }
      if (shown.faint !== faint) {
        shown.faint = faint;
        shown.node.classList.toggle("faint", faint);
      }
      if (changed & column.bit) this.#mark(shown.node);
    }
    if (changed & NEW) this.#mark(this.node);
  }

  select(selected) {
    if (this.#selected === selected) return;
    this.#selected = selected;
    this.node.setAttribute("aria-selected", selected);
  }

  /** Marks briefly that something has changed. */
  #mark(node) {
    const marked = { backgroundColor: "var(--changed)" };
    this.#marks.push(node.animate([marked, calm.matches ? marked : { backgroundColor: "transparent" }], MARKED));
  }

  /** Forgets what was marked: the line is another session's now. */
  unmark() {
    for (const animation of this.#marks.splice(0)) animation.cancel();
  }
}
