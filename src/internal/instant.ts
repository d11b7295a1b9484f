/**
 * Plain turns without an Effect around them, from one room to another: for who handles very many items.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
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

/** Decides about a key at once, or says nothing where that cannot be done, and then has charged nothing. */
export type DecideNow = (key: string, cost: number) => Decided | undefined;

/** What is decided, as `Decision` has it. */
type Decided =
  | {
    readonly _tag: "Allowed";
    readonly tier: string;
    readonly remaining: number;
    readonly resetAfter: Duration.Duration;
  }
  | {
    readonly _tag: "Denied";
    readonly tier: string;
    readonly retryAfter: Duration.Duration;
  };

const decides = new WeakMap<object, DecideNow>();

/** Lets a keyed limiter decide at once, as its `tryAcquire` does. Whatever wraps it is asked by its methods. */
export function allowInstantKeys(limiter: object, decide: DecideNow): void {
  decides.set(limiter, decide);
}

/** Decides as `tryAcquire` does, if the limiter allows it. */
export function instantKeysOf(limiter: object): DecideNow {
  return decides.get(limiter) ?? undecided;
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
const undecided = () => undefined;
