/**
 * Plain turns without an Effect around them, from one room to another: for who handles very many items.
 *
 * @module
 */
import * as Effect from "effect/Effect";

const takes = new WeakMap<object, () => boolean>();

/**
 * Lets turns of a limiter be taken at once, where a turn is all that it hands out. Whatever wraps the limiter is another
 * object, and is asked by its methods.
 */
export function allowInstant(limiter: object, take: () => boolean): void {
  takes.set(limiter, take);
}

/** Takes a plain turn at once, if the limiter allows it; otherwise says no, and has charged nothing. */
export function instantOf(limiter: object): () => boolean {
  return takes.get(limiter) ?? refuse;
}

/** Does work in the turn of a limiter, which is taken at once where that is allowed; else `limit` waits for it. */
export function inTurnOf(
  limiter: object,
  limit: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
): <A, E, R>(work: () => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> {
  const takeTurn = instantOf(limiter);
  return (work) =>
    Effect.suspend(() => takeTurn() ? work() : limit(Effect.suspend(work)));
}

const refuse = () => false;
