import { bodyLength, isInexact } from "../body.js";
import { SENT_XHR, countSent } from "../facts.js";
import { isCounted } from "../origins.js";
import { patch } from "../patch.js";

/** Counts the bodies of XMLHttpRequest when `send` has taken them. */
export function patchXhr() {
  /** Whether a body that is sent with it counts. @type {WeakMap<XMLHttpRequest, boolean>} */
  const requests = new WeakMap();
  const { prototype } = XMLHttpRequest;
  return [
    patch(
      prototype,
      "open",
      // XMLHttpRequest standard, `send`: the body of a GET or HEAD is dropped.
      (_xhr, method, url) => !/^(get|head)$/i.test(method) && isCounted(url),
      (counts, xhr) => requests.set(xhr, counts),
    ),
    patch(
      prototype,
      "send",
      (xhr, body) => {
        if (!requests.get(xhr)) return 0;
        if (isInexact(body)) countSent(SENT_XHR, NaN);
        return bodyLength(body);
      },
      (length) => countSent(SENT_XHR, length),
    ),
  ];
}
