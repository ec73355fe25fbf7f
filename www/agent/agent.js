// The agent as a script tag: starts as soon as it is run, so that what the page sends from then on counts.
//
//     <script src="/agent.js" data-project="MyProject"></script>

import { say } from "./host.js";
import { starter } from "./singleton.js";

const script = document.currentScript;
const base = script?.src || document.baseURI;

/** The attributes as options; an empty one is one that is left out. */
function options() {
  const given = { gateway: new URL(".", base).href };
  for (const [name, value] of Object.entries({ ...script?.dataset })) if (value) given[name] = value;
  const { origins, identityToken: name } = given;
  given.origins = origins?.split(" ").filter(Boolean);
  // Looked up anew for each report: the page may set it late, or change it.
  given.identityToken = name && (() => (typeof window[name] === "function" ? window[name]() : window[name]));
  return given;
}

try {
  const startAgent = starter(new URL("agent.wasm", base).href);
  const agent = startAgent(options());
  window.perspectiveSessionInfo ??= { startAgent, agent };
} catch (error) {
  say("the agent can't start", error);
}
