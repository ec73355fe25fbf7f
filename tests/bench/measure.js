// Runs in the measured pages, first of all: keeps the browser's own methods, and times calls.

const { prototype: xhr } = XMLHttpRequest;
window.bare = { send: WebSocket.prototype.send, fetch: window.fetch, open: xhr.open, xhrSend: xhr.send };
/** The same methods as they are now. */
window.present = () => ({ send: WebSocket.prototype.send, fetch: window.fetch, open: xhr.open, xhrSend: xhr.send });

/** A turn of the event loop; a timer's would take 4 ms. */
const { port1, port2 } = new MessageChannel();
const turn = () =>
  new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });

let loops = 0;

/** Says how long `times` calls take. Each has a loop of its own, which the browser optimises for that one call. */
window.timer = (call) => {
  const loop = new Function("times", "call", `for (let i = 0; i < times; i++) call(); // ${loops++}`);
  return (times) => {
    const start = performance.now();
    loop(times, call);
    return performance.now() - start;
  };
};

/** Times `WebSocket.send`; settled when the browser has handed everything over. */
window.sender = (socket, { send }, data) => ({
  time: timer(() => send.call(socket, data)),
  async settle() {
    while (socket.bufferedAmount > 0) await turn();
  },
});

/** Times `fetch` until it returns; settled when all responses are there. */
window.fetcher = ({ fetch }, body) => {
  let pending = [];
  return {
    time: timer(() => pending.push(fetch.call(window, "/sink", { method: "POST", body }))),
    async settle() {
      await Promise.all(pending);
      pending = [];
    },
  };
};

/** Times `open` and `send` of XMLHttpRequest; settled when all responses are there. */
window.requester = ({ open, xhrSend }, body) => {
  let pending = [];
  return {
    time: timer(() => {
      const request = new XMLHttpRequest();
      open.call(request, "POST", "/sink");
      pending.push(request);
      xhrSend.call(request, body);
    }),
    async settle() {
      const ended = (request) =>
        request.readyState === 4 || new Promise((resolve) => (request.onloadend = resolve));
      await Promise.all(pending.map(ended));
      pending = [];
    },
  };
};

/**
 * Times all subjects in each round, in an order drawn anew. Says the milliseconds of each, round by round.
 * @param {Record<string, { time(times: number): number, settle(): Promise<void> }>} subjects
 */
window.rounds = async (subjects, times, rounds) => {
  const entries = Object.entries(subjects);
  const results = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = entries.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [entries[i], entries[j]] = [entries[j], entries[i]];
    }
    for (const [name, { time, settle }] of entries) {
      results[name].push(time(times));
      await settle();
    }
  }
  return results;
};

/** Puts a page into a frame of this one. */
window.frame = (url) =>
  new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.onload = () => resolve(frame.contentWindow);
    frame.src = url;
    document.body.append(frame);
  });
