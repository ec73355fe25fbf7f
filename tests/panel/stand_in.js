// Stands in for what a test has to own: the network, the clock, and whether the document is hidden. The
// clock moves only when a test moves it; a request is answered only when a test answers it.

export class StandIn {
  #undo = [];
  #timers = new Map();
  #now = 0;
  #listeners = 0;
  /** Requests in their order, each { url, headers, aborted, settled }. */
  #requests = [];
  #stream = null;

  constructor() {
    this.#replace(globalThis, "fetch", () => (url, init) => this.#fetch(url, init));
    this.#replace(globalThis, "setTimeout", () => (callback, ms = 0) => {
      const id = {};
      this.#timers.set(id, { callback, at: this.#now + ms });
      return id;
    });
    this.#replace(globalThis, "clearTimeout", (original) => (id) => {
      if (!this.#timers.delete(id)) original(id);
    });
    this.#replace(document, "addEventListener", (original) => (...args) => {
      this.#listeners += 1;
      original.apply(document, args);
    });
    this.#replace(document, "removeEventListener", (original) => (...args) => {
      this.#listeners -= 1;
      original.apply(document, args);
    });
  }

  #replace(object, name, make) {
    const own = Object.getOwnPropertyDescriptor(object, name);
    object[name] = make(object[name]);
    this.#undo.push(() => {
      if (own) Object.defineProperty(object, name, own);
      else delete object[name];
    });
  }

  #fetch(url, init) {
    return new Promise((resolve, reject) => {
      const request = { url, headers: new Headers(init.headers), aborted: false, settled: false };
      const settle = (how, value) => {
        request.settled = true;
        how(value);
      };
      request.resolve = (response) => settle(resolve, response);
      request.reject = (error) => settle(reject, error);
      init.signal.addEventListener("abort", () => {
        if (request.settled) return;
        request.aborted = true;
        request.reject(init.signal.reason);
      });
      this.#requests.push(request);
    });
  }

  restore() {
    for (const undo of this.#undo.reverse()) undo();
    delete document.hidden;
  }

  /** Lets time pass; what falls due runs. */
  pass(ms) {
    this.#now += ms;
    for (const [id, { callback, at }] of [...this.#timers]) {
      if (at <= this.#now && this.#timers.delete(id)) callback();
    }
  }

  hide(hidden) {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }

  /** Answers the request that waits. */
  answer(status, type, body) {
    this.#waiting().resolve(new Response(body, { status, headers: { "Content-Type": type } }));
  }

  /** Answers the request that waits with server-sent events, which come piece by piece. */
  stream() {
    const stream = { headers: { "Content-Type": "text/event-stream" } };
    const body = new ReadableStream({ start: (controller) => (this.#stream = controller) });
    this.#waiting().resolve(new Response(body, stream));
  }

  piece(text) {
    this.#stream.enqueue(new TextEncoder().encode(text));
  }

  endStream() {
    this.#stream.close();
  }

  breakStream() {
    this.#stream.error(new TypeError("network error"));
  }

  /** The network breaks under the request that waits. */
  fail() {
    this.#waiting().reject(new TypeError("Failed to fetch"));
  }

  #waiting() {
    const waiting = this.#requests.filter((request) => !request.settled);
    if (waiting.length !== 1) throw new Error(`${waiting.length} requests wait, not 1`);
    return waiting[0];
  }

  get requests() {
    return this.#requests.length;
  }

  get waiting() {
    return this.#requests.filter((request) => !request.settled).length;
  }

  get aborted() {
    return this.#requests.filter((request) => request.aborted).length;
  }

  get timers() {
    return this.#timers.size;
  }

  get listeners() {
    return this.#listeners;
  }

  lastUrl() {
    return this.#requests.at(-1).url;
  }

  lastHeader(name) {
    return this.#requests.at(-1).headers.get(name);
  }
}

const channel = new MessageChannel();

/** Lets the browser do what it has begun: a few of its turns, without a timer. */
export async function turns() {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => {
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(null);
    });
  }
}

/** The detail of the next event of this name. */
export function next(target, name) {
  return new Promise((resolve) => {
    target.addEventListener(name, (event) => resolve(event.detail), { once: true });
  });
}

/** What a script makes of its text. */
export function js(expression) {
  return new Function(`return (${expression})`)();
}

/** How many changes of its tree a shadow root has seen since the last time; the first call begins. */
export function changes(root) {
  if (!root.observer) {
    root.observer = new MutationObserver(() => {});
    root.observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    return 0;
  }
  return root.observer.takeRecords().length;
}
