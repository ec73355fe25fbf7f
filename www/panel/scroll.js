// Which lines of a long list are in view, all lines being equally high.
//
// A browser makes no element higher than about 17 million pixels (Firefox; Chromium twice that). A longer list is
// scrolled through at a larger scale: then a pixel of the scroll bar stands for more than a pixel of the list.

/** The highest that the list is made, in pixels. */
const MAX_HEIGHT = 15_000_000;
/** Lines above and below what is in view that are there already. */
const AROUND = 6;

export class Scroll {
  /** How many lines, and how high each is and what they are seen through, in pixels. */
  lines = 0;
  lineHeight = 30;
  view = 0;
  /** Room above the first line, so that a line can stay where it is though less stands above it. */
  lead = 0;

  /** How high all lines are together. */
  get #all() {
    return this.lines * this.lineHeight + this.lead;
  }

  /** How high the element is that holds the lines, when it is scrolled to `top`. */
  height(top) {
    // As long as somebody looks there, what was the end is not taken away.
    return Math.min(Math.max(this.#all, this.lead ? top + this.view : 0), MAX_HEIGHT);
  }

  /** How far the list is scrolled, where the element is scrolled to `top`. */
  #position(top) {
    if (this.#all <= MAX_HEIGHT) return top;
    return (top / (MAX_HEIGHT - this.view)) * (this.#all - this.view);
  }

  /** Where a line stands within the element, in pixels. */
  offset(line, top) {
    return line * this.lineHeight + this.lead + (top - this.#position(top));
  }

  /** The first line that is wanted, and the one behind the last. */
  wanted(top) {
    const first = Math.floor((this.#position(top) - this.lead) / this.lineHeight);
    const count = Math.ceil(this.view / this.lineHeight) + 1;
    return [Math.max(0, first - AROUND), Math.min(this.lines, first + count + AROUND)];
  }

  /** The line at a height within the element. */
  at(y, top) {
    return Math.floor((y - this.offset(0, top)) / this.lineHeight);
  }

  /** Where the element is to be scrolled to so that a line stands so far below the upper end of the view. */
  topFor(line, below) {
    const position = line * this.lineHeight + this.lead - below;
    if (this.#all <= MAX_HEIGHT) return position;
    return (position / (this.#all - this.view)) * (MAX_HEIGHT - this.view);
  }
}
