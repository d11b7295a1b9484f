/**
 * Rate limits for HTTP servers: each client its own, told in `RateLimit` headers, refused with a problem and `Retry-After`.
 *
 * Headers follow draft-ietf-httpapi-ratelimit-headers-10, problems RFC 9457.
 *
 * ```ts ignore
 * import { RateLimit } from "@weir/weir/http";
 *
 * const App = Layer.mergeAll(Routes, RateLimit.layer()).pipe(
 *   Layer.provide(PerClient),
 * );
 * ```
 *
 * Every answer of a limited request, errors included, tells each policy, as in `"free";q=20;w=2`, and where the request left
 * it, as in `"free";r=12;t=1`: `r` whole units are left, and `t` seconds later all of them are, or, where none is left, the next
 * one is. `q` units in `w` seconds are the rate; of a bucket `q` is the burst. `w` is left out of limits that speak of less than
 * a second, which the draft has no words for. Names are Strings of RFC 9651: what is not ASCII, and `%`, is percent-encoded.
 * Both are of the moment in which the request was charged, not in which it is answered. Where several limits act on one
 * request, the fields list them all, one item for each name, and `Retry-After` is the longest.
 *
 * @module
 */
export * from "./by_address.ts";
export * from "./check.ts";
export * from "./handler.ts";
export * from "./incoming.ts";
export * from "./middleware.ts";
export * from "./options.ts";
export * from "./too_many_requests.ts";
