import { bodyLength, isInexact } from "../body.js";
import { SENT_BEACON, countSent } from "../facts.js";
import { isCounted } from "../origins.js";
import { patch } from "../patch.js";

/** Counts what `navigator.sendBeacon` has accepted. */
export const patchBeacon = () =>
  patch(
    Navigator.prototype,
    "sendBeacon",
    (_self, url, body) => (isCounted(url) ? [bodyLength(body), isInexact(body)] : [0]),
    ([length, inexact], _self, accepted) => {
      if (!accepted) return;
      if (inexact) countSent(SENT_BEACON, NaN);
      countSent(SENT_BEACON, length);
    },
  );
