// The headings of the list: which columns there are, how wide, and by which the list is sorted. The user arranges them,
// and they stay so.

import { COLUMNS } from "./columns.js";
import { make, showAttribute } from "./dom.js";
import { keep, kept } from "./kept.js";
import { WORDS } from "./words.js";

/** How much a key changes a column's width, and how narrow a column gets, in pixels. */
const STEP = 16;
const NARROWEST = 40;

export class Headings {
  /** All columns, those that are shown, and what they are sorted by. */
  all = COLUMNS;
  columns = COLUMNS;
  sorted = null;
  descending = false;

  #nodes = new Map();
  #settings;

  /**
   * @param {string} key under which the arrangement is kept
   * @param {HTMLElement} grid whose style says how wide the columns are
   */
  constructor(key, grid) {
    this.key = key;
    this.grid = grid;
    this.node = make("div", "line headings", { role: "row", "aria-rowindex": 1 });
    const { hidden, widths, sort } = kept(key);
    this.#settings = { hidden: Array.isArray(hidden) ? hidden : [], widths: { ...widths }, sort };
    this.sorted = COLUMNS.find(({ name }) => name === sort?.column) ?? null;
    this.descending = !!sort?.descending;
    this.build();
  }

  /** The heading of a column that is shown. */
  of(column) {
    return this.#nodes.get(column);
  }

  isHidden(column) {
    return this.#settings.hidden.includes(column.name);
  }

  /** Hides a column or shows it; the last one stays. */
  hide(column, hidden) {
    if (hidden && this.columns.length === 1) return;
    const names = this.#settings.hidden.filter((name) => name !== column.name);
    this.#settings.hidden = hidden ? [...names, column.name] : names;
    this.#keep();
    this.build();
  }

  /** Says that the list is sorted by a column, or by none. */
  sort(column, descending) {
    [this.sorted, this.descending] = [column, descending];
    this.#settings.sort = column && { column: column.name, descending };
    this.#keep();
    for (const [shown, node] of this.#nodes) showAttribute(node, "aria-sort", this.#sorting(shown));
  }

  /** Shows all columns, as wide as they were at first. */
  reset() {
    this.#settings = { hidden: [], widths: {} };
    this.build();
  }

  /** Makes a column narrower or wider by a step. */
  step(column, wider) {
    this.#setWidth(column, this.of(column).offsetWidth + (wider ? STEP : -STEP));
    this.#keep();
  }

  /** Changes a column's width as long as its handle is held. */
  drag(column, { target: handle, clientX: from, pointerId }) {
    const width = this.of(column).offsetWidth;
    handle.setPointerCapture(pointerId);
    const move = ({ clientX }) => this.#setWidth(column, width + clientX - from);
    handle.addEventListener("pointermove", move);
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.#keep();
    };
    handle.addEventListener("lostpointercapture", end, { once: true });
  }

  build() {
    this.columns = COLUMNS.filter((column) => !this.isHidden(column));
    // Whatever was kept: there is a column.
    if (this.columns.length === 0) this.columns = COLUMNS;
    this.#nodes = new Map(this.columns.map((column) => [column, this.#make(column)]));
    this.node.replaceChildren(...this.#nodes.values());
    this.#widen();
  }

  #make(column) {
    return make("div", `heading ${column.name}`, {
      role: "columnheader", tabindex: -1, "aria-colindex": COLUMNS.indexOf(column) + 1, "aria-sort": this.#sorting(column),
      "aria-keyshortcuts": "Enter Shift+ArrowLeft Shift+ArrowRight Delete", title: WORDS.columnKeys,
    }, make("span", "label", {}, column.heading), make("span", "handle", { "aria-hidden": "true" }));
  }

  #sorting(column) {
    if (this.sorted !== column) return "none";
    return this.descending ? "descending" : "ascending";
  }

  #widen() {
    const widths = this.columns.map(({ name, width }, i) => {
      const set = this.#settings.widths[name];
      const wide = Number.isFinite(set) ? `${set}px` : `${width}em`;
      return i === this.columns.length - 1 ? `minmax(${wide}, 1fr)` : wide;
    });
    this.grid.style.setProperty("--columns", widths.join(" "));
  }

  #setWidth(column, width) {
    this.#settings.widths[column.name] = Math.max(NARROWEST, Math.round(width));
    this.#widen();
  }

  #keep() {
    keep(this.key, this.#settings);
  }
}
