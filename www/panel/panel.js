// What stands behind <session-info-panel> while it is in a document: it hands on what comes to the sessions in the
// WebAssembly, and shows what they say. Closed, it does nothing more and holds nothing.

import { Bar } from "./bar.js";
import { make, showAttribute, showIf, showLine } from "./dom.js";
import { Feed } from "./feed.js";
import { filterOf, Filters, isSame, NO_FILTER } from "./filters.js";
import { Grid } from "./grid.js";
import { bytePieces, givenPieces, painted, textPieces, turn } from "./pieces.js";
import { optionalText } from "./request.js";
import { Tree } from "./tree.js";
import { age } from "./units.js";
import { describe, listIn } from "./value.js";
import { say, WORDS } from "./words.js";

/** Times count between updates, this often, in milliseconds. */
const TICK = 1_000;
/** How long reading goes on before the browser has its turn, in milliseconds. */
const TURN = 12;
/** So many sessions are more than can be in view. */
const FIRST = 300;
/** The most sessions of a given result that are listed. */
const MAX_GIVEN = 200_000;
/** User agents that are named at a time. */
const NAMED = 200;

/** States in which nothing goes on: times stand still. */
const STILL = ["given", "nothing", "once", "loading", "failed", "refused"];

export class Panel {
  #feed = null;
  #state = "nothing";
  #detail = 0;
  #problem = "";
  #token = "";
  #filter = NO_FILTER;
  /** What was given, and what is to be given back: a result; or null where the sessions came as JSON. */
  #given = undefined;
  #leftOut = 0;
  /** When what is shown was so; null where it goes on. */
  #stillAt = 0;
  #selected = null;
  #selectedSlot = -1;
  #treeOf = null;
  #tick = 0;
  #naming = null;
  #closed = false;
  #visible = () => {
    if (document.hidden) this.bar.hush();
    this.#ticking();
  };

  /**
   * @param {HTMLElement} host with an open shadow root
   * @param {import("perspective-session-info/glue").Sessions} sessions that nobody else has
   * @param {CSSStyleSheet} sheet
   */
  constructor(host, sessions, sheet) {
    this.host = host;
    this.sessions = sessions;
    const root = host.shadowRoot;
    root.adoptedStyleSheets = [sheet];
    this.node = make("div", "panel", { part: "panel" });
    root.replaceChildren(this.node);

    this.bar = new Bar(this.node, {
      pauseOrResume: () => (this.#feed?.paused ? this.resume() : this.pause()),
      retry: () => this.resume(),
      history: () => this.#showHistory(!this.#history),
      menu: (name) => this.#menu(name),
    });
    this.filters = new Filters(this.node, (filter) => this.#userFilters(filter));
    this.filters.suggest(sessions);

    this.panes = make("div", "panes");
    this.past = make("section", "past", { "aria-label": WORDS.historyOf, tabindex: 0, hidden: true, part: "history" });
    const list = make("div", "list");
    this.node.append(this.panes, this.past);
    this.panes.append(list);
    this.grid = new Grid(list, host.id, {
      sessions,
      now: () => this.#now(),
      choose: (slot) => this.#choose(slot),
      filterBy: (name, value) => this.#filterBy(name, value),
      isCompact: () => host.hasAttribute("compact"),
    });
    this.empty = make("p", "empty", { hidden: true });
    list.append(this.empty);
    this.properties = make("section", "properties", { "aria-label": WORDS.propertiesOf });
    this.heading = make("h2", "heading", {}, WORDS.properties);
    this.hint = make("p", "hint");
    this.properties.append(this.heading, this.hint);
    this.tree = new Tree(this.properties, (text) => this.bar.say(text, true));
    this.panes.append(this.properties);
    document.addEventListener("visibilitychange", this.#visible);
    this.attributesChanged();
    this.#changed();
  }

  close() {
    this.#closed = true;
    document.removeEventListener("visibilitychange", this.#visible);
    clearTimeout(this.#tick);
    this.bar.hush();
    this.#feed?.close();
    this.#history?.abort();
    this.grid.close();
    this.sessions.free();
  }

  // What a page sets and asks for.

  get result() {
    if (this.#given !== null) return this.#given;
    return Array.from(this.sessions.all(), (slot) => this.session(slot));
  }

  set result(result) {
    this.#read(result);
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    this.#token = optionalText("token", token);
    this.attributesChanged();
  }

  get filter() {
    return { ...this.#filter };
  }

  set filter(filter) {
    this.#setFilter(filterOf(filter));
  }

  get selection() {
    return this.#selected?.id ?? null;
  }

  set selection(id) {
    this.#select(id === null || id === undefined ? null : { id: String(id), slot: -1 });
  }

  /** Shows a result that is JSON: its first sessions at once, all of it when the promise is fulfilled. */
  readJson(json) {
    this.#given = null;
    this.#leftOut = 0;
    const isText = typeof json === "string";
    const pieces = isText ? textPieces(json) : bytePieces(new Uint8Array(json));
    return this.#readAll(pieces, (bad) => {
      if (bad === 2) return WORDS.noList(describe(JSON.parse(isText ? json : new TextDecoder().decode(json))));
      return bad ? WORDS.noJson : "";
    });
  }

  pause() {
    this.#feed?.pause();
  }

  resume() {
    this.#feed?.resume();
  }

  attributesChanged() {
    this.grid.measure();
    const attribute = (name) => this.host.getAttribute(name) ?? "";
    const src = attribute("src");
    const source = src && {
      src, token: this.#token, live: this.host.hasAttribute("live"),
      username: attribute("username-filter"), project: attribute("project-filter"),
    };
    const before = this.#feed?.source;
    if (source ? before && Object.keys(source).every((key) => source[key] === before[key]) : !before) return;
    if (this.#history) this.#showHistory(false);
    // Ignition's own gateway keeps none.
    showIf(this.bar.history, /\/v1\/sessions(\?|$)/.test(src));
    this.#feed?.close();
    this.#feed = source ? new Feed(source, this.#sink()) : null;
    this.#setState(source ? "loading" : this.#given === undefined ? "nothing" : "given");
  }

  // What comes.

  /** What the feed does with what it gets. */
  #sink() {
    const { sessions } = this;
    let list = true;
    let first = false;
    let early = false;
    let held = null;
    return {
      begin: (isList) => {
        list = isList;
        first = early = sessions.total === 0;
        this.#reading = null;
        // A list takes nothing away before its end.
        held = list ? null : this.grid.hold();
        sessions.begin(list, false);
      },
      push: (piece) => {
        const bad = sessions.push(piece, Date.now());
        // The first of a long list are there before the last have come.
        if (!bad && early && list && sessions.total > 0) {
          early = false;
          this.#given = null;
          this.#stillAt = null;
          sessions.list();
          this.#changed(null);
        }
        return bad;
      },
      finish: (aged) => {
        if (list) held = this.grid.hold();
        const bad = sessions.finish(Date.now());
        if (bad) return bad;
        this.#given = null;
        this.#problem = "";
        this.#aged = aged;
        this.#stillAt = this.#feed.source.live ? null : Date.now();
        this.#setState(this.#feed.source.live ? "live" : "once");
        this.#settled(held, first);
        this.#tell("session-info-update", null);
        return 0;
      },
      state: (state, detail) => this.#setState(state, detail),
      fail: (error) => {
        this.#problem = error.message;
        this.#changed();
        this.#tell("session-info-error", error);
      },
    };
  }

  /** Whether the times of the sessions are told as of now, as the gateway's events tell them. */
  #aged = false;

  /** Reads a result, whoever made it. */
  #read(result) {
    this.#given = result;
    const list = listIn(result);
    const all = Number(list?.length) || 0;
    const length = Math.min(all, MAX_GIVEN);
    this.#leftOut = all - length;
    const problem = list || result === undefined ? "" : WORDS.noList(describe(result));
    this.#readAll(givenPieces(list, length), () => problem);
  }

  /** The reading that goes on, so that another one ends it. */
  #reading = null;

  /** Reads JSON piece by piece: as much as goes at once, and the rest in turns of its own. */
  async #readAll(pieces, verdict) {
    const { sessions } = this;
    const reading = (this.#reading = {});
    this.#aged = false;
    this.#problem = "";
    this.#still(Date.now());
    const first = sessions.total === 0;
    let early = first;
    let bad = 0;
    sessions.begin(true, true);
    for (let until = performance.now() + TURN; ; ) {
      const { value, done } = pieces.next();
      if (done || bad) break;
      bad = sessions.push(value, this.#stillAt);
      if (performance.now() < until && !(early && sessions.total > FIRST)) continue;
      if (early) {
        // The first of a long list are there to be seen before the last.
        sessions.list();
        this.#changed(null);
        await painted();
      }
      early = false;
      await turn();
      if (this.#reading !== reading || this.#closed) return;
      until = performance.now() + TURN;
    }
    this.#reading = null;
    const held = this.grid.hold();
    bad ||= sessions.finish(this.#stillAt);
    this.#problem = verdict(bad);
    this.#settled(held, first);
  }

  /** Nothing goes on from now on: times stand still. */
  #still(now) {
    this.#stillAt = now;
    if (!this.#feed) this.#state = this.#given === undefined ? "nothing" : "given";
  }

  /** All of it has come; `first` where there was nothing before, so that nothing has changed. */
  #settled(held, first) {
    const { sessions } = this;
    if (this.#selected && !this.#isSelected()) this.#selectedSlot = sessions.slotOf(this.#selected.id);
    this.#changed(held, !first);
    this.#nameDevices();
  }

  /** Whether the slot still holds the session that was selected. */
  #isSelected() {
    const slot = this.#selectedSlot;
    return slot >= 0 && this.sessions.isLive(slot) && this.sessions.id(slot) === this.#selected.id;
  }

  #now() {
    return this.#stillAt ?? Date.now();
  }

  /** The session of a slot, as it was given or as it came. */
  session(slot) {
    if (this.#given !== null) {
      try {
        return listIn(this.#given)?.[this.sessions.place(slot)];
      } catch (error) {
        return WORDS.unreadable(error?.message);
      }
    }
    const json = this.sessions.json(slot);
    let session;
    try {
      session = JSON.parse(json);
    } catch {
      // What the list steps over may be no JSON.
      return json;
    }
    if (this.#aged && session && typeof session === "object") {
      const now = Date.now();
      for (const [key, column] of [["uptime", 7], ["lastComm", 8]]) {
        const then = this.sessions.number(slot, column);
        if (then >= 0 && age(session[key], now) === session[key]) session[key] = Math.max(0, Math.round(now - then));
      }
    }
    return session;
  }

  // What is shown.

  #setState(state, detail = 0) {
    [this.#state, this.#detail] = [state, detail];
    this.#changed();
  }

  #changed(held, marked = false) {
    const { sessions } = this;
    const live = !STILL.includes(this.#state);
    const words = WORDS.states[this.#state];
    const count = sessions.lines === sessions.total ? WORDS.sessions(sessions.total) : WORDS.sessionsOf(sessions.lines, sessions.total);
    const state = typeof words === "function" ? words(say(this.#detail)) : words;
    const hasList = this.#given !== undefined && !(this.#problem && sessions.total === 0);
    const parts = [];
    if (hasList) parts.push(count);
    if (this.#leftOut) parts.push(WORDS.firstShown(sessions.total));
    if (state && (!hasList || !["live", "loading"].includes(this.#state))) parts.push(state);
    const last = this.#problem && sessions.total > 0 ? ` ${WORDS.lastList}` : "";
    this.bar.show(parts.join(" · "), this.#state, this.#problem + last);

    // First, since the grid shows as much as it has room for.
    showIf(this.grid.node, sessions.total > 0);
    const isFiltered = !isSame(this.#filter, NO_FILTER);
    showIf(this.filters.node, sessions.total > 0 || isFiltered);
    showIf(this.bar.tools, sessions.total > 0 || isFiltered || !this.bar.history.hidden);
    showLine(this.empty, !hasList || sessions.lines > 0 ? "" : sessions.total > 0 ? WORDS.emptyFilter : WORDS.empty);
    this.bar.totals.show(sessions, this.#now(), live);
    if (held === undefined) this.grid.show();
    else this.grid.update(held, marked);
    this.#showSelected();
    this.#ticking();
  }

  #showSelected() {
    const is = this.#selected !== null && this.#isSelected();
    const slot = is ? this.#selectedSlot : -1;
    this.grid.select(slot);
    showIf(this.properties, this.sessions.total > 0 || this.#selected !== null);
    showLine(this.hint, is ? "" : this.#selected ? WORDS.selectedGone : WORDS.selectOne);
    showIf(this.heading, is);
    const of = is ? this.#selected : null;
    this.tree.show(is ? this.session(slot) : undefined, of !== this.#treeOf, this.#now());
    if (is || !this.#selected) this.#treeOf = of;
  }

  /** Times count as long as somebody looks and there is news of them. */
  #ticking() {
    clearTimeout(this.#tick);
    if (this.#closed || STILL.includes(this.#state) || this.#state === "paused" || document.hidden) return;
    this.#tick = setTimeout(() => {
      this.grid.show();
      this.bar.totals.show(this.sessions, this.#now(), true);
      this.#ticking();
    }, TICK);
  }

  // What the user does.

  #choose(slot) {
    const id = this.sessions.id(slot);
    const known = this.#selected?.id === id && this.#selectedSlot === slot;
    this.#select({ id, slot });
    if (!known) this.#tell("session-info-select", id);
  }

  #select(selected) {
    const same = selected && this.#selected && selected.id === this.#selected.id && selected.slot === this.#selectedSlot;
    if (!same) this.#selected = selected;
    this.#selectedSlot = selected ? (selected.slot >= 0 ? selected.slot : this.sessions.slotOf(selected.id)) : -1;
    this.#showSelected();
  }

  #filterBy(name, value) {
    this.#userFilters({ ...this.#filter, [name]: name === "authorized" ? value === "true" : value });
  }

  #userFilters(filter) {
    if (this.#setFilter(filter)) this.#tell("session-info-filter", this.filter);
  }

  /** Lists what passes a filter; whether it is another one. */
  #setFilter(filter) {
    const other = !isSame(filter, this.#filter);
    this.#filter = filter;
    this.filters.show(filter);
    if (!other) return false;
    const { username, project, scope, authorized, search } = filter;
    // Letters beyond ASCII have no other way here to be the same, large and small.
    const ways = [search, search.toLowerCase(), search.toUpperCase()].join("\n");
    this.sessions.filter(username, project, scope, String(authorized ?? ""), ways);
    this.#changed(null);
    return true;
  }

  #tell(event, detail) {
    this.host.dispatchEvent(new CustomEvent(event, { detail }));
  }

  // What is loaded when it is first needed.

  /** Names the devices of user agents that are new. */
  async #nameDevices() {
    if (this.#naming || this.sessions.total === 0) return;
    let user = this.sessions.unnamed(NAMED);
    if (user.length === 0) return;
    this.#naming = import("./device.js").catch(() => null);
    const module = await this.#naming;
    // Without it devices stay raw.
    if (!module) return;
    this.#naming = null;
    if (this.#closed) return;
    user = this.sessions.unnamed(NAMED);
    for (const userAgent of user) this.sessions.name(userAgent, module.device(userAgent) ?? userAgent);
    this.grid.resort();
    if (user.length === NAMED) this.#nameDevices();
  }

  /** What ends the history's requests, while the history is shown. */
  #history = null;

  /** Shows the sessions that have ended in place of those that are there, or these again. */
  async #showHistory(shown) {
    this.#history?.abort();
    this.#history = shown ? new AbortController() : null;
    showAttribute(this.bar.history, "aria-pressed", shown);
    showIf(this.panes, !shown);
    showIf(this.past, shown);
    if (!shown) return this.past.replaceChildren();
    const { signal } = this.#history;
    const tools = await import("./tools.js");
    if (!signal.aborted) await tools.history(this, this.past, signal);
  }

  /** What a menu holds. */
  async #menu(name) {
    const tools = await import("./tools.js");
    return this.#closed ? null : tools[name](this, (text) => this.bar.say(text, true));
  }
}
