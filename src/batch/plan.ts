/**
 * When a batch of gathered requests goes.
 *
 * @module
 */
import { millis, whole } from "../internal/check.ts";
import type { GatherOptions } from "./model.ts";

/** Options, checked. */
export interface Plan<A> {
  readonly batchSize: number;
  readonly within: number;
  readonly concurrency: number;
  readonly capacity: number;
  readonly key: ((request: A) => string) | undefined;
}

/** Checks options. */
export function readPlan<A>(options: GatherOptions<A>): Plan<A> {
  const { batchSize = 100, capacity = 1000, concurrency = 1, within = 10 } =
    options;
  const most = whole("capacity", capacity, 1);
  return {
    batchSize: Math.min(whole("batchSize", batchSize, 1), most),
    capacity: most,
    within: millis("within", within),
    concurrency: whole("concurrency", concurrency, 1),
    key: options.key,
  };
}
