import { bodyLength, isInexact } from "../body.js";
import { SENT_FETCH, countSent } from "../facts.js";
import { isCounted } from "../origins.js";
import { patch } from "../patch.js";

/** Counts the bodies of `fetch` as they are handed over; a call that can only be rejected counts nothing. */
export const patchFetch = () =>
  patch(
    window,
    "fetch",
    (_self, input, init) => {
      const request = input instanceof Request ? input : undefined;
      const method = init?.method ?? request?.method ?? "GET";
      if (/^(get|head)$/i.test(method) || (init?.signal ?? request?.signal)?.aborted) return 0;
      // Fetch standard, "new Request": a body in init goes before that of the request.
      let length = bodyLength(init?.body);
      if (init?.body == null && request) {
        // Built elsewhere: its body can't be measured without reading it. (Firefox can't say if there is one.)
        length = request.body === null || request.bodyUsed ? 0 : NaN;
      }
      if (length === 0 || !isCounted(request ? request.url : input)) return 0;
      if (isInexact(init?.body)) countSent(SENT_FETCH, NaN);
      return length;
    },
    (length) => countSent(SENT_FETCH, length),
  );
