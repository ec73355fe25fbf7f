// Runs in the site's page: messages of every kind, and a function for each channel that sends one.

window.messages = {
  empty: () => "",
  ascii: () => "x".repeat(1000),
  pi: () => "π",
  emoji: () => "😀",
  loneSurrogate: () => "a\ud800b",
  long: () => "aπ😀".repeat(5_000),
  blob: () => new Blob(["π", new Uint8Array(5)], { type: "application/x-thing" }),
  buffer: () => new ArrayBuffer(33),
  viewWithOffset: () => new Uint8Array(new ArrayBuffer(64), 7, 13),
  wideView: () => new Float64Array(9),
  dataView: () => new DataView(new ArrayBuffer(20), 4, 9),
  searchParams: () => new URLSearchParams([["q", "π & ü"], ["empty", ""], ["", "+"]]),
  formData: () => {
    const form = new FormData();
    form.append("text", "line one\nline two\r\nπ");
    form.append('a "quoted"\nname', "\ud800");
    form.append("file", new File(["π", new Uint8Array(100)], 'na"me\n.bin', { type: "" }));
    form.append("typed", new Blob(["{}"], { type: "application/json" }));
    return form;
  },
  emptyFormData: () => new FormData(),
  document: () => new DOMParser().parseFromString("<p>π</p>", "text/html"),
};

const ANSWER = "counted";

async function answered(response) {
  const text = await (await response).text();
  if (text !== ANSWER) throw new Error(text);
}

let socket;

window.send = {
  async webSocket(message) {
    if (socket?.readyState !== WebSocket.OPEN) {
      socket = new WebSocket(`ws://${location.host}/`);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
    }
    socket.send(message);
  },
  async fetch(message) {
    await answered(fetch("/count/fetch", { method: "POST", body: message }));
  },
  async request(message) {
    await answered(fetch(new Request("/count/fetch", { method: "POST", body: message })));
  },
  async override(message) {
    const request = new Request("/count/fetch", { method: "POST", body: "of the request" });
    await answered(fetch(request, { body: message }));
  },
  xhr(message) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/count/xhr");
      request.addEventListener("loadend", () => (request.responseText === ANSWER ? resolve() : reject()));
      request.send(message);
    });
  },
  synchronousXhr(message) {
    const request = new XMLHttpRequest();
    request.open("POST", "/count/xhr", false);
    request.send(message);
    if (request.responseText !== ANSWER) throw new Error(request.responseText);
  },
  async beacon(message) {
    if (!navigator.sendBeacon("/count/beacon", message)) throw new Error("the beacon was refused");
  },
};
