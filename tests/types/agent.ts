// What somebody writes who uses the agent's package in TypeScript. Compiled only; what follows a
// "ts-expect-error" has to be refused.

import { startAgent, type Agent, type AgentIdentity } from "@perspective-session-info/agent";

const agent: Agent = startAgent();
startAgent({ project: "MyProject", identityToken: "token" });
startAgent({
  gateway: "https://gateway.example/",
  sessionId: "s",
  pageId: "p",
  scope: "iOS",
  identityToken: async () => "token",
  origins: ["wss://plant.example"],
});
// @ts-expect-error: no such scope
startAgent({ scope: "toaster" });
// @ts-expect-error: a token is text
startAgent({ identityToken: 5 });

await agent.report();
agent.stop();
const identity: AgentIdentity | null = agent.identity;
const sent: number = agent.traffic.sent.webSocket + agent.traffic.recentSent;
// @ts-expect-error: what is counted is for reading
agent.traffic = null;

export { identity, sent };
