/**
 * The store that a Perspective page has as `window.__client`, in the shape that was recorded on a live
 * page. Members that were seen by name only are left out: nothing is known of what they hold.
 */

/** A tree of properties, of which `read(path)` is known. */
class PropertyTree {
  #read;

  /** @param {Record<string, () => unknown>} values by path */
  constructor(values) {
    this.#read = values;
  }

  /** @param {string} path */
  read(path) {
    return Object.hasOwn(this.#read, path) ? this.#read[path]() : undefined;
  }
}

export class ClientStore {
  /** @returns {"none" | "ios" | "android" | "workstation"} */
  static get nativeType() {
    return "none";
  }

  #session;

  /**
   * @param {{
   *   project: string, pageId: string, session: import("./session.js").Session,
   *   connection: import("./connection.js").Connection,
   * }} parts
   */
  constructor({ project, pageId, session, connection }) {
    this.#session = session;
    this.created = Date.now();
    this.upTimeStartTime = this.created;
    this.projectName = project;
    this.projectTitle = project;
    this._tabId = pageId;
    this.tabIdUrlSafe = encodeURIComponent(pageId);
    this.connection = connection;
    this.page = {
      sessionProps: new PropertyTree({ id: () => this.sessionId }),
      pageProps: new PropertyTree({ pageId: () => this._tabId }),
      views: new Map(),
    };
    // `sessionId` is no member until the page is connected; `connect` adds it.
  }

  get tabId() {
    return this._tabId;
  }

  get isDesigner() {
    return false;
  }

  get isClient() {
    return true;
  }

  /** @returns {"C" | "D"} */
  get scope() {
    return "C";
  }

  getDeviceId() {
    return this.#session.deviceId;
  }

  /** @param {string} sessionId */
  connect(sessionId) {
    this.sessionId = sessionId;
  }
}
