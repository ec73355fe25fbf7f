// What somebody writes who uses the panel's package in TypeScript. Compiled only; what follows a
// "ts-expect-error" has to be refused.

import {
  getSessionInfo,
  renderSessionInfo,
  SessionInfoPanel,
  type SessionInfo,
  type SessionInfoError,
} from "@perspective-session-info/panel";

/** True only for two types that are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// The manual's thirteen keys with their types, and no other.
const exactly: Same<
  SessionInfo,
  {
    userAgent: string;
    id: string;
    username: string;
    project: string;
    uptime: number;
    clientAddress: string;
    lastComm: number;
    sessionScope: "designer" | "browser" | "iOS" | "Android";
    activePages: number;
    recentBytesSent: number;
    totalBytesSent: number;
    pageIds: string[];
    authorized: boolean;
  }
> = true;

const all: SessionInfo[] = await getSessionInfo();
const billys: SessionInfo[] = await getSessionInfo("billy");
const both = await getSessionInfo(null, "MyProject", { gateway: "https://gateway.example/", token: "t" });
const uptimes: number[] = [...all, ...billys, ...both].map((session) => session.uptime);

const detailed = await getSessionInfo(undefined, undefined, { detail: true });
const paths: string[] = detailed.flatMap((session) => session.detail.pages.map((page) => page.path));
// @ts-expect-error: detail comes only when it is asked for
all[0]?.detail;
// @ts-expect-error: a filter is text
await getSessionInfo(5);
// @ts-expect-error: no such option
await getSessionInfo("billy", null, { tokn: "t" });

const panel: SessionInfoPanel = renderSessionInfo(document.body, all, { selection: "s", filter: { search: "pump" } });
renderSessionInfo(document.body, { items: [] });
panel.sessions = all;
panel.token = null;
const token: string = panel.token;
const selected: string | null = panel.selection;
panel.filter = { authorized: true };
const search: string = panel.filter.search;
const read: Promise<void> = panel.readJson("[]");
// @ts-expect-error: no such filter
panel.filter = { user: "billy" };
panel.addEventListener("session-info-filter", ({ detail }) => detail.project.length);
panel.addEventListener("session-info-select", (event) => {
  const id: string = event.detail;
  return id;
});
panel.addEventListener("session-info-error", ({ detail }) => {
  const error: SessionInfoError = detail;
  const status: number | undefined = error.status;
  return status;
});
panel.addEventListener("click", (event) => event.clientX);

const found: SessionInfoPanel | null = document.querySelector("session-info-panel");
const made: SessionInfoPanel = document.createElement("session-info-panel");

export { exactly, found, made, paths, read, search, selected, token, uptimes };
