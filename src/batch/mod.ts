/**
 * Work in batches: of a collection, of a stream, of single requests gathered, of a span of time.
 *
 * - `Batch.forEach`, `Batch.mapEffect`: a few at once, and no more than the limiter lets.
 * - `Batch.gather`: a function over many as a function over one.
 * - `Batch.window`: a stream in spans of time.
 *
 * ```ts
 * import { Batch } from "@weir/weir/batch";
 * import * as Effect from "effect/Effect";
 *
 * const squares = Batch.forEach([1, 2, 3], (n) => Effect.succeed(n * n), {
 *   batchSize: 2,
 * });
 * ```
 *
 * @module
 */

/** Work in batches: of a collection, of a stream, of single requests gathered, of a span of time. */
export * as Batch from "./batch.ts";
