/**
 * How a caller asks for its turn, checked.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { finite, millis, positive } from "./check.ts";

/** How a caller asks. */
interface Asked {
  readonly cost?: number | undefined;
  readonly priority?: number | undefined;
  readonly maxWait?: Duration.Input | undefined;
}

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

/** Asks with the options that were given, checked as the effect runs; with none, as most callers do, at once. */
export function asking<A, E, R>(
  options: Asked | undefined,
  ask: (turn: Turn) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return options === undefined
    ? ask(plainTurn)
    : Effect.suspend(() => ask(turnOf(options)));
}

function turnOf({ cost = 1, maxWait, priority = 0 }: Asked): Turn {
  return {
    cost: positive("cost", cost),
    priority: finite("priority", priority),
    maxWait: maxWait === undefined ? Infinity : millis("maxWait", maxWait),
  };
}
