// The agent as a module. Importing it does nothing: what the page sends counts from the call of startAgent on.

import { starter } from "./singleton.js";

export const startAgent = starter(new URL("agent.wasm", import.meta.url).href);
