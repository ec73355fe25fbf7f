import { bodyLength, isInexact } from "../body.js";
import { SENT_FETCH, countSent } from "../facts.js";
import { isCounted } from "../origins.js";
import { patch, patchConstructor } from "../patch.js";

/** The lengths of the bodies that requests were built with. @type {WeakMap<Request, number>} */
const lengths = new WeakMap();

/** Not by `instanceof`: it can be a frame's. */
const isRequest = (input) => typeof input?.method === "string";

/** How long a body `fetch` or a new Request gets from what it is called with. */
function lengthOf(input, init) {
  // Fetch standard, "new Request": a body in init goes before that of the request.
  if (init?.body != null || !isRequest(input)) return bodyLength(init?.body);
  // Built where it was not seen: it can't be measured without reading it. (Firefox can't say if there is one.)
  return lengths.get(input) ?? (input.body === null ? 0 : NaN);
}

/** Counts the bodies of `fetch` as they are handed over; a call that can only be rejected counts nothing. */
export const patchFetch = () => [
  // A request is often built by the page, or by who has patched `fetch` on top of us, from a body and an URL.
  patchConstructor("Request", (request, [input, init]) =>
    lengths.set(request, isInexact(init?.body) ? NaN : lengthOf(input, init)),
  ),
  patch(
    Request.prototype,
    "clone",
    () => {},
    (_seen, request, clone) => lengths.set(clone, lengthOf(request)),
  ),
  patch(
    window,
    "fetch",
    (_self, input, init) => {
      const request = isRequest(input) ? input : undefined;
      const method = init?.method ?? request?.method ?? "GET";
      if (/^(get|head)$/i.test(method) || (init?.signal ?? request?.signal)?.aborted) return 0;
      if (init?.body == null && request?.bodyUsed) return 0;
      const length = lengthOf(input, init);
      if (length === 0 || !isCounted(request ? request.url : input)) return 0;
      if (isInexact(init?.body)) countSent(SENT_FETCH, NaN);
      return length;
    },
    (length) => countSent(SENT_FETCH, length),
  ),
];
