/**
 * Who waits, and which of two came first.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import type { Timed } from "../internal/heap.ts";
import type { Lanes, Standing } from "../internal/lanes.ts";
import type { Turn } from "../internal/turn.ts";

let created = 0;

/** One caller that waits for an `A`; a link in the lane of its priority. */
export class Waiter<A, E> implements Timed, Standing<Waiter<A, E>> {
  place = -1;
  /** Where it waits; nowhere once its wait is over. */
  line: Lanes<Waiter<A, E>> | undefined;
  /** What it was given. */
  given: A | undefined;
  /** Its number among all that ever waited. */
  readonly order: number = ++created;
  next: Waiter<A, E> | undefined;
  previous: Waiter<A, E> | undefined;

  constructor(
    readonly turn: Turn,
    /** When it began to wait. */
    readonly since: number,
    /** Tells it how its wait ended. */
    readonly resume: (end: Effect.Effect<A, E>) => void,
  ) {}

  /** Its deadline, for the heap of deadlines. */
  get at(): number {
    return this.since + this.turn.maxWait;
  }
}

/** Whichever of two comes first. */
export function earlier<A, E>(
  a: Waiter<A, E> | undefined,
  b: Waiter<A, E> | undefined,
): Waiter<A, E> | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const higher = a.turn.priority - b.turn.priority;
  return higher > 0 || (higher === 0 && a.order < b.order) ? a : b;
}
