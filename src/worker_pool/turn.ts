/**
 * How a caller asks for its turn, checked.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { finite, millis, positive } from "../internal/check.ts";
import type { Limiter } from "../limiter/mod.ts";

/** A turn as it was asked for, checked. */
export interface Turn {
  /** Units of the limiter. */
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
  options: Limiter.TurnOptions | undefined,
  ask: (turn: Turn) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return options === undefined
    ? ask(plainTurn)
    : Effect.suspend(() => ask(turnOf(options)));
}

function turnOf(options: Limiter.TurnOptions): Turn {
  return {
    cost: positive("cost", options.cost ?? 1),
    priority: finite("priority", options.priority ?? 0),
    maxWait: options.maxWait === undefined
      ? Infinity
      : millis("maxWait", options.maxWait),
  };
}
