/** Where a page runs; `"browser"` unless Perspective's own client says otherwise. */
export type SessionScope = "designer" | "browser" | "iOS" | "Android";

/** What {@link startAgent} takes. Everything is optional. */
export interface AgentOptions {
  /** The gateway's base URL; reports go to `v1/report` below it. Default: the page's own origin. */
  gateway?: string;
  /** The project's name. Default: what Perspective's client or the page's URL says. */
  project?: string;
  /** The session's id. Default: Perspective's, else one that the browser mints and keeps. */
  sessionId?: string;
  /** The page's id. Default: Perspective's, else one that the tab mints and keeps. */
  pageId?: string;
  /** Where the page runs. Default: what Perspective's client says, else `"browser"`. */
  scope?: SessionScope;
  /**
   * A signed token (JWT) that names the user, or a function that returns one, or a promise of one. It is asked
   * before each report and waited for up to 10 s; then, and when it fails, the latest token stands.
   */
  identityToken?: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** Origins whose traffic counts, besides the page's own. `ws:` counts with `http:`, `wss:` with `https:`. */
  origins?: string[];
}

/** Who the page is, as the gateway lists it. */
export interface AgentIdentity {
  readonly project: string;
  readonly sessionId: string;
  readonly pageId: string;
  readonly scope: SessionScope;
}

/** What this page has counted, in bytes, since it loaded or its session changed. */
export interface AgentTraffic {
  /** Payloads of WebSocket messages and bodies of requests, as handed to the browser. */
  sent: { webSocket: number; fetch: number; xhr: number; beacon: number };
  /** Payloads of WebSocket messages, and decoded bodies of HTTP responses. */
  received: { webSocket: number; http: number };
  /** The most recent send. */
  recentSent: number;
  /** How many sends and receipts could not be measured without touching them. */
  unmeasured: number;
}

/** The agent of a document. */
export interface Agent {
  /**
   * Reports now.
   * @returns a promise that resolves when the gateway has accepted a report made after this call, and rejects with
   * an `Error` that says why where it has not
   */
  report(): Promise<void>;
  /** Reports that the page is gone, and stops. What was patched passes calls on; listeners and timers are removed. */
  stop(): void;
  /** Who the page is; `null` until that is known. */
  readonly identity: AgentIdentity | null;
  /** A snapshot of the counters. */
  readonly traffic: AgentTraffic;
}

/**
 * Starts the agent. A document has one: where it runs already, by a script tag or an earlier call, that one is
 * returned and the options have no effect.
 * @throws {TypeError} for an option of the wrong type, which it names
 */
export function startAgent(options?: AgentOptions): Agent;
