/**
 * Workers that run jobs from one bounded queue.
 *
 * ```ts
 * import { Limiter } from "@weir/weir/limiter";
 * import { WorkerPool } from "@weir/weir/worker-pool";
 * import * as Layer from "effect/Layer";
 *
 * const Live = WorkerPool.layer({ workers: 8 }).pipe(
 *   Layer.provide(Limiter.layerUnlimited),
 * );
 * ```
 *
 * @module
 */

/** Workers that run jobs from one bounded queue. */
export * as WorkerPool from "./worker_pool.ts";
