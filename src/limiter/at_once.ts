/**
 * What can be had at once is had in one step; only who must wait pays for waiting.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";

/** Thrown where something cannot be had at once, and caught at once. */
const notNow = Symbol("notNow");

/**
 * Takes something at once, or waits for it. `Effect.sync` hands its value straight to what follows, so an interrupt finds no
 * moment between the taking and the caller; a failure that is caught right there is the only other way out of it.
 */
export function atOnceOr<A, E>(
  take: () => A | undefined,
  wait: () => Effect.Effect<A, E>,
): Effect.Effect<A, E> {
  return Effect.catchCause(
    Effect.sync(() => {
      const taken = take();
      if (taken === undefined) throw notNow;
      return taken;
    }),
    (cause) => isNotNow(cause) ? wait() : Effect.failCause(cause),
  );
}

function isNotNow(cause: Cause.Cause<unknown>): boolean {
  const [reason] = cause.reasons;
  return reason?._tag === "Die" && reason.defect === notNow;
}
