// The module of designer tooling: loads the WebAssembly and defines <session-info-panel>.

import init, { Sessions } from "perspective-session-info/glue";
import style from "perspective-session-info/style";
import { defineSessionInfoPanel, renderSessionInfo } from "./element.js";
import { getSessionInfo } from "./request.js";
import { WORDS } from "./words.js";

const ready = init({ module_or_path: new URL("panel.wasm", import.meta.url) }).then(
  () => () => new Sessions(),
  (cause) => {
    throw new Error(WORDS.noWasm(cause.message), { cause });
  },
);
// Whoever needs it is told in its panel; nobody else has to hear of it.
ready.catch(() => {});

export const SessionInfoPanel = defineSessionInfoPanel(ready, style);
export { getSessionInfo, renderSessionInfo };
