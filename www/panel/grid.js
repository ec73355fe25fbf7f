// The list of sessions: an ARIA grid (WAI-ARIA 1.2; the pattern "grid" of the Authoring Practices) of which only the
// lines in view are there.
//
// A line stays the same element as long as its session is in view or has the focus, so that focus, pointer and a text
// selection survive every update; only what differs is written.

import { COLUMNS, filterValue, NEW, title } from "./columns.js";
import { make, showAttribute } from "./dom.js";
import { Headings } from "./headings.js";
import { Line } from "./line.js";
import { Scroll } from "./scroll.js";
import { WORDS } from "./words.js";

/** How wide the list must be so that it has columns, in rem. */
const COLUMNS_FROM = 40;
/** Lines that are kept for later. */
const SPARE = 20;

export class Grid {
  #scroll = new Scroll();
  /** The lines that are there, by slot. */
  #lines = new Map();
  #spare = [];
  #selected = -1;
  /** What the Tab key stops at: a slot, or −1 for the headings; and a column. */
  #at = { slot: -1, column: COLUMNS[1] };
  #pointer = null;
  #resize = new ResizeObserver(() => this.measure());

  /**
   * @param {Element} parent
   * @param {string} key under which the arrangement of the columns is kept
   * @param {{ sessions, now(): number, isCompact(): boolean, choose(slot: number): void,
   *   filterBy(filter: string, value: string): void }} panel
   */
  constructor(parent, key, panel) {
    this.panel = panel;
    this.body = make("div", "body", { role: "rowgroup" });
    this.head = make("div", "head", { role: "rowgroup" });
    const attributes = { role: "grid", "aria-label": WORDS.grid, "aria-colcount": COLUMNS.length, part: "grid", tabindex: -1 };
    this.node = make("div", "grid", attributes, this.head, this.body);
    this.headings = new Headings(key, this.node);
    this.head.append(this.headings.node);
    parent.append(this.node);
    const on = (event, act) => this.node.addEventListener(event, act);
    on("scroll", () => this.#scrolled());
    on("click", (event) => this.#clicked(event));
    on("keydown", (event) => this.#pressed(event));
    on("focusin", (event) => this.#focused(event.target));
    on("pointerdown", (event) => this.#dragged(event));
    on("pointermove", (event) => (this.#pointer = event.pointerType === "touch" ? null : event.clientY));
    on("pointerover", (event) => this.#asked(event.target));
    on("pointerleave", () => this.#left());
    const { sorted, descending } = this.headings;
    panel.sessions.sort(sorted?.number, descending);
    if (!this.headings.columns.includes(this.#at.column)) this.#at.column = this.headings.columns[0];
    this.#resize.observe(this.node);
  }

  close() {
    this.#resize.disconnect();
  }

  // The columns.

  /** Hides a column or shows it. */
  hide(column, hidden) {
    this.#arrange(() => this.headings.hide(column, hidden));
  }

  /** Sorts by a column, or by none. */
  sort(column, descending) {
    this.headings.sort(column, descending);
    this.panel.sessions.sort(column?.number, descending);
    this.node.scrollTop = 0;
    this.show();
  }

  /** Lists the sessions anew: something is called otherwise now. */
  resort() {
    this.panel.sessions.list();
    this.show();
  }

  /** Makes the columns what they were at first. */
  reset() {
    this.#arrange(() => this.headings.reset());
    this.sort(null, false);
  }

  /** Changes which columns there are. The lines are made anew: their cells are others now. */
  #arrange(change) {
    const focus = this.#hasFocus();
    change();
    const { columns } = this.headings;
    if (!columns.includes(this.#at.column)) this.#at.column = columns[0];
    for (const { node } of this.#lines.values()) node.remove();
    this.#lines.clear();
    this.#spare = [];
    if (focus) this.#at.slot = -1;
    this.show();
    if (focus) this.#focus();
  }

  // What is shown.

  /** Selects a slot; −1 selects none. */
  select(slot) {
    this.#selected = slot;
    for (const [shown, line] of this.#lines) line.select(shown === slot);
  }

  /** Remembers, before the sessions change, what must not move. */
  hold() {
    const { sessions } = this.panel;
    const top = this.node.scrollTop;
    const box = this.body.getBoundingClientRect();
    let line = this.#pointer === null ? -1 : this.#scroll.at(this.#pointer - box.top, top);
    if (line < 0 && this.#hasFocus() && this.#at.slot >= 0) {
      const [first, end] = this.#scroll.wanted(top);
      line = sessions.line(this.#at.slot);
      if (line < first || line >= end) line = -1;
    }
    if (line < 0) return null;
    const held = [];
    // If it goes, what stands below it stays, else what stands above.
    for (const near of [line, line + 1, line + 2, line + 3, line - 1, line - 2, line - 3]) {
      const slot = sessions.slot(near);
      if (slot >= 0) held.push([slot, this.#scroll.offset(near, top) - top]);
    }
    return held;
  }

  /** Shows the sessions after they have changed; what was held stays where it is, and changes are `marked`. */
  update(held, marked) {
    const { sessions } = this.panel;
    // A slot that was freed and taken again is another session.
    for (const [slot, line] of this.#lines) {
      if (sessions.isLive(slot) && !(sessions.changed(slot) & NEW)) continue;
      if (slot === this.#at.slot) {
        const next = held?.find(([near]) => near !== slot && sessions.line(near) >= 0);
        if (next && this.#hasFocus()) this.#moveTo(next[0], this.#at.column, false);
        else this.#at.slot = -1;
      }
      this.#lines.delete(slot);
      this.#spare.push(line);
      line.slot = -1;
    }
    this.#scroll.lines = sessions.lines;
    const anchor = held?.find(([slot]) => sessions.line(slot) >= 0);
    if (anchor) {
      const top = this.#scroll.topFor(sessions.line(anchor[0]), anchor[1]);
      if (Math.abs(top - this.node.scrollTop) >= 1) {
        if (top < 0) this.#scroll.lead -= top;
        this.body.style.height = `${this.#scroll.height(Math.max(0, top))}px`;
        this.node.scrollTop = Math.max(0, top);
        this.#put = this.node.scrollTop;
      }
    }
    this.show(marked);
  }

  /** Finds out how much room there is, and whether it is enough for columns. */
  measure() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.node.classList.toggle("blocks", this.panel.isCompact() || this.node.clientWidth < COLUMNS_FROM * rem);
    const line = this.#lines.values().next().value?.node;
    const height = line?.offsetHeight || this.#scroll.lineHeight;
    this.#scroll.lineHeight = height;
    this.#scroll.view = Math.max(0, this.node.clientHeight - this.head.offsetHeight);
    this.show();
  }

  /** Where the list was scrolled to so that a line stays in its place. */
  #put = -1;

  #scrolled() {
    const byUser = this.node.scrollTop !== this.#put;
    if (byUser && this.#scroll.lead && this.node.scrollTop < this.#scroll.lead - this.#scroll.lineHeight) this.#settle();
    this.show();
  }

  /** Takes away the room that kept a line in its place. */
  #settle() {
    const { lead } = this.#scroll;
    if (!lead) return;
    this.#scroll.lead = 0;
    this.node.scrollTop -= lead;
  }

  #left() {
    this.#pointer = null;
    if (!this.#hasFocus()) {
      this.#settle();
      this.show();
    }
  }

  /** Brings the lines in view up to date; `marked` marks what the last update has changed. */
  show(marked = false) {
    const { sessions } = this.panel;
    const { node, body } = this;
    this.#scroll.lines = sessions.lines;
    const top = node.scrollTop;
    const height = `${this.#scroll.height(top)}px`;
    if (body.style.height !== height) body.style.height = height;
    showAttribute(node, "aria-rowcount", sessions.lines + 1);
    const [first, end] = this.#scroll.wanted(top);
    const wanted = new Map();
    for (let line = first; line < end; line += 1) wanted.set(sessions.slot(line), line);
    // What has the focus keeps it, in view or not.
    if (this.#at.slot >= 0 && !wanted.has(this.#at.slot)) {
      const line = sessions.line(this.#at.slot);
      if (line < 0) this.#at.slot = -1;
      else wanted.set(this.#at.slot, line);
    }
    for (const [slot, line] of this.#lines) {
      if (wanted.has(slot)) continue;
      this.#lines.delete(slot);
      this.#spare.push(line);
    }
    const order = [...wanted].sort(([, a], [, b]) => a - b);
    const now = this.panel.now();
    for (const [slot, at] of order) {
      let line = this.#lines.get(slot);
      if (!line) {
        line = this.#spare.pop() ?? new Line(this.headings.columns);
        line.slot = slot;
        line.unmark();
        // Where it was it would be in the way of all that stay.
        body.append(line.node);
        this.#lines.set(slot, line);
      }
      line.show(sessions, now, at, this.#scroll.offset(at, top), marked ? sessions.changed(slot) : 0);
      line.select(slot === this.#selected);
    }
    for (const spare of this.#spare) spare.node.remove();
    this.#spare.length = Math.min(this.#spare.length, SPARE);
    this.#inOrder(order);
    this.#stop();
    const line = this.#lines.values().next().value?.node;
    if (line && !this.#measured) {
      this.#measured = true;
      this.measure();
    }
  }

  #measured = false;

  /** Puts the lines in the order in which they are read, without moving the one that has the focus. */
  #inOrder(order) {
    const focused = this.#hasFocus() ? this.#lines.get(this.#at.slot)?.node : null;
    let next = this.body.firstChild;
    for (const [slot] of order) {
      const { node } = this.#lines.get(slot);
      if (node === focused) {
        while (next && next !== node) {
          const after = next.nextSibling;
          this.body.append(next);
          next = after;
        }
      }
      if (node === next) next = node.nextSibling;
      else this.body.insertBefore(node, next);
    }
  }

  // Focus and keys.

  #hasFocus() {
    const active = this.node.getRootNode().activeElement;
    return !!active && this.node.contains(active);
  }

  /** The cell that the Tab key stops at. */
  #cell() {
    const line = this.#lines.get(this.#at.slot);
    return line ? line.cells.get(this.#at.column)?.node : this.headings.of(this.#at.column);
  }

  #stop() {
    const stop = this.#at.slot < 0 && this.#hasNoHeadings ? this.#firstCell() : this.#cell();
    if (this.#stopped === stop) return;
    this.#stopped?.setAttribute("tabindex", "-1");
    stop?.setAttribute("tabindex", "0");
    this.#stopped = stop;
  }

  #stopped = null;

  get #hasNoHeadings() {
    return this.node.classList.contains("blocks");
  }

  #firstCell() {
    const slot = this.panel.sessions.slot(0);
    return this.#lines.get(slot)?.cells.get(this.#at.column)?.node;
  }

  #focus() {
    this.#stop();
    this.#stopped?.focus({ preventScroll: true });
  }

  #focused(target) {
    const found = this.#find(target);
    if (!found) return;
    this.#at = found;
    this.#stop();
  }

  /** The slot and the column of an element; −1 for a heading. */
  #find(target) {
    const node = target.closest?.("[aria-colindex]");
    if (!node) return null;
    const column = COLUMNS[node.getAttribute("aria-colindex") - 1];
    if (this.head.contains(node)) return { slot: -1, column };
    const line = node.parentNode;
    for (const [slot, { node: known }] of this.#lines) if (known === line) return { slot, column };
    return null;
  }

  #clicked({ target }) {
    const found = this.#find(target);
    if (!found) return;
    const { slot, column } = found;
    if (slot < 0) {
      if (!target.closest(".handle")) this.#sortBy(column);
      return;
    }
    if (target.closest(".by")) this.#filterBy(slot, column);
    else this.panel.choose(slot);
    this.#moveTo(slot, column, false);
  }

  #sortBy(column) {
    const { sorted, descending } = this.headings;
    if (sorted !== column) this.sort(column, false);
    else if (!descending) this.sort(column, true);
    else this.sort(null, false);
  }

  #filterBy(slot, column) {
    const value = filterValue(column, this.panel.sessions, slot);
    if (value !== undefined && value !== null) this.panel.filterBy(column.by, value);
  }

  /** Moves the focus; the line comes into view. */
  #moveTo(slot, column, scroll = true) {
    this.#at = { slot, column };
    if (scroll && slot >= 0) {
      const line = this.panel.sessions.line(slot);
      const below = this.#scroll.offset(line, this.node.scrollTop) - this.node.scrollTop;
      const { view, lineHeight } = this.#scroll;
      if (below < 0) this.node.scrollTop = this.#scroll.topFor(line, 0);
      else if (below > view - lineHeight) this.node.scrollTop = this.#scroll.topFor(line, view - lineHeight);
    }
    this.show();
    this.#focus();
    if (scroll) this.#cell()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #pressed(event) {
    const found = this.#find(event.target);
    if (!found || event.altKey || event.metaKey) return;
    if (this.#led(event, found)) event.preventDefault();
  }

  /** Does what a key asks for; whether it asks for anything. */
  #led({ key, ctrlKey, shiftKey }, { slot, column }) {
    const { sessions } = this.panel;
    const line = slot < 0 ? -1 : sessions.line(slot);
    const last = sessions.lines - 1;
    const page = Math.max(1, Math.floor(this.#scroll.view / this.#scroll.lineHeight) - 1);
    const { columns } = this.headings;
    const at = columns.indexOf(column);
    const toLine = (to, of = column) => {
      const bounded = Math.min(last, to);
      if (bounded < 0 && this.#hasNoHeadings) return true;
      this.#moveTo(bounded < 0 ? -1 : sessions.slot(bounded), of);
      return true;
    };
    const toColumn = (to) => toLine(line, columns[Math.max(0, Math.min(columns.length - 1, to))]);
    if (slot < 0 && shiftKey && (key === "ArrowLeft" || key === "ArrowRight")) {
      this.headings.step(column, key === "ArrowRight");
      return true;
    }
    switch (key) {
      case "ArrowDown": return toLine(line + 1);
      case "ArrowUp": return toLine(Math.max(-1, line - 1));
      case "PageDown": return toLine(line + page);
      case "PageUp": return toLine(Math.max(0, line - page));
      case "ArrowLeft": return toColumn(at - 1);
      case "ArrowRight": return toColumn(at + 1);
      case "Home": return ctrlKey ? toLine(0, columns[0]) : toColumn(0);
      case "End": return ctrlKey ? toLine(last, columns.at(-1)) : toColumn(columns.length);
      case "Enter":
      case " ":
        if (slot < 0) this.#sortBy(column);
        else this.panel.choose(slot);
        return true;
      case "Delete":
        if (slot < 0) this.hide(column, true);
        return slot < 0;
      case "f":
      case "F":
        if (slot < 0 || !column.by || ctrlKey) return false;
        this.#filterBy(slot, column);
        return true;
      default: return false;
    }
  }

  // The pointer.

  /** Says the exact value to who asks for it. */
  #asked(target) {
    const found = this.#find(target);
    if (!found || found.slot < 0) return;
    const { node } = this.#lines.get(found.slot).cells.get(found.column);
    showAttribute(node, "title", title(found.column, this.panel.sessions, found.slot, this.panel.now()) || null);
  }

  /** A column's handle is taken. */
  #dragged(event) {
    const found = event.target.closest(".handle") && this.#find(event.target);
    if (!found) return;
    event.preventDefault();
    this.headings.drag(found.column, event);
  }
}
