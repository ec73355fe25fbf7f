// What the other grids show of a session: the columns of the panel, in its units.

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

function duration(ms) {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? UNITS.at(-1);
  return `${Math.floor(ms / size)} ${unit}`;
}

const bytes = (count) => (count < 1_000 ? `${count} B` : `${(count / 1_000).toFixed(1)} kB`);
const yesOrNo = (value) => (value ? "yes" : "no");

/** @type {{ field: string, title: string, format?: (value: any) => string }[]} */
export const COLUMNS = [
  { field: "userAgent", title: "Device" },
  { field: "username", title: "User" },
  { field: "project", title: "Project" },
  { field: "uptime", title: "Uptime", format: duration },
  { field: "lastComm", title: "Last comm", format: duration },
  { field: "clientAddress", title: "Address" },
  { field: "sessionScope", title: "Scope" },
  { field: "authorized", title: "Authorized", format: yesOrNo },
  { field: "activePages", title: "Pages" },
  { field: "recentBytesSent", title: "Latest send", format: bytes },
  { field: "totalBytesSent", title: "Sent", format: bytes },
];
