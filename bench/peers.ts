/**
 * The packages that people use today: measured, not depended on, so they stay out of deno.json.
 *
 * @module
 */
export { default as Bottleneck } from "npm:bottleneck@2.19.5";
export { RateLimiter } from "npm:limiter@4.1.0";
export { default as pLimit } from "npm:p-limit@7.3.3";
export { default as pThrottle } from "npm:p-throttle@8.1.1";
export { RateLimiterMemory } from "npm:rate-limiter-flexible@11.4.0";

/** What each is measured with. */
export const peers: Readonly<Record<string, string>> = {
  "bottleneck 2.19.5": "no option, so no limit",
  "limiter 4.1.0": "tokensPerInterval 1e9 a second",
  "p-limit 7.3.3": "concurrency 10",
  "p-throttle 8.1.1": "limit 1e9 a second",
  "rate-limiter-flexible 11.4.0":
    "memory, points 1e9 in a second; keyed: 1e6 in a day",
  "effect's RateLimiter":
    "memory store, limit 1e9 a second, onExceeded fail; keyed: 1e6, one an hour",
};
