// The properties of the selected session, as the Designer's property editor has them: an ARIA tree of names and values.
//
// As in the list, an update writes only what differs, and what the user has opened stays open.

import { button, make, showAttribute, showIf, showLine, showText } from "./dom.js";
import { age, duration, size } from "./units.js";
import { tree } from "./value.js";
import { visible } from "./visible.js";
import { WORDS } from "./words.js";

/** A branch of at most so many lines is open at first. */
const OPEN_UP_TO = 12;

const DURATIONS = ["uptime", "leaseMs"];
const AGES = ["lastComm", "lastReport"];
const SIZES = ["recentBytesSent", "totalBytesSent", "totalBytesReceived"];
/** The traffic of a detailed session: bytes by channel. */
const TRAFFIC = ["sent", "received"];

/** A number in human units, where its key says what it counts. */
function note(node, key, within, now) {
  const value = Number(node.text);
  if (node.kind !== "number" || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER + 1)) return "";
  if (AGES.includes(key) && age(value, now) !== value) {
    return `${WORDS.since1970} · ${WORDS.ago(duration(age(value, now)))}`;
  }
  const { millisecond } = WORDS.units;
  if (DURATIONS.includes(key) || AGES.includes(key)) return value < 1_000 ? millisecond : `${millisecond} · ${duration(value)}`;
  if (SIZES.includes(key) || TRAFFIC.includes(within)) return value < 1_024 ? WORDS.units.bytes[0] : size(value);
  return "";
}

function omitted({ kind, omitted: count }) {
  if (!count) return "";
  return { text: WORDS.moreCharacters, list: WORDS.moreItems, object: WORDS.moreKeys }[kind](count);
}

export class Tree {
  #lines = [];
  /** By path, whether a branch is open that the user has opened or closed. */
  #open = new Map();
  #root = null;
  #at = "";

  constructor(parent, say) {
    this.say = say;
    this.node = make("div", "tree", { role: "tree", "aria-label": WORDS.propertiesOf, part: "properties" });
    this.more = make("p", "omitted", { hidden: true });
    this.expression = make("code", "expression");
    const copy = (text, what) => button(text, () => this.#copy(what()));
    this.bar = make("div", "copying", { hidden: true }, this.expression,
      copy(WORDS.copyValue, () => this.#value(false)), copy(WORDS.copyJson, () => this.#value(true)),
      copy(WORDS.copyExpression, () => this.#expression()));
    parent.append(this.node, this.more, this.bar);
    this.node.addEventListener("click", ({ target }) => this.#clicked(target));
    this.node.addEventListener("keydown", (event) => {
      if (!event.altKey && !event.ctrlKey && !event.metaKey && this.#pressed(event.key)) event.preventDefault();
    });
  }

  /** Shows a session; another one's tree is another tree: nothing of it is open yet. */
  show(session, another, now) {
    if (another) {
      this.#open.clear();
      this.#at = "";
      this.node.scrollTop = 0;
    }
    this.session = session;
    this.#root = session === undefined ? null : tree(session);
    this.#draw(now);
  }

  #draw(now = this.now) {
    this.now = now;
    const wanted = [];
    const branch = (children, depth, parents, within) => {
      children.forEach(([name, node], i) => {
        const path = [...parents, name];
        const id = JSON.stringify(path);
        const isBranch = !!node.children;
        const open = isBranch && (this.#open.get(id) ?? node.children.length <= OPEN_UP_TO);
        wanted.push({ id, path, depth, name, node, isBranch, open, within, position: i + 1, of: children.length });
        if (open) branch(node.children, depth + 1, path, name);
      });
    };
    const root = this.#root;
    if (root) branch(root.kind === "object" ? root.children : [["value", root]], 1, [], "");
    showLine(this.more, root?.kind === "object" ? omitted(root) : "");

    const before = new Map(this.#lines.map((line) => [line.id, line]));
    const here = this.node.getRootNode().activeElement;
    this.#lines = wanted.map((what) => {
      const line = before.get(what.id) ?? new Line(what.id);
      before.delete(what.id);
      line.show(what, now);
      return line;
    });
    for (const gone of before.values()) gone.node.remove();
    let next = this.node.firstChild;
    for (const { node } of this.#lines) {
      if (node === next) next = node.nextSibling;
      else this.node.insertBefore(node, next);
    }
    this.#select(this.#lines.some(({ id }) => id === this.#at) ? this.#at : (this.#lines[0]?.id ?? ""));
    if (here && this.node.contains(here) && here !== this.node.getRootNode().activeElement) here.focus({ preventScroll: true });
  }

  #select(id) {
    this.#at = id;
    for (const line of this.#lines) {
      showAttribute(line.node, "tabindex", line.id === id ? 0 : -1);
      showAttribute(line.node, "aria-selected", line.id === id);
    }
    const line = this.#line();
    showIf(this.bar, !!line);
    if (!line) return;
    showText(this.expression, visible(this.#expression()));
  }

  /** What reads the line's value in a script, of Python or of JavaScript. */
  #expression() {
    const keys = this.#root.kind === "object" ? this.#line().what.path : [];
    return `session${keys.map((key) => `[${JSON.stringify(key)}]`).join("")}`;
  }

  #line() {
    return this.#lines.find(({ id }) => id === this.#at);
  }

  #focus(line) {
    if (!line) return;
    this.#select(line.id);
    line.node.focus();
  }

  #toggle(line, open) {
    this.#open.set(line.id, open);
    this.#draw();
  }

  #clicked(target) {
    const node = target.closest("[role=treeitem]");
    const line = this.#lines.find((known) => known.node === node);
    if (!line) return;
    if (line.what.isBranch && target.closest(".name")) this.#toggle(line, !line.what.open);
    this.#focus(line);
  }

  #pressed(key) {
    const line = this.#line();
    const at = this.#lines.indexOf(line);
    if (!line) return false;
    const { isBranch, open, depth } = line.what;
    switch (key) {
      case "ArrowDown": this.#focus(this.#lines[at + 1]); break;
      case "ArrowUp": this.#focus(this.#lines[at - 1]); break;
      case "Home": this.#focus(this.#lines[0]); break;
      case "End": this.#focus(this.#lines.at(-1)); break;
      case "ArrowRight":
        if (isBranch && !open) this.#toggle(line, true);
        else if (isBranch) this.#focus(this.#lines[at + 1]);
        break;
      case "ArrowLeft":
        if (open) this.#toggle(line, false);
        else this.#focus(this.#lines.slice(0, at).reverse().find((other) => other.what.depth < depth));
        break;
      case "Enter":
      case " ":
        if (isBranch) this.#toggle(line, !open);
        break;
      default: return false;
    }
    return true;
  }

