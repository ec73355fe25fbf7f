/**
 * The socket of the page. A stand-in for Perspective's ChannelStore: `webSocket`, `status`,
 * `maxIdleTimeMs` and `send(protocol, payload)` are known by name; when a value of theirs is not known,
 * it is the stand-in's own.
 */

const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

export class Connection {
  /** @type {WebSocket | null} another object after each reconnect */
  webSocket = null;
  /** @type {"connecting" | "connected" | "disconnected"} */
  status = "disconnected";
  maxIdleTimeMs = 30_000;
  /** Messages handed to this page's sockets since its start. */
  messages = 0;
  /** Settles when the socket is open; another promise after each loss. */
  opened;
  #events = new EventTarget();
  #settle;
  #prepare;
  #wait = SHORTEST_WAIT_MS;
  #timer;

  /**
   * @param {() => Promise<string>} prepare what has to be done before each attempt; gives the socket's URL
   */
  constructor(prepare) {
    this.#prepare = prepare;
    this.#expect();
    // A page in the back/forward cache holds no socket; it opens another when it is shown again.
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.open();
    });
  }

  /** @param {"status" | "frame"} type @param {(event: Event) => void} listener */
  on(type, listener) {
    this.#events.addEventListener(type, listener);
  }

  /** Opens the socket, and opens it again whenever it is lost. */
  async open() {
    clearTimeout(this.#timer);
    this.#become("connecting");
    let url;
    try {
      url = await this.#prepare();
    } catch {
      this.#retry();
      return;
    }
    const socket = new WebSocket(url);
    this.webSocket = socket;
    socket.addEventListener("open", () => {
      this.#wait = SHORTEST_WAIT_MS;
      this.#become("connected");
      this.#settle();
    });
    socket.addEventListener("close", () => {
      if (socket === this.webSocket) this.#retry();
    });
  }

  /**
   * Sends a frame `<protocol>:<json>`.
   * @param {string} protocol @param {unknown} payload
   */
  send(protocol, payload) {
    this.sendMessage(`${protocol}:${JSON.stringify(payload)}`);
    this.#events.dispatchEvent(new Event("frame"));
  }

  /** @param {string | Blob | BufferSource} message */
  sendMessage(message) {
    if (this.webSocket?.readyState !== WebSocket.OPEN) throw new Error("The socket is not open.");
    this.webSocket.send(message);
    this.messages += 1;
  }

  #close() {
    clearTimeout(this.#timer);
    const socket = this.webSocket;
    this.webSocket = null;
    socket?.close();
    if (this.status === "connected") this.#expect();
    this.#become("disconnected");
  }

  #retry() {
    this.webSocket = null;
    if (this.status === "connected") this.#expect();
    this.#become("disconnected");
    this.#timer = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #expect() {
    this.opened = new Promise((resolve) => (this.#settle = resolve));
  }

  #become(status) {
    this.status = status;
    this.#events.dispatchEvent(new Event("status"));
  }
}
