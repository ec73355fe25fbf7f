// The sockets that pages really have: several, their own classes', some older than the agent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inEachBrowser, traffic } from "./support/stage.js";

/** Runs in the page before the tests' own calls. */
const HELP = `
  window.opened = (socket) => new Promise((resolve) => (socket.onopen = () => resolve(socket)));
  window.echo = () => opened(new WebSocket("ws://" + location.host + "/echo"));
  window.next = (socket) => new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(data)));`;

inEachBrowser("sockets", (stage) => {
  const open = () => {
    stage.site.inline = HELP;
    return stage.open();
  };

  test("several at once, one of a class of the page's own, and one after a reconnect count", async () => {
    const page = await open();
    const heard = await page.evaluate(async () => {
      class Client extends WebSocket {
        send(message) {
          super.send(`client-activity:${message}`);
        }
      }
      const own = await window.opened(new Client(`ws://${location.host}/echo`));
      const sockets = [await window.echo(), own, await window.echo()];
      const heard = [];
      for (const [index, message] of ["π", "{}", "😀😀"].entries()) {
        sockets[index].send(message);
        heard.push(await window.next(sockets[index]));
      }
      sockets[0].close();
      const again = await window.echo();
      again.send("again");
      return [...heard, await window.next(again), own instanceof Client, own.constructor === Client];
    });
    assert.deepEqual(heard, ["π", "client-activity:{}", "😀😀", "again", true, true]);
    const arrived = await stage.arrivals(4);
    const { totalBytesSent, detail } = await stage.listed(page);
    assert.deepEqual([totalBytesSent, detail.received.webSocket], [arrived, arrived]);
    assert.deepEqual(page.errors, []);
  });

  test("what comes as text, as a Blob or as an ArrayBuffer counts as it was sent", async () => {
    const page = await open();
    const sizes = await page.evaluate(async () => {
      const socket = await window.echo();
      const sizes = [];
      for (const type of ["blob", "arraybuffer"]) {
        socket.binaryType = type;
        for (const message of ["text π 😀", new Blob(["é", new Uint8Array(9)]), new Float64Array(5)]) {
          socket.send(message);
          const data = await window.next(socket);
          sizes.push(data.size ?? data.byteLength ?? new TextEncoder().encode(data).length);
        }
      }
      return sizes;
    });
    assert.deepEqual(sizes, [12, 11, 40, 12, 11, 40]);
    assert.equal(await stage.arrivals(6), 126);
    const { sent, received, unmeasured } = await traffic(page);
    assert.deepEqual([sent.webSocket, received.webSocket, unmeasured], [126, 126, 0]);
  });

  test("one that was opened before the agent came counts from its next message on", async () => {
    stage.site.tag = "";
    const page = await open();
    await page.evaluate(async () => {
      window.old = await window.echo();
      window.old.send("not counted");
      await window.next(window.old);
    });
    await page.addScriptTag({ url: stage.gateway.url("/agent.js", stage.host) });
    await page.evaluate(async () => {
      window.old.send("π");
      await window.next(window.old);
    });
    const { sent, received } = await traffic(page);
    assert.deepEqual([sent.webSocket, received.webSocket], [2, 2]);
    await stage.arrivals(2);
  });

  test("what is sent too early or too late counts nothing, and fails as it always did", async () => {
    const page = await open();
    const seen = await page.evaluate(async () => {
      const attempt = (socket) => {
        try {
          socket.send("not sent");
          return "quiet";
        } catch ({ name }) {
          return name;
        }
      };
      const socket = new WebSocket(`ws://${location.host}/echo`);
      const early = attempt(socket);
      await window.opened(socket);
      const closed = new Promise((resolve) => (socket.onclose = resolve));
      socket.close();
      const closing = [socket.readyState === WebSocket.CLOSING, attempt(socket)];
      await closed;
      return { early, closing, late: attempt(socket), buffered: socket.bufferedAmount };
    });
    assert.deepEqual(seen, {
      early: "InvalidStateError",
      closing: [true, "quiet"],
      late: "quiet",
      // The standard has it grow all the same.
      buffered: 2 * "not sent".length,
    });
    assert.equal((await traffic(page)).sent.webSocket, 0);
  });

  test("a message that the page makes up reaches its listeners, and does not count", async () => {
    const page = await open();
    const heard = await page.evaluate(async () => {
      const socket = await window.echo();
      const heard = window.next(socket);
      socket.dispatchEvent(new MessageEvent("message", { data: "made up" }));
      return heard;
    });
    assert.equal(heard, "made up");
    assert.equal((await traffic(page)).received.webSocket, 0);
  });
});
