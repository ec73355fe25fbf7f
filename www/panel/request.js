// getSessionInfo over HTTP: where to ask, with what, and what can go wrong, in words that a person can act on.

import { describe, listIn } from "./value.js";
import { WORDS } from "./words.js";

/** How long an answer may take, in seconds. */
const MAX_SECONDS = 10;

/** An argument that is not what it has to be. */
function wrong(name, expected, given) {
  return Object.assign(new TypeError(WORDS.argument(name, expected, given)), { field: name });
}

/** An argument that is text, or left out. */
export function optionalText(name, value) {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrong(name, WORDS.expected.text, describe(value));
  return value;
}

function optionalBoolean(name, value) {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrong(name, WORDS.expected.boolean, describe(value));
  return value;
}

/** An HTTP address, relative to another or to the document's. */
function address(name, text, base = document.baseURI) {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw wrong(name, WORDS.expected.address, `“${text}”`);
  }
  return url;
}

/** A question for a list of sessions. */
export class Request {
  constructor(url, { username, project }, token, accept = "application/json") {
    if (username) url.searchParams.set("username", username);
    if (project) url.searchParams.set("project", project);
    this.url = url;
    this.token = token;
    try {
      this.headers = new Headers({ Accept: accept });
      if (token) this.headers.set("Authorization", `Bearer ${token}`);
    } catch {
      throw wrong("token", WORDS.expected.token, WORDS.noHeader);
    }
  }

  /** To the address of a list, as the attribute `src` has it. */
  static toSource(src, filter, token) {
    return new Request(address("src", src), filter, token);
  }

  /** To the events of the gateway that has this list; none where it is no gateway's. */
  events() {
    const url = this.#beside("events");
    return url && new Request(url, {}, this.token, "text/event-stream");
  }

  /** To the history of the gateway that has this list, from where an answer before has ended; none likewise. */
  history(next) {
    const url = this.#beside("history");
    url?.searchParams.delete("detail");
    if (next) url?.searchParams.set("next", next);
    return url && new Request(url, {}, this.token);
  }

  #beside(name) {
    const url = new URL(this.url);
    if (!url.pathname.endsWith("/v1/sessions")) return null;
    url.pathname = url.pathname.replace(/sessions$/, name);
    return url;
  }

  /** Asks, and reads all of the answer as JSON. */
  async json(signal) {
    const { response, lost, done } = await this.open(signal);
    try {
      const text = await response.text().catch(() => {
        throw lost();
      });
      try {
        return JSON.parse(text);
      } catch {
        throw this.notAList(response, text);
      }
    } finally {
      done();
    }
  }

  /** The address without its query, for messages. */
  get shown() {
    return this.url.origin + this.url.pathname;
  }

  /**
   * Asks: the response, where it is a good one. It has to be all there in time, unless `begun` says that it has no end;
   * `lost` is the error of one that breaks off, and `done` has to be called in any case.
   *
   * @param {AbortSignal} signal
   */
  async open(signal) {
    const abort = new AbortController();
    const giveUp = () => abort.abort();
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      giveUp();
    }, MAX_SECONDS * 1_000);
    const done = () => {
      clearTimeout(limit);
      signal.removeEventListener("abort", giveUp);
    };
    const lost = () => new Error(timedOut ? WORDS.timedOut(this.shown, MAX_SECONDS) : WORDS.unreachable(this.shown));
    try {
      const response = await fetch(this.url.href, { headers: this.headers, cache: "no-store", signal: abort.signal });
      if (!response.ok) throw refusal(this, response.status, await response.json().catch(() => null));
      return { response, lost, begun: () => clearTimeout(limit), done };
    } catch (error) {
      done();
      throw error.isRefusal ? error : lost();
    }
  }

  /** That what was answered is no JSON, or no list. */
  notAList(response, text) {
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      return new Error(WORDS.notJson(this.shown, response.headers.get("Content-Type") ?? ""));
    }
    return new Error(WORDS.notAList(this.shown, describe(body)));
  }
}

/** Why a gateway said no. */
function refusal({ shown, token }, status, problem) {
  const text = (key) => (typeof problem?.[key] === "string" ? problem[key] : "");
  const reason = (text("detail") || text("title")).replace(/\.+$/, "");
  const field = text("field");
  let message = WORDS.refusedRequest(shown, status, reason, field);
  if (status === 401) message = token ? WORDS.tokenWrong(shown) : WORDS.tokenWanted(shown);
  if (status === 404 && !reason) message = WORDS.notThere(shown);
  const error = Object.assign(new Error(message), { status });
  if (field) error.field = field;
  Object.defineProperty(error, "isRefusal", { value: true });
  return error;
}

/** See index.d.ts. */
export async function getSessionInfo(usernameFilter, projectFilter, options) {
  const filter = {
    username: optionalText("usernameFilter", usernameFilter),
    project: optionalText("projectFilter", projectFilter),
  };
  if (options !== undefined && options !== null && typeof options !== "object") {
    throw wrong("options", WORDS.expected.object, describe(options));
  }
  const gateway = optionalText("gateway", options?.gateway);
  const token = optionalText("token", options?.token);
  const detail = optionalBoolean("detail", options?.detail);
  // Without its last slash the last part of a base URL's path would not count.
  const list = address("gateway", "v1/sessions", address("gateway", `${gateway.replace(/\/+$/, "")}/`));
  if (detail) list.searchParams.set("detail", "true");

  const request = new Request(list, filter, token);
  const body = await request.json(new AbortController().signal);
  if (!listIn(body)) throw new Error(WORDS.notAList(request.shown, describe(body)));
  return body;
}
