/**
 * Who waits, and in which order.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { finite, millis } from "../internal/check.ts";
import type { Timed } from "../internal/heap.ts";
import type { TurnOptions } from "./turn.ts";

/** A turn as it was asked for, checked. */
export interface Turn {
  /** Units. */
  readonly cost: number;
  /** Higher goes first. */
  readonly priority: number;
  /** Milliseconds; infinite where nothing was said. */
  readonly maxWait: number;
}

/** The turn of a caller that gave no options. */
export const plainTurn: Turn = { cost: 1, priority: 0, maxWait: Infinity };

/** Checks how a caller asks. The cost is checked by the quota that it is asked of. */
function turnOf(options: TurnOptions): Turn {
  return {
    cost: options.cost ?? 1,
    priority: finite("priority", options.priority ?? 0),
    maxWait: options.maxWait === undefined
      ? Infinity
      : millis("maxWait", options.maxWait),
  };
}

/** Asks with the options that were given, checked as the effect runs; with none, as most callers do, at once. */
export function asking<A, E, R>(
  options: TurnOptions | undefined,
  ask: (turn: Turn) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return options === undefined
    ? ask(plainTurn)
    : Effect.suspend(() => ask(turnOf(options)));
}

/** One caller that waits for an `A`; a link in the lane of its priority. */
export class Waiter<A, E> implements Timed {
  place = -1;
  /** Where it waits; nowhere once its wait is over. */
  line: Waiters<A, E> | undefined;
  /** What it was given. */
  given: A | undefined;
  /** Its number among all that ever waited. */
  order = 0;
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

interface Lane<A, E> {
  readonly priority: number;
  first: Waiter<A, E> | undefined;
  last: Waiter<A, E> | undefined;
  cost: number;
}

/** Callers by priority, first in, first out among equals. Joining the lane of a known priority and leaving are O(1). */
export class Waiters<A, E> {
  size = 0;
  /** Highest priority first, none of them empty. */
  private readonly lanes: Array<Lane<A, E>> = [];
  private static orders = 0;

  get head(): Waiter<A, E> | undefined {
    return this.lanes[0]?.first;
  }

  /** Puts a caller last in its lane. */
  push(waiter: Waiter<A, E>): void {
    const lane = this.lane(waiter.turn.priority);
    waiter.line = this;
    waiter.order = ++Waiters.orders;
    waiter.previous = lane.last;
    if (lane.last === undefined) lane.first = waiter;
    else lane.last.next = waiter;
    lane.last = waiter;
    lane.cost += waiter.turn.cost;
    this.size++;
  }

  remove(waiter: Waiter<A, E>): void {
    const i = this.find(waiter.turn.priority);
    const lane = this.lanes[i]!;
    const { next, previous } = waiter;
    if (previous === undefined) lane.first = next;
    else previous.next = next;
    if (next === undefined) lane.last = previous;
    else next.previous = previous;
    waiter.next = waiter.previous = undefined;
    waiter.line = undefined;
    lane.cost -= waiter.turn.cost;
    this.size--;
    if (lane.first === undefined) this.lanes.splice(i, 1);
  }

  /** What those ask for who come before a newcomer of this priority. */
  demand(priority: number): number {
    let demand = 0;
    for (const lane of this.lanes) {
      if (lane.priority < priority) break;
      demand += lane.cost;
    }
    return demand;
  }

  private lane(priority: number): Lane<A, E> {
    const i = this.find(priority);
    const found = this.lanes[i];
    if (found?.priority === priority) return found;
    const lane = { priority, first: undefined, last: undefined, cost: 0 };
    this.lanes.splice(i, 0, lane);
    return lane;
  }

  /** The place of the first lane whose priority is not higher. */
  private find(priority: number): number {
    let low = 0;
    let high = this.lanes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lanes[middle]!.priority > priority) low = middle + 1;
      else high = middle;
    }
    return low;
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
