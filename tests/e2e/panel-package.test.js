// The npm package of the panel in somebody's project that was just set up with Vite.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { launchBrowser, newPage } from "./support/browser.js";

const PACKAGE = fileURLToPath(new URL("../../dist/panel", import.meta.url));
const PROJECT = fileURLToPath(new URL("support/vite", import.meta.url));

describe("the npm package", { timeout: 180_000 }, () => {
  let browser, folder, vite;

  const npm = (...args) =>
    // On Windows npm is a script for the shell.
    promisify(execFile)("npm", args, { cwd: folder, shell: process.platform === "win32" });

  before(async () => {
    browser = await launchBrowser("Chromium");
    folder = await mkdtemp(path.join(tmpdir(), "somebodys-project-"));
    await cp(PROJECT, folder, { recursive: true });
    await npm("ci", "--no-audit", "--no-fund");
    const [{ filename }] = JSON.parse((await npm("pack", "--json", PACKAGE)).stdout);
    await npm("install", "--no-audit", "--no-fund", "--offline", `./${filename}`);
    vite = await import(pathToFileURL(path.join(folder, "node_modules/vite/dist/node/index.js")));
  });

  after(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Where Vite listens. */
  const urlOf = (server) => `http://127.0.0.1:${server.httpServer.address().port}/`;
  const common = () => ({ root: folder, logLevel: "error" });

  /** Opens a page, and finds the sessions in it, or in its frame; nothing comes from elsewhere. */
  const showsSessions = async (url, hosts) => {
    const page = await newPage(await browser.createBrowserContext());
    const requested = new Set();
    page.on("request", (request) => {
      if (!request.url().startsWith("data:")) requested.add(new URL(request.url()).host);
    });
    page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
    await page.goto(url);
    const frame = page.frames().at(-1);
    await frame.waitForFunction(() => {
      const text = document.querySelector("session-info-panel")?.shadowRoot?.textContent ?? "";
      return ["billy", "maria", "OtherProject"].every((shown) => text.includes(shown));
    });
    await page.waitForNetworkIdle();
    assert.deepEqual([...requested].sort(), hosts.sort(), "nothing comes from a third host");
    assert.deepEqual(page.errors, []);
    await page.browserContext().close();
  };

  test("runs while the project is worked on", async () => {
    const server = await vite.createServer({ ...common(), server: { host: "127.0.0.1", port: 0 } });
    await server.listen();
    await showsSessions(urlOf(server), [new URL(urlOf(server)).host]);
    await server.close();
  });

  describe("when the project is built", () => {
    let preview, page;

    before(async () => {
      await vite.build(common());
      preview = await vite.preview({ ...common(), preview: { host: "127.0.0.1", port: 0 } });
      page = createServer((_, response) => {
        response.setHeader("Content-Type", "text/html");
        response.end(`<!doctype html><link rel="icon" href="data:,"><iframe src="${urlOf(preview)}"></iframe>`);
      });
      page.listen(0, "127.0.0.1");
      await once(page, "listening");
    });

    after(async () => {
      page?.close();
      await preview?.close();
    });

    test("shows the sessions", async () => {
      await showsSessions(urlOf(preview), [new URL(urlOf(preview)).host]);
    });

    test("shows them in a frame of another site's, as Perspective's Inline Frame is", async () => {
      // Another host name makes it another site.
      const embedding = `localhost:${page.address().port}`;
      await showsSessions(`http://${embedding}/`, [embedding, new URL(urlOf(preview)).host]);
    });
  });
});
