/**
 * What work in batches is told, and what it gives.
 *
 * @module
 */
import type * as DateTime from "effect/DateTime";
import type * as Duration from "effect/Duration";
import type { FailureOptions } from "../internal/failure.ts";

export * from "../internal/failure.ts";

/** How a collection is cut and run. */
export interface Options<A, E, B2, E2, R2>
  extends FailureOptions<A, E, B2, E2, R2> {
  /** Items that start together, and end together before the next batch takes their place: a whole number, at least 1; 1 if omitted. */
  readonly batchSize?: number | undefined;
  /** Batches at once: a whole number, at least 1; 1 if omitted. */
  readonly concurrency?: number | undefined;
}

/** When a batch of gathered requests goes. */
export interface GatherOptions<A> {
  /** A batch goes when it has this many requests, those of one `key` counted as one: a whole number, at least 1; 100 if omitted, and never more than `capacity`. */
  readonly batchSize?: number | undefined;
  /**
   * A batch goes this long after its first request: a duration, not negative; 10 milliseconds if omitted. With 0 it goes as
   * soon as those who are about to ask have asked.
   */
  readonly within?: Duration.Input | undefined;
  /** Batches at once: a whole number, at least 1; 1 if omitted. */
  readonly concurrency?: number | undefined;
  /**
   * How many requests may wait, and so be in a batch: a whole number, at least 1; 1000 if omitted. Who has more is suspended,
   * first in, first out.
   */
  readonly capacity?: number | undefined;
  /** Requests of one key in a batch are asked once, and all get the answer. All are different if omitted. */
  readonly key?: ((request: A) => string) | undefined;
}

/** What fell into a span of time. */
export interface Window<out A> {
  /** When the span begins. */
  readonly start: DateTime.Utc;
  /** When it ends; not part of it. */
  readonly end: DateTime.Utc;
  /** What arrived, in order. May be empty. */
  readonly items: ReadonlyArray<A>;
  /** What arrived and did not fit. */
  readonly dropped: number;
}

/** Which spans. */
export interface WindowOptions {
  /** How long a span is: a duration, positive and finite. */
  readonly size: Duration.Input;
  /**
   * How long after the last one the next begins, positive and finite: `size` if omitted, which makes them tumble; less makes
   * them overlap; more leaves gaps, and what arrives in those is in no span.
   */
  readonly every?: Duration.Input | undefined;
  /**
   * How many items the spans hold that are open at a time: a whole number, at least 1; 10,000 if omitted. Further ones are
   * counted as dropped.
   */
  readonly capacity?: number | undefined;
}
