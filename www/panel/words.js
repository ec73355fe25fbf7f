// Every text that the panel says, and the language that it says numbers and times in: a translation is this file.

export const LOCALE = "en";

const numbers = new Intl.NumberFormat(LOCALE);

/** A whole number. */
export const say = (count) => numbers.format(count);

const plural = (one, many = `${one}s`) => (count) => `${say(count)} ${count === 1 ? one : many}`;

export const WORDS = {
  sessions: plural("session"),
  sessionsOf: (shown, all) => `${say(shown)} of ${WORDS.sessions(all)}`,
  pages: plural("page"),
  users: plural("user"),
  items: plural("item"),
  keys: plural("key"),
  bytes: plural("byte"),
  perSecond: (size) => `${size}/s`,
  milliseconds: (count) => `${say(count)} ms`,
  ago: (duration) => `${duration} ago`,
  since1970: "ms since 1970",
  firstShown: (count) => `The first ${say(count)} are shown.`,

  units: {
    millisecond: "ms", second: "s", minute: "min", hour: "h", day: "d",
    bytes: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"],
  },

  columns: {
    device: "Device", username: "User", project: "Project", uptime: "Uptime", lastComm: "Last comm",
    clientAddress: "Address", sessionScope: "Scope", authorized: "Authorized", activePages: "Pages",
    totalBytesSent: "Sent", received: "Received", rate: "Rate",
  },
  missing: "–",
  notInResult: (key) => `${key} is not in the result`,
  needsDetail: "Comes only where the list is asked for with detail=true",
  yes: "yes",
  no: "no",
  noSession: (what) => `no session: ${what}`,

  // What a value is.
  undefined: "undefined", null: "null", boolean: "a boolean", number: "a number", text: "text", list: "a list",
  function: "a function", symbol: "a symbol", promise: "a Promise, which has to be awaited first",
  emptyObject: "an empty object",
  objectWith: (keys, more) => `an object with the keys ${keys.join(", ")}${more ? ", …" : ""}`,
  unreadable: (reason) => (reason ? `not readable: ${reason}` : "not readable"),
  moreCharacters: (count) => `${plural("more character")(count)} not shown`,
  moreItems: (count) => `${plural("more item")(count)} not shown`,
  moreKeys: (count) => `${plural("more key")(count)} not shown`,

  // The parts of the panel.
  grid: "Sessions",
  totals: "Totals",
  properties: "Properties",
  propertiesOf: "Properties of the selected session",
  filters: "Which sessions",
  search: "Search",
  searchHint: "anything",
  all: "all",
  clear: "Show all",
  unfold: "More filters",
  filterBy: (heading) => `Only this value: ${heading}`,
  filterKey: (heading) => `F: only this value of ${heading}`,
  columnKeys: "Enter sorts, Shift with the arrow keys changes the width, Delete hides",
  columnMenu: "Columns",
  sortBy: "Sort by",
  asListed: "the list's own order",
  descending: "descending",
  resetColumns: "As at first",
  exportMenu: "Export",
  csv: "CSV file",
  json: "JSON file",
  python: "Copy the call in Python",
  javascript: "Copy the call in JavaScript",
  pause: "Pause",
  resume: "Resume",
  retry: "Try again now",
  copyValue: "Copy value",
  copyJson: "Copy JSON",
  copyExpression: "Copy expression",
  copied: "Copied.",
  notCopied: "The browser does not let this page copy.",
  chart: (least, most, now) => `Bytes a second in the last minutes: from ${least} to ${most}, now ${now}`,
  selectOne: "Select a session to see its properties.",
  selectedGone: "The selected session is not in the list.",
  history: "History",
  historyOf: "Sessions that have ended",
  began: "Began",
  ended: "Ended",
  lasted: "Lasted",
  more: "Show more",
  noHistory: "No session has ended yet that passes the filters.",

  // How the list is kept fresh, and what to do about it.
  states: {
    given: "",
    nothing: "No sessions were given: set the property sessions, or the attribute src.",
    loading: "Loading …",
    once: "",
    live: "Live",
    paused: "Paused: what is shown is as it was then. Resume to go on.",
    reconnecting: (seconds) => `Connection lost. Trying again in ${seconds} s.`,
    failed: "Trying again is of no use before the cause is removed.",
    refused: "Give the panel the right read token.",
  },
  empty: "There is no session now. A session appears when a page that carries the agent is opened.",
  emptyFilter: "No session passes the filters.",
  lastList: "Below is the last list that came.",

  // What can go wrong.
  couldNotStart: (reason) => `The panel could not start: ${reason}`,
  noWasm: (reason) => `the WebAssembly of the session panel could not be loaded (${reason})`,
  noElement: (given) => `renderSessionInfo: element must be an Element, not ${given}.`,
  noList: (found) => `This is no list of sessions but ${found}.`,
  noJson: "This is no list of sessions but text that is no JSON.",
  argument: (name, expected, given) => `${name} must be ${expected}, not ${given}.`,
  expected: {
    text: "text", boolean: "true or false", object: "an object",
    address: "an http or https address without a user in it", token: "what the gateway printed",
  },
  noHeader: "text that no HTTP header can hold",
  unreachable: (url) =>
    `The gateway at ${url} can not be reached: it is not running, the address is wrong, or it does not allow this page's origin.`,
  timedOut: (url, seconds) => `The gateway at ${url} did not answer within ${seconds} s.`,
  tokenWanted: (url) => `The gateway at ${url} asks for its read token (401), which it prints when it starts.`,
  tokenWrong: (url) =>
    `The gateway at ${url} does not accept this read token (401); it prints the right one when it starts.`,
  notThere: (url) => `There is no session list at ${url} (404): it must be a gateway's address.`,
  refusedRequest: (url, status, reason, field) =>
    `The gateway at ${url} refused the request (${status})${reason && `: ${reason}`}${field ? ` (field ${field})` : ""}.`,
  notJson: (url, type) => `What ${url} answered is not JSON${type && ` but ${type}`}: it must be a gateway's address.`,
  notAList: (url, found) => `What ${url} answered is not a list of sessions but ${found}.`,
};
