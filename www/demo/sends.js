/** What the buttons send, and how it is sent. */

const encoder = new TextEncoder();

/** What is sent, by name. */
export const KINDS = {
  pi: { label: "π", body: () => "π" },
  emoji: { label: "😀", body: () => "😀" },
  loneSurrogate: { label: "lone surrogate", body: () => "\ud83d" },
  "1KB": { label: "1 KB", body: () => "x".repeat(1000) },
  // 64,000 bytes and not 65,536: a beacon must find room beside what else is under way (at most 64 KiB).
  "64KB": { label: "64 KB", body: () => "x".repeat(64_000) },
  blob: { label: "Blob", body: () => new Blob(["π", new Uint8Array(1000)]) },
  view: { label: "ArrayBuffer view", body: () => new Uint16Array(new ArrayBuffer(100), 8, 21) },
  urlSearchParams: {
    label: "URLSearchParams",
    body: () => new URLSearchParams({ name: "π & Söhne", empty: "" }),
  },
  formData: { label: "FormData with a file", body: formData },
};

const TEXTS = ["pi", "emoji", "loneSurrogate", "1KB", "64KB"];

/** The rows of buttons: a channel and the kinds that it is offered with. */
export const ROWS = [
  { channel: "webSocket", label: "WebSocket, text", kinds: TEXTS },
  { channel: "webSocketBinary", label: "WebSocket, binary", kinds: ["pi", "emoji", "1KB", "64KB", "blob", "view"] },
  { channel: "fetch", label: "fetch", kinds: Object.keys(KINDS) },
  { channel: "xhr", label: "XMLHttpRequest", kinds: Object.keys(KINDS) },
  { channel: "beacon", label: "sendBeacon", kinds: Object.keys(KINDS) },
];

function formData() {
  const form = new FormData();
  form.append("name", "π");
  form.append("file", new File(["one\ntwo 😀\n"], "näme.txt", { type: "text/plain" }));
  return form;
}

/**
 * Sends by one channel, and resolves once the server has received it.
 * @typedef {import("./connection.js").Connection} Connection
 * @typedef {import("./arrivals.js").Arrivals} Arrivals
 * @param {{ connection: Connection, arrivals: Arrivals, url: (endpoint: string, last: string) => string }} page
 * @param {string} channel a channel of {@link ROWS} @param {string} kind a name in {@link KINDS}
 */
export async function send({ connection, arrivals, url }, channel, kind) {
  if (!Object.hasOwn(SENDERS, channel)) throw new Error(`There is no channel ${channel}.`);
  if (!Object.hasOwn(KINDS, kind)) throw new Error(`There is nothing of the kind ${kind}.`);
  await SENDERS[channel](KINDS[kind].body(), { connection, arrivals, url: url("receive", channel) });
}

const SENDERS = {
  async webSocket(body, { connection, arrivals }) {
    connection.sendMessage(body);
    await arrivals.ofMessages(connection.messages);
  },

  async webSocketBinary(body, page) {
    await SENDERS.webSocket(typeof body === "string" ? encoder.encode(body) : body, page);
  },

  async fetch(body, { url }) {
    const answer = await fetch(url, { method: "POST", body });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  },

  xhr(body, { url }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.onload = () => {
        if (request.status < 300) resolve();
        else reject(new Error(`The server answered ${request.status}.`));
      };
      request.onerror = () => reject(new Error("The server did not answer."));
      request.send(body);
    });
  },

  async beacon(body, { arrivals, url }) {
    if (!navigator.sendBeacon(url, body)) {
      throw new Error("The browser refused the beacon: more than 64 KiB would be under way.");
    }
    arrivals.beacons += 1;
    await arrivals.ofBeacons(arrivals.beacons);
  },
};
