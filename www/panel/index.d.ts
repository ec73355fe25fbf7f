/**
 * `getSessionInfo` of Ignition Perspective for JavaScript, and a panel that shows what it returns.
 *
 * @packageDocumentation
 */

/** One Perspective session, as getSessionInfo returns it: the manual's keys in the manual's order. */
export interface SessionInfo {
  /** `navigator.userAgent` of the page that reported last. */
  userAgent: string;
  /** The session's id. Opaque text: it need not be a UUID and can hold any character. */
  id: string;
  /** The verified user, else `"Unauthenticated"`. */
  username: string;
  /** The name of the project that the session runs. */
  project: string;
  /** Milliseconds since the session's first report. */
  uptime: number;
  /** The address that the latest report came from. */
  clientAddress: string;
  /** Milliseconds since the latest report arrived. */
  lastComm: number;
  /** Where the session runs. */
  sessionScope: SessionScope;
  /** How many pages are open: the length of `pageIds`. */
  activePages: number;
  /** Bytes of the session's most recent send, 0 … 2^53−1. */
  recentBytesSent: number;
  /** Bytes that all pages of the session have sent since it began, 0 … 2^53−1. */
  totalBytesSent: number;
  /** The ids of the pages that are open now, oldest first. Opaque text. */
  pageIds: string[];
  /** Whether the user was verified. */
  authorized: boolean;
}

/** Where a session runs. */
export type SessionScope = "designer" | "browser" | "iOS" | "Android";

/** A session with what the manual's keys do not say: the answer when `detail` was asked for. */
export interface DetailedSessionInfo extends SessionInfo {
  /** The session's pages, and its traffic by channel and direction. */
  detail: SessionDetail;
}

/** The pages of a session, and its traffic by channel and direction. */
export interface SessionDetail {
  /** The open pages, in the order of `pageIds`. */
  pages: PageDetail[];
  /** Bytes sent by channel, summed over the session. */
  sent: { webSocket: number; fetch: number; xhr: number; beacon: number };
  /** Bytes received by channel, summed over the session. */
  received: { webSocket: number; http: number };
  /** How many sends and receipts could not be measured without touching them. */
  unmeasured: number;
  /** Who says so: the gateway itself, or a page, which can claim anything. */
  vouchedBy: Record<keyof SessionInfo, "gateway" | "page">;
}

/** One open page of a session. */
export interface PageDetail {
  /** The page's id. Opaque text. */
  id: string;
  /** Where the page is, without query and fragment. */
  path: string;
  /** Whether the page is in the foreground. */
  visible: boolean;
  /** Milliseconds since the page's first report. */
  uptime: number;
  /** Milliseconds since the page's latest report arrived. */
  lastReport: number;
  /** Milliseconds that the page may be silent before it counts as gone. */
  leaseMs: number;
  /** Bytes sent by channel, by this page and what it was before a reload. */
  sent: { webSocket: number; fetch: number; xhr: number; beacon: number };
  /** Bytes received by channel, in the same way. */
  received: { webSocket: number; http: number };
  /** How many sends and receipts could not be measured, in the same way. */
  unmeasured: number;
}

/** Which gateway is asked, and for what. */
export interface GetSessionInfoOptions {
  /** The gateway's base address, relative to the document's; by default the document's own origin. */
  gateway?: string | null;
  /** The gateway's read token. It travels in the Authorization header only. */
  token?: string | null;
  /** Whether each session comes with its `detail`. */
  detail?: boolean | null;
}

/**
 * Lists the sessions of a gateway, oldest first.
 *
 * A filter that is left out, null or empty matches all; otherwise it matches by equality, case-sensitive.
 * Both given means that both must match.
 *
 * The promise is rejected with a `TypeError` that names the argument that is wrong, or with a
 * {@link SessionInfoError} that says why there is no list.
 *
 * @example
 * const sessions = await getSessionInfo("billy", null, { token });
 * console.log(`Billy has ${sessions.length} sessions`);
 */
export function getSessionInfo(
  usernameFilter: string | null | undefined,
  projectFilter: string | null | undefined,
  options: GetSessionInfoOptions & { detail: true },
): Promise<DetailedSessionInfo[]>;
export function getSessionInfo(
  usernameFilter?: string | null,
  projectFilter?: string | null,
  options?: GetSessionInfoOptions | null,
): Promise<SessionInfo[]>;

/** Why a gateway gave no list: an `Error` whose message says what to do. */
export interface SessionInfoError extends Error {
  /** The HTTP status, where the gateway answered with a refusal: 401 asks for another read token. */
  readonly status?: number;
  /** The argument or field at fault, where it is known. */
  readonly field?: string;
}

