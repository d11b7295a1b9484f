/**
 * What a limit answers.
 *
 * @module
 */
import type * as Duration from "effect/Duration";

/** The call may start, and was charged. */
export interface Allowed {
  /** Tells the two answers apart. */
  readonly _tag: "Allowed";
  /** Name of the tier with the least left. */
  readonly tier: string;
  /** What is left of that tier now; a token bucket flows in continuously, so parts of a unit count. */
  readonly remaining: number;
  /** Until that tier is whole again, if nothing else is charged. */
  readonly resetAfter: Duration.Duration;
}

/** The call may not start now, and nothing was charged. */
export interface Denied {
  /** Tells the two answers apart. */
  readonly _tag: "Denied";
  /** Name of the tier that denied, the one with the longest wait. */
  readonly tier: string;
  /** When the same cost would be allowed, if nobody else came. Infinite when no wait can satisfy it. */
  readonly retryAfter: Duration.Duration;
}

/** May it start? */
export type Decision = Allowed | Denied;
