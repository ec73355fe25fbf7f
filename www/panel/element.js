// The skin of <session-info-panel>: what the browser demands of a custom element. A Panel is opened when the element
// enters a document, and closed when it leaves.

import { NO_FILTER } from "./filters.js";
import { Panel } from "./panel.js";
import { WORDS } from "./words.js";

const NAME = "session-info-panel";

/** The properties that a page sets, at any time: kept here while no panel stands behind the element. */
const PROPERTIES = { sessions: "result", token: "token", filter: "filter", selection: "selection" };

/**
 * Defines the element, once: two copies of this module on one page share the class of the first.
 *
 * @param {Promise<() => import("perspective-session-info/glue").Sessions>} ready makes sessions, once their WebAssembly
 *   has loaded
 * @param {string} style
 */
export function defineSessionInfoPanel(ready, style) {
  const defined = customElements.get(NAME);
  if (defined) return defined;

  // Constructed, so that a page's Content-Security-Policy needs to allow nothing for it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);

  class SessionInfoPanel extends HTMLElement {
    static observedAttributes = ["src", "username-filter", "project-filter", "live", "compact"];

    #panel = null;
    #kept = { result: undefined, token: "", filter: NO_FILTER, selection: null };
    /** JSON that came before there was a panel to show it. */
    #json = null;

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
      // What was set before this class was there hides its accessors.
      for (const name of Object.keys(PROPERTIES)) {
        if (!Object.hasOwn(this, name)) continue;
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }

    async connectedCallback() {
      try {
        const sessions = await ready;
        if (!this.isConnected || this.#panel) return;
        this.#panel = new Panel(this, sessions(), sheet);
        const { result, ...kept } = this.#kept;
        Object.assign(this.#panel, kept);
        if (this.#json) this.#panel.readJson(this.#json);
        else if (result !== undefined) this.#panel.result = result;
        this.#json = null;
      } catch (error) {
        this.shadowRoot.textContent = WORDS.couldNotStart(error.message);
      }
    }

    disconnectedCallback() {
      if (!this.#panel) return;
      for (const name of Object.values(PROPERTIES)) this.#kept[name] = this.#panel[name];
      this.#panel.close();
      this.#panel = null;
    }

    attributeChangedCallback() {
      this.#panel?.attributesChanged();
    }

    async readJson(json) {
      if (this.#panel) await this.#panel.readJson(json);
      else this.#json = json;
    }

    pause() {
      this.#panel?.pause();
    }

    resume() {
      this.#panel?.resume();
    }

    static {
      for (const [name, key] of Object.entries(PROPERTIES)) {
        Object.defineProperty(this.prototype, name, {
          configurable: true,
          enumerable: true,
          get() {
            return (this.#panel ?? this.#kept)[key];
          },
          set(value) {
            if (key === "result") this.#json = null;
            (this.#panel ?? this.#kept)[key] = value;
          },
        });
      }
    }
  }

  customElements.define(NAME, SessionInfoPanel);
  return SessionInfoPanel;
}

/**
 * Shows sessions in an element: in the panel that it is, that it holds already, or that it gets.
 *
 * @param {Element} element
 * @param {unknown} sessions a result of getSessionInfo, whoever made it
 * @param {{ selection?: string | null, filter?: object }} [options]
 */
export function renderSessionInfo(element, sessions, options) {
  if (element?.nodeType !== Node.ELEMENT_NODE) throw new TypeError(WORDS.noElement(element));
  const panel = element.localName === NAME
    ? element
    : element.querySelector(`:scope > ${NAME}`) ?? element.appendChild(document.createElement(NAME));
  panel.sessions = sessions;
  if (options?.selection !== undefined) panel.selection = options.selection;
  if (options?.filter !== undefined) panel.filter = options.filter;
  return panel;
}
