// Runs in the measured page: does something to the grid, and says how long it took until that was on the screen.

import * as grid from "grid";

const container = document.querySelector("#grid");
/** The longest that a grid may take. */
const PATIENCE_MS = 60_000;

const { port1, port2 } = new MessageChannel();

/** Looks in each frame, before it is painted, and answers when one has been painted in which it was so. */
function painted(isShown) {
  const deadline = performance.now() + PATIENCE_MS;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (isShown()) {
        // The next task after the frame's.
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(0);
      } else if (performance.now() > deadline) {
        reject(new Error(`still not shown after ${PATIENCE_MS} ms; the first row is ${topRow()}`));
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
}

const root = () => container.firstElementChild?.shadowRoot ?? container;

/** The text of the row that is the uppermost on the screen. */
function topRow() {
  let top = Infinity;
  let text = "";
  for (const row of root().querySelectorAll('[role="row"]')) {
    if (!row.querySelector('[role="gridcell"], [role="rowheader"]')) continue;
    const box = row.getBoundingClientRect();
    if (box.height > 0 && box.top < top) [top, text] = [box.top, row.textContent];
  }
  return text;
}

/** What scrolls the rows: whatever has the most to scroll. */
function scroller() {
  const hidden = (element) => element.scrollHeight - element.clientHeight;
  return [...root().querySelectorAll("*")].reduce((most, element) => (hidden(element) > hidden(most) ? element : most));
}

/** How long it takes until the expected row is the uppermost on the screen, and until all is done. */
async function timed(act, expected) {
  const start = performance.now();
  const acting = act();
  const shown = (await painted(() => topRow().includes(expected))) - start;
  await acting;
  return { shown, done: performance.now() - start };
}

/** Who stands at the top when the sessions are sorted by user. */
const firstUser = () => window.sessions.reduce((first, { username }) => (username < first ? username : first), "~");

const text = async (path) => (await fetch(path)).text();

window.bench = {
  ready: grid.create(container),

  /** JSON text to the first rows on the screen, and to all of them listed; and JSON.parse of the same text. */
  async show(count) {
    const sessions = await text(`/sessions/${count}`);
    const start = performance.now();
    window.sessions = JSON.parse(sessions);
    const parse = performance.now() - start;
    const [{ clientAddress }] = window.sessions;
    const { shown, done } = await timed(() => grid.show(sessions), clientAddress);
    return { parse, first: shown, all: done };
  },

  /** Sorts, filters and searches. The sessions are those that were shown. */
  async operate(round) {
    const { sessions } = window;
    const least = sessions.reduce((least, session) => (session.totalBytesSent < least.totalBytesSent ? session : least));
    const first = firstUser();
    const chosen = sessions[1_000 + 10 * round].username;
    const network = `10.0.${1 + round}.`;
    const { shown: number } = await timed(() => grid.sort("totalBytesSent"), least.clientAddress);
    const { shown: text } = await timed(() => grid.sort("username"), first);
    const { shown: filter } = await timed(() => grid.filter(chosen), chosen);
    await timed(() => grid.filter(null), first);
    const { shown: search } = await timed(() => grid.search(network), network);
    return { number, text, filter, search };
  },

  /** Fetches the changes for `live`, and sorts by what they do not change. */
  async prepare({ batches }) {
    window.changes = JSON.parse(await text(`/changes/${window.sessions.length}/${batches}`));
    await timed(() => grid.sort("username"), firstUser());
  },

  /** Scrolls down, a row's height in each frame, while batches of changes come; says when the frames were. */
  async live({ seconds, everyMs, step }) {
    const scrolled = scroller();
    const frames = [];
    const end = performance.now() + seconds * 1_000;
    const feed = setInterval(() => window.changes.length > 0 && grid.change(window.changes.shift()), everyMs);
    await new Promise((resolve) => {
      const frame = (now) => {
        frames.push(now);
        scrolled.scrollTop += step;
        if (performance.now() < end) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    clearInterval(feed);
    return frames;
  },
};