/** Which sessions a {@link SessionInfoPanel} lists of those that it has. What is empty matches all. */
export interface SessionInfoFilter {
  /** Equality, case-sensitive, as getSessionInfo has it. */
  username: string;
  /** Equality, case-sensitive, as getSessionInfo has it. */
  project: string;
  /** A scope, however it is spelled. */
  scope: string;
  /** Null matches both. */
  authorized: boolean | null;
  /**
   * What any text of a session holds: its id, user, project, address, device, scope, page ids and, with detail, paths.
   * Of each text the first 1,000 bytes, of each session the first 200 page ids; large and small letters are the same.
   */
  search: string;
}

/** How {@link renderSessionInfo} shows sessions. */
export interface RenderOptions {
  /** Selects the session of this id; null selects none; left out, the selection stays. */
  selection?: string | null;
  /** Lists only these; left out, the filter stays. */
  filter?: Partial<SessionInfoFilter>;
}

/**
 * Shows sessions in an element, and again each time that it is called for the same element.
 *
 * @param element a `<session-info-panel>`, or an element that holds one or is given one.
 * @param sessions a result of getSessionInfo: this project's, `system.perspective`'s, or the list of
 *   Ignition's REST interface. Anything else is shown as an error within the panel.
 * @returns the panel
 */
export function renderSessionInfo(
  element: Element,
  sessions: unknown,
  options?: RenderOptions | null,
): SessionInfoPanel;

/** What a {@link SessionInfoPanel} dispatches. */
export interface SessionInfoPanelEventMap extends HTMLElementEventMap {
  /** The user has selected a session; `detail` is its id. */
  "session-info-select": CustomEvent<string>;
  /** The user has changed the filter; `detail` is it. */
  "session-info-filter": CustomEvent<SessionInfoFilter>;
  /** A list, or what has changed of it, has come from `src`; the property `sessions` says what it is now. */
  "session-info-update": CustomEvent<null>;
  /** `src` gave no list; `detail` says why. */
  "session-info-error": CustomEvent<SessionInfoError>;
}

/**
 * The element `<session-info-panel>`: the list of sessions, and the properties of the selected one.
 *
 * Attributes: `src`, the address of a list, such as `/v1/sessions`; `username-filter` and `project-filter`, what of it
 * is asked for; `live`, to keep it fresh while the document is visible: by the gateway's events, or where it has none by
 * asking `src` again and again; `compact`, to show each session as a block at any width. How the columns are arranged is
 * kept in localStorage, under the element's `id`.
 *
 * Custom properties of CSS: `--session-info-accent`, `--session-info-background`, `--session-info-text`,
 * `--session-info-faint`, `--session-info-line`, `--session-info-font`, `--session-info-mono`,
 * `--session-info-size`. Parts: `panel`, `bar`, `status`, `totals`, `chart`, `filters`, `grid`, `row`, `properties`, `history`.
 * Light or dark is as `color-scheme` says. The element is 32rem high unless a style says otherwise.
 *
 * @example
 * <session-info-panel src="/v1/sessions" username-filter="billy" live></session-info-panel>
 */
export class SessionInfoPanel extends HTMLElement {
  /**
   * What is shown: any result of getSessionInfo. With `src` and after `readJson`, all sessions as they are now, made
   * anew each time that it is asked for.
   */
  sessions: unknown;
  /** The gateway's read token, for `src`. */
  get token(): string;
  set token(token: string | null | undefined);
  /** Which sessions are listed. What is left out matches all. */
  get filter(): SessionInfoFilter;
  set filter(filter: Partial<SessionInfoFilter> | null | undefined);
  /** The id of the selected session, or null. It need not be in the list. */
  selection: string | null;

  /**
   * Shows a result that is JSON, without making objects of it: its first sessions at once, all of it when the promise is
   * fulfilled.
   */
  readJson(json: string | ArrayBuffer | Uint8Array): Promise<void>;
  /** Takes nothing more from `src`, until `resume`. */
  pause(): void;
  /** Goes on after `pause`, or after a failure without waiting. */
  resume(): void;

  addEventListener<K extends keyof SessionInfoPanelEventMap>(
    type: K,
    listener: (this: SessionInfoPanel, event: SessionInfoPanelEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof SessionInfoPanelEventMap>(
    type: K,
    listener: (this: SessionInfoPanel, event: SessionInfoPanelEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "session-info-panel": SessionInfoPanel;
  }
}
