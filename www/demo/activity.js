/**
 * The frames by which a Perspective page says that somebody is there: `client-activity:{"lastActiveTime":…}`
 * at load, on interaction and about every 14 s when idle.
 */

const IDLE_MS = 14_000;
const INTERACTION_MS = 5000; // not known of the real page: how often interaction is told at most

/**
 * @param {import("./connection.js").Connection} connection
 * @param {() => void} onIdle called with each idle frame
 */
export function reportActivity(connection, onIdle) {
  let lastActiveTime = Date.now();
  let toldAt = -Infinity;
  let timer;

  const tell = () => {
    clearTimeout(timer);
    if (connection.status !== "connected") return;
    connection.send("client-activity", { lastActiveTime });
    toldAt = performance.now();
    timer = setTimeout(() => {
      tell();
      onIdle();
    }, IDLE_MS);
  };

  connection.on("status", tell);
  for (const type of ["pointerdown", "keydown"]) {
    addEventListener(
      type,
      () => {
        lastActiveTime = Date.now();
        if (performance.now() - toldAt >= INTERACTION_MS) tell();
      },
      { capture: true, passive: true },
    );
  }
}
