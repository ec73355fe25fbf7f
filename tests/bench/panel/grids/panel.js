// The panel, by what its package offers to everybody. Changes come as a gateway's events, from memory.

import { SessionInfoPanel } from "/panel/index.js";

let panel;
let events;
const encoder = new TextEncoder();

const followed = new Promise((resolve) => {
  const { fetch } = window;
  window.fetch = (url, ...options) => {
    if (new URL(url, location).pathname !== "/v1/events") return fetch(url, ...options);
    const body = new ReadableStream({
      start(controller) {
        events = controller;
        resolve();
      },
    });
    return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
  };
});

export async function create(container) {
  panel = new SessionInfoPanel();
  panel.style.height = "100%";
  panel.setAttribute("src", "/v1/sessions");
  panel.setAttribute("live", "");
  container.append(panel);
  await followed;
}

export const show = (text) => panel.readJson(text);

export function sort(field) {
  const heading = { totalBytesSent: "sent", username: "user" }[field];
  panel.shadowRoot.querySelector(`[role="columnheader"].${heading}`).click();
}

export const filter = (username) => (panel.filter = { username: username ?? "" });
export const search = (text) => (panel.filter = { search: text });
export const change = (text) => events.enqueue(encoder.encode(`event: changes\ndata: {"changed":${text},"gone":[]}\n\n`));
