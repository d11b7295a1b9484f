/**
 * When a batch of gathered requests goes.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import { millis, whole } from "../internal/check.ts";

/** When a batch of gathered requests goes. */
export interface GatherOptions<A> {
  /** A batch goes when it has this many requests; 100 if omitted. */
  readonly batchSize?: number | undefined;
  /**
   * A batch goes this long after its first request; 10 milliseconds if omitted. With 0 it goes as soon as those who are
   * about to ask have asked.
   */
  readonly within?: Duration.Input | undefined;
  /** Batches at once; 1 if omitted. */
  readonly concurrency?: number | undefined;
  /** How many requests may wait, and so be in a batch; 1000 if omitted. Who has more is suspended, first in, first out. */
  readonly capacity?: number | undefined;
  /** Requests of one key in a batch are asked once, and all get the answer. All are different if omitted. */
  readonly key?: ((request: A) => string) | undefined;
}

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
