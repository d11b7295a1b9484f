/**
 * What becomes of an item that fails: the same options in every pattern that is handed items.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import type * as Schedule from "effect/Schedule";

/** What becomes of an item that fails. */
export interface FailureOptions<A, E, B2, E2, R2> {
  /** Tries a failing item again. Each try asks the limiter anew; nothing is held in between. Defects are not tried again. */
  readonly retry?: Schedule.Schedule<unknown, NoInfer<E>> | undefined;
  /**
   * Takes an item that failed or died for good, and gives what stands in its place; the rest goes on. Collect, drop, log or
   * dead-letter here. If omitted, the first such item stops the whole and fails it.
   */
  readonly onFailure?:
    | ((
      item: NoInfer<A>,
      cause: Cause.Cause<NoInfer<E>>,
    ) => Effect.Effect<B2, E2, R2>)
    | undefined;
}

/** The work for one item, tried as often as the options say, and replaced where it failed for good. */
export function attempt<A, B, E, R, B2, E2, R2>(
  item: A,
  work: Effect.Effect<B, E, R>,
  { onFailure, retry }: FailureOptions<A, E, B2, E2, R2>,
): Effect.Effect<B | B2, E2, R | R2> {
  const tried = retry === undefined ? work : Effect.retry(work, retry);
  return onFailure === undefined
    // Without a replacement E2 is E.
    ? tried as Effect.Effect<B, never, R>
    : Effect.catchCause(tried, (cause) => onFailure(item, cause));
}
