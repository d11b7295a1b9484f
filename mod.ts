/**
 * Flow control and scheduling as Effect programs: limits that say what they keep, and services that ask for them.
 *
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 *
 * const call = (n: number) => Effect.succeed(n).pipe(Limiter.limit());
 *
 * const program = Effect.forEach([1, 2, 3], call, { concurrency: "unbounded" });
 *
 * const Live = Limiter.layer(
 *   Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
 * );
 *
 * await Effect.runPromise(Effect.provide(program, Live));
 * ```
 *
 * @module
 */

/** Work in batches: of a collection, of a stream, of single requests gathered, of a span of time. */
export * as Batch from "./src/batch/batch.ts";
/** What a limit answers. */
export * as Decision from "./src/limiter/decision.ts";
/** One limit for each of many clients. */
export * as KeyedLimiter from "./src/limiter/keyed_limiter.ts";
/** Decides when work may start. */
export * as Limiter from "./src/limiter/limiter.ts";
/** Where keyed state lives. */
export * as LimiterStore from "./src/limiter/store.ts";
/** Many producers, one bounded queue, many consumers: a program that ends by itself. */
export * as ProducerConsumer from "./src/producer_consumer/producer_consumer.ts";
/** A limit as a value. */
export * as Quota from "./src/limiter/quota.ts";
/** How many retries there may be. */
export * as RetryBudget from "./src/limiter/retry_budget.ts";
/** Workers that run jobs from one bounded queue. */
export * as WorkerPool from "./src/worker_pool/worker_pool.ts";
