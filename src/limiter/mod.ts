/**
 * How much may start, and when.
 *
 * - `Quota`: a limit as a value, and what it decides as a pure function.
 * - `Decision`: `Allowed` or `Denied`.
 * - `Limiter`: waits for a turn; the service that every pattern asks for.
 * - `KeyedLimiter`: one limiter for each client.
 * - `LimiterStore`: where the clients' state lives.
 * - `RetryBudget`: how many retries there may be.
 *
 * ```ts
 * import { Limiter, Quota } from "@weir/weir/limiter";
 *
 * const Live = Limiter.layer(Quota.slidingWindow({ limit: 5, window: "1 second" }));
 * ```
 *
 * @module
 */

/** What a limit answers. */
export * as Decision from "./decision.ts";
/** One limit for each of many clients. */
export * as KeyedLimiter from "./keyed_limiter.ts";
/** Decides when work may start. */
export * as Limiter from "./limiter.ts";
/** Where keyed state lives. */
export * as LimiterStore from "./store.ts";
/** A limit as a value. */
export * as Quota from "./quota.ts";
/** How many retries there may be. */
export * as RetryBudget from "./retry_budget.ts";
