// The skin of <session-info-panel>: what the browser demands of a custom element in JavaScript. All else
// is Rust (src/panel/element.rs), opened when the element enters a document and closed when it leaves.

const NAME = "session-info-panel";

/** The properties that a page sets, at any time: kept here while no Rust stands behind the element. */
const PROPERTIES = ["sessions", "token", "selectedId"];

/**
 * Defines the element, once: two copies of this module on one page share the class of the first.
 *
 * @param {Promise<(host: HTMLElement) => import("perspective-session-info/glue").Panel>} ready opens a
 *   panel, once its WebAssembly has loaded
 */
export function defineSessionInfoPanel(ready) {
  const defined = customElements.get(NAME);
  if (defined) return defined;

  class SessionInfoPanel extends HTMLElement {
    static observedAttributes = ["src", "username-filter", "project-filter", "live"];

    #panel = null;
    #kept = { sessions: undefined, token: "", selectedId: null };

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
      // What was set before this class was there hides its accessors.
      for (const name of PROPERTIES) {
        if (!Object.hasOwn(this, name)) continue;
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }

    async connectedCallback() {
      try {
        const open = await ready;
        if (!this.isConnected || this.#panel) return;
        this.#panel = open(this);
        Object.assign(this.#panel, this.#kept);
      } catch (error) {
        this.shadowRoot.textContent = `The panel could not start: ${error.message}`;
      }
    }

    disconnectedCallback() {
      if (!this.#panel) return;
      for (const name of PROPERTIES) this.#kept[name] = this.#panel[name];
      this.#panel.close();
      this.#panel = null;
    }

    attributeChangedCallback() {
      this.#panel?.attributesChanged();
    }

    get sessions() {
      return (this.#panel ?? this.#kept).sessions;
    }

    set sessions(sessions) {
      (this.#panel ?? this.#kept).sessions = sessions;
    }

    get token() {
      return (this.#panel ?? this.#kept).token;
    }

    set token(token) {
      (this.#panel ?? this.#kept).token = token;
    }

    get selectedId() {
      return (this.#panel ?? this.#kept).selectedId;
    }

    set selectedId(id) {
      (this.#panel ?? this.#kept).selectedId = id;
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
 * @param {{ selectedId?: string | null }} [options]
 */
export function renderSessionInfo(element, sessions, options) {
  if (element?.nodeType !== Node.ELEMENT_NODE) {
    throw new TypeError(`renderSessionInfo: element must be an Element, not ${element}.`);
  }
  const panel = element.localName === NAME
    ? element
    : element.querySelector(`:scope > ${NAME}`) ?? element.appendChild(document.createElement(NAME));
  panel.sessions = sessions;
  if (options?.selectedId !== undefined) panel.selectedId = options.selectedId;
  return panel;
}
