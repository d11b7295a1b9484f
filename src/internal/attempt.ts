/**
 * Work that is tried again, and replaced where it fails for good.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { FailureOptions } from "./failure.ts";

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
