const NAMES = [
  "facts",
  "body",
  "patch",
  "origins",
  "perspective",
  "channels/beacon",
  "channels/fetch",
  "channels/websocket",
  "channels/xhr",
];

/**
 * All that the agent's modules export. They are loaded one after the other: the test runner's server can leave a
 * request lying when more than four come at once.
 */
export async function modules() {
  const all = {};
  for (const name of NAMES) Object.assign(all, await import(`../../www/agent/${name}.js`));
  return all;
}