  /** The value of the line, all of it. */
  #value(asJson) {
    try {
      let value = this.session;
      if (this.#root.kind === "object") {
        for (const key of this.#line().what.path) value = value instanceof Map ? value.get(key) : value[key];
      }
      if (typeof value === "string" && !asJson) return value;
      if (typeof value === "object" || asJson) return JSON.stringify(value, null, 2) ?? this.#line().what.node.text;
      return String(value);
    } catch {
      return this.#line().what.node.text;
    }
  }

  async #copy(text) {
    this.say(await copied(text));
  }
}

/** Copies a text; what is to be said about it. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return WORDS.copied;
  } catch {
    // No secure context has no clipboard; the selection can be copied everywhere.
    const field = make("textarea");
    field.value = text;
    const here = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    here?.focus?.({ preventScroll: true });
    return done ? WORDS.copied : WORDS.notCopied;
  }
}

class Line {
  constructor(id) {
    this.id = id;
    this.name = make("span", "name");
    this.value = make("span", "value");
    this.note = make("span", "note");
    this.omitted = make("span", "omitted");
    this.node = make("div", "property", { role: "treeitem", tabindex: -1 },
      this.name, make("span", "held", {}, this.value, this.note, this.omitted));
  }

  show(what, now) {
    this.what = what;
    const { node, name, depth, isBranch, open, within } = what;
    showText(this.name, visible(String(name)));
    showText(this.value, visible(node.text));
    showText(this.note, note(node, name, within, now));
    showText(this.omitted, omitted(node));
    showAttribute(this.value, "data-kind", node.kind);
    showAttribute(this.node, "aria-level", depth);
    showAttribute(this.node, "aria-posinset", what.position);
    showAttribute(this.node, "aria-setsize", what.of);
    showAttribute(this.node, "aria-expanded", isBranch ? open : null);
    if (this.node.style.getPropertyValue("--depth") !== `${depth - 1}`) this.node.style.setProperty("--depth", depth - 1);
  }
}
