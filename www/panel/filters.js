// Which sessions are listed: what getSessionInfo filters by, and more. Everything here filters what has come already;
// what the gateway is asked for is said by the element's attributes.

import { SCOPES } from "./columns.js";
import { button, make, showIf } from "./dom.js";
import { WORDS } from "./words.js";

/** A filter that matches all. */
export const NO_FILTER = Object.freeze({ username: "", project: "", scope: "", authorized: null, search: "" });

/** A filter of what somebody gives as one: what is missing or makes no sense matches all. */
export function filterOf(given) {
  const text = (key) => (typeof given?.[key] === "string" ? given[key] : "");
  const authorized = typeof given?.authorized === "boolean" ? given.authorized : null;
  return { username: text("username"), project: text("project"), scope: text("scope"), authorized, search: text("search") };
}

export const isSame = (one, other) => Object.keys(NO_FILTER).every((key) => one[key] === other[key]);

/** At most so many names are suggested. */
const SUGGESTED = 200;
/** The columns (sessions.rs) of which names are suggested. */
const NAMES = { username: 1, project: 2 };

export class Filters {
  /** @param {(filter) => void} changed called when the user has changed the filter */
  constructor(parent, changed) {
    this.changed = changed;
    const { columns } = WORDS;
    const field = (label, control) => make("label", "", {}, make("span", "", {}, label), control);
    const input = (name, attributes) =>
      make("input", "", { name, type: "search", autocomplete: "off", spellcheck: "false", ...attributes });
    const choice = (name, options) =>
      make("select", "", { name }, ...options.map(([value, text]) => make("option", "", { value }, text)));
    const lists = Object.keys(NAMES).map((name) => [name, make("datalist", "", { id: `${name}s` })]);
    this.lists = Object.fromEntries(lists);
    this.node = make("form", "filters", { role: "search", "aria-label": WORDS.filters, part: "filters" },
      field(WORDS.search, input("search", { placeholder: WORDS.searchHint })),
      field(columns.username, input("username", { list: "usernames", placeholder: WORDS.all })),
      field(columns.project, input("project", { list: "projects", placeholder: WORDS.all })),
      field(columns.sessionScope, choice("scope", [["", WORDS.all], ...SCOPES.map((scope) => [scope, scope])])),
      field(columns.authorized, choice("authorized", [["", WORDS.all], ["true", WORDS.yes], ["false", WORDS.no]])),
      (this.unfold = button(WORDS.unfold, () => this.#unfold(), { class: "unfold", "aria-expanded": "false" })),
      (this.clear = button(WORDS.clear, () => changed(NO_FILTER), { class: "clear", hidden: true })),
      ...Object.values(this.lists));
    parent.append(this.node);
    this.node.addEventListener("submit", (event) => event.preventDefault());
    // A search finds while it is typed; a name is equal only when it is all there.
    this.node.addEventListener("input", ({ target }) => {
      if (target.name === "search") changed(this.#read());
    });
    this.node.addEventListener("change", () => changed(this.#read()));
  }

  /** Shows the other filters where there is not room for all, or hides them. */
  #unfold() {
    const open = this.node.classList.toggle("unfolded");
    this.unfold.setAttribute("aria-expanded", open);
  }

  #read() {
    const { username, project, scope, authorized, search } = this.node.elements;
    return filterOf({
      username: username.value, project: project.value, scope: scope.value, search: search.value,
      authorized: authorized.value ? authorized.value === "true" : null,
    });
  }

  /** Shows a filter. */
  show(filter) {
    for (const name of Object.keys(NO_FILTER)) {
      const control = this.node.elements[name];
      const value = String(filter[name] ?? "");
      // A scope that no one knows can be filtered by all the same.
      if (name === "scope" && ![...control.options].some((option) => option.value === value)) {
        control.append(make("option", "", { value }, value));
      }
      if (control.value !== value) control.value = value;
    }
    showIf(this.clear, !isSame(filter, NO_FILTER));
  }

  /** Suggests the names that there are, when somebody is about to enter one. */
  suggest(sessions) {
    for (const [name, column] of Object.entries(NAMES)) {
      this.node.elements[name].addEventListener("focus", () => {
        const values = sessions.values(column, SUGGESTED).sort();
        this.lists[name].replaceChildren(...values.map((value) => make("option", "", { value })));
      });
    }
  }
}
