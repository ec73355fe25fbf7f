// What the sessions come to, and how many bytes a second they have moved in the last minutes.

import { make, showIf, showLine, showText } from "./dom.js";
import { rate, size } from "./units.js";
import { WORDS } from "./words.js";

/** How far back the chart goes, in milliseconds, and how many values that are at most. */
const BACK = 5 * 60_000;
const EVERY = 2_000;
const WIDE = 120;
const HIGH = 24;
const SVG = "http://www.w3.org/2000/svg";

export class Totals {
  /** [time, bytes a second]. */
  #past = [];

  constructor(parent) {
    const part = (name) => make("span", name);
    this.pages = part("pages");
    this.users = part("users");
    this.rate = part("rate");
    this.chart = document.createElementNS(SVG, "svg");
    this.chart.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
    this.chart.setAttribute("class", "chart");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("part", "chart");
    this.chart.setAttribute("preserveAspectRatio", "none");
    this.line = document.createElementNS(SVG, "polyline");
    this.chart.append(this.line);
    this.node = make("div", "totals", { role: "group", "aria-label": WORDS.totals, part: "totals" },
      this.pages, this.users, this.rate, this.chart);
    parent.append(this.node);
  }

  /** Shows what is listed; `live` where it goes on, so that there is something to draw. */
  show(sessions, now, live) {
    const [pages, users, bytes] = sessions.totals(now);
    showIf(this.node, sessions.total > 0);
    showText(this.pages, WORDS.pages(pages));
    showText(this.users, WORDS.users(users));
    showLine(this.rate, live ? rate(bytes) : "");
    showIf(this.chart, live);
    if (live) this.#draw(now, bytes);
  }

  #draw(now, bytes) {
    const past = this.#past;
    if (past.length === 0 || now - past.at(-1)[0] >= EVERY) past.push([now, bytes]);
    while (past[0][0] < now - BACK) past.shift();
    const values = past.map(([, value]) => value);
    const most = Math.max(...values);
    const points = past.map(([time, value]) => {
      const x = WIDE - ((now - time) / BACK) * WIDE;
      const y = HIGH - 1 - (most ? (value / most) * (HIGH - 2) : 0);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    this.line.setAttribute("points", points.join(" "));
    this.chart.setAttribute("aria-label", WORDS.chart(size(Math.min(...values)), size(most), size(bytes)));
  }
}
