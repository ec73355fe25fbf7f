// The panel, by what its package offers to everybody.

import { SessionInfoPanel } from "/panel/index.js";

let panel;

export async function create(container) {
  panel = new SessionInfoPanel();
  panel.style.height = "100%";
  container.append(panel);
  panel.sessions = [];
  while (!panel.shadowRoot.querySelector('[role="status"]')) await new Promise(requestAnimationFrame);
}

export const show = (text) => (panel.sessions = JSON.parse(text));
