/**
 * The session that this browser has in the project, and who is signed in to it. How a real Perspective
 * page learns its session's id is not known; here it asks the stand-in's server.
 */

import { randomHex } from "./random.js";

const DEVICE = "perspective-stand-in:device";
const REMEMBERED = "perspective-stand-in:session:";
const SIGNED = "perspective-stand-in:signed:";

/** Fires "change" whenever the session, its user or its token is another one. */
export class Session extends EventTarget {
  /** @type {string | undefined} absent until the server has answered */
  id;
  /** @type {string | null} */
  username = null;
  /** @type {string | null} a signed token that names the user */
  token = null;
  #url;
  #project;
  #renewAt = Infinity;

  /** @param {string} project @param {(endpoint: string) => string} url */
  constructor(project, url) {
    super();
    this.#project = project;
    this.#url = url;
    addEventListener("storage", ({ key }) => {
      // Another tab has signed in or out. An open that fails is repeated when the socket is.
      if (key === SIGNED + project && this.id !== undefined) this.open().catch(() => {});
    });
  }

  get deviceId() {
    let id = read(DEVICE);
    if (!/^[0-9a-f]{32}$/.test(id ?? "")) {
      id = randomHex(16);
      write(DEVICE, id);
    }
    return id;
  }

  /**
   * Asks for the session. A server that was started again knows none, so it is offered the id that is known
   * here: then all open tabs keep theirs, but nobody is signed in any more.
   */
  async open() {
    const headers = { "demo-device": this.deviceId };
    const remembered = this.id ?? read(REMEMBERED + this.#project);
    if (remembered) headers["demo-session"] = remembered;
    this.#adopt(await ask(this.#url("session"), { headers }));
  }

  /** @param {string} name */
  async signIn(name) {
    await this.#sign("sign-in", name);
  }

  async signOut() {
    await this.#sign("sign-out");
  }

  /** Asks for a new token when half of the old one's life is over. */
  async renew() {
    if (Date.now() >= this.#renewAt) await this.open();
  }

  async #sign(endpoint, body) {
    const headers = { "demo-device": this.deviceId };
    if (this.id) headers["demo-session"] = this.id;
    this.#adopt(await ask(this.#url(endpoint), { method: "POST", headers, body }));
    write(SIGNED + this.#project, randomHex(4));
  }

  #adopt({ sessionId, username, token, tokenLifeMs }) {
    this.id = sessionId;
    this.username = username;
    this.token = token;
    this.#renewAt = token ? Date.now() + tokenLifeMs / 2 : Infinity;
    write(REMEMBERED + this.#project, sessionId);
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} url @param {RequestInit} [init] */
export async function ask(url, init) {
  const answer = await fetch(url, { cache: "no-store", ...init });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? `The server answered ${answer.status}.`);
}

// Where storage is turned off, each load is another browser.
const memory = new Map();

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}
