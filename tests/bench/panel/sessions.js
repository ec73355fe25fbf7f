// The sessions of the measurement: the same for all grids, and the same in every run.

const BROWSERS = ["Chrome/140.0.0.0 Safari/537.36", "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"];
const SYSTEMS = ["Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7"];
const SCOPES = ["browser", "browser", "browser", "browser", "designer", "iOS", "Android"];
/** How many sessions one user has. */
const PER_USER = 20;

const hex = (random, digits) =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");

/** Numbers from 0 to 1 by mulberry32: drawn anew they are the same. */
export function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A result of getSessionInfo with so many sessions. No two have the same address, or have sent as much. */
export function sessionsOf(count) {
  const random = randomOf(count);
  const users = Math.ceil(count / PER_USER);
  return Array.from({ length: count }, (_, i) => {
    const id = [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join("-");
    const user = Math.floor(random() * users);
    const pageIds = Array.from({ length: 1 + Math.floor(random() * 3) }, () => hex(random, 8));
    return {
      userAgent: `Mozilla/5.0 (${SYSTEMS[i % 3]}) AppleWebKit/537.36 (KHTML, like Gecko) ${BROWSERS[i % 2]}`,
      id,
      username: user === 0 ? "Unauthenticated" : `user${String(user).padStart(5, "0")}`,
      project: `Line${1 + Math.floor(random() * 40)}`,
      uptime: Math.floor(random() * 864e5),
      clientAddress: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      lastComm: Math.floor(random() * 10_000),
      sessionScope: SCOPES[Math.floor(random() * SCOPES.length)],
      activePages: pageIds.length,
      recentBytesSent: Math.floor(random() * 5_000),
      totalBytesSent: Math.floor(random() * 1e9) * 1_000 + (i % 1_000),
      pageIds,
      authorized: user !== 0,
    };
  });
}

/** Sessions that change in each of so many batches. */
const PER_BATCH = 100;

/** Batches of changed sessions, each as the JSON text in which it comes: time has passed, and more was sent. */
export function changesOf(sessions, batches) {
  const random = randomOf(batches);
  return Array.from({ length: batches }, () => {
    const changed = new Map();
    while (changed.size < PER_BATCH) {
      const session = sessions[Math.floor(random() * sessions.length)];
      session.recentBytesSent = Math.floor(random() * 5_000);
      session.totalBytesSent += session.recentBytesSent;
      session.uptime += 1_000;
      session.lastComm = 0;
      changed.set(session.id, session);
    }
    return JSON.stringify([...changed.values()]);
  });
}
