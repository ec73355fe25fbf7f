/** What the server received beside what the agent counted. Pure: it is told both, and compares. */

/**
 * @typedef {import("./arrivals.js").Counts} Counts
 * @typedef {import("./arrivals.js").Received} Received
 * @typedef {{ sent: Counts, identity: string | null }} AgentCounts
 * @typedef {{ channel: string, server: number, agent: number | null, equal: boolean | null }} Row
 */

export const CHANNELS = ["webSocket", "fetch", "xhr", "beacon"];
const NOTHING = { webSocket: 0, fetch: 0, xhr: 0, beacon: 0 };

/**
 * Compares what was sent since a common beginning, because the two do not count from the same moment: the
 * agent from the start of the load or of the session, the server from its own start over all loads of the page.
 */
export class Comparison {
  /** Since when the two are compared, for a person to read. */
  since = "";
  #base = null;

  /**
   * To be called first before anything is sent, and after a loss of the server before anything is sent again.
   * @param {Received} received @param {AgentCounts | null} agent null where there is none
   * @returns {{ rows: Row[], equal: boolean | null }} null where there is nothing to compare with
   */
  observe(received, agent) {
    const sent = agent?.sent ?? NOTHING;
    if (this.#base === null) {
      this.#compareFrom(received, NOTHING, agent?.identity ?? null, "since this page was loaded");
    } else if (received.since !== this.#base.since) {
      this.#compareFrom(received, sent, agent?.identity ?? null, "since the server was started again");
    } else if (agent?.identity && agent.identity !== this.#base.identity) {
      // What the agent counted while it knew no session belongs to its first one.
      if (this.#base.identity === null) this.#base.identity = agent.identity;
      else this.#compareFrom(received, sent, agent.identity, "since the agent began to count for another session");
    }
    const rows = CHANNELS.map((channel) =>
      row(
        channel,
        received[channel] - this.#base.server[channel],
        agent && agent.sent[channel] - this.#base.agent[channel],
      ),
    );
    const total = (of) => rows.reduce((sum, each) => sum + each[of], 0);
    rows.push(row("total", total("server"), agent && total("agent")));
    return { rows, equal: agent && rows.every(({ equal }) => equal) };
  }

  #compareFrom(received, sent, identity, since) {
    this.#base = { since: received.since, identity, server: { ...received }, agent: { ...sent } };
    this.since = since;
  }
}

function row(channel, server, agent) {
  return { channel, server, agent, equal: agent === null ? null : server === agent };
}
