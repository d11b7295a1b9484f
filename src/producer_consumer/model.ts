/**
 * What is run, and what is said about it.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Stream from "effect/Stream";
import type { FailureOptions } from "../internal/failure.ts";

export * from "../internal/failure.ts";

/** Whatever produces is a stream; `Stream.fromIterable`, `fromAsyncIterable`, `callback` and `fromQueue` make one. */
export type Producer = Stream.Stream<unknown, unknown, unknown>;

/** What to run. */
export interface RunOptions<P extends Producer, B, E, R, B2, E2, R2>
  extends FailureOptions<Stream.Success<P>, E, B2, E2, R2> {
  /** Each runs in a fiber of its own. One that fails stops the whole and fails it. */
  readonly producers: ReadonlyArray<P>;
  /** Called for each item in its turn, by whichever consumer is free; and again for each new try. */
  readonly consumer: (item: Stream.Success<P>) => Effect.Effect<B, E, R>;
}

/** What happened. `produced = consumed + failed + dropped`. */
export interface Report {
  /** Items that producers gave. */
  readonly produced: number;
  /** Items whose consumer succeeded. */
  readonly consumed: number;
  /** Items that went to `onFailure`. */
  readonly failed: number;
  /** Items that `overflow` dropped. */
  readonly dropped: number;
  /** The longest that the queue was. */
  readonly peakPending: number;
  /** From the first to the last. */
  readonly elapsed: Duration.Duration;
}
