/**
 * What a limiter offers.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type { Decision, Denied } from "./decision.ts";
import type { Permit } from "./permit.ts";
import type { Quota } from "./quota.ts";
import type {
  CostOptions,
  Exactly,
  NoOptions,
  TurnError,
  TurnOptions,
} from "./turn.ts";

/** What goes on in a limiter. Counts start when it is built. */
export interface Stats {
  /** Callers that wait for their turn. */
  readonly waiting: number;
  /** Effects that run inside {@linkcode Service.limit} now; counted where the limiter bounds `concurrency`. */
  readonly running: number;
  /** Turns given so far. */
  readonly admitted: number;
  /** Turns refused so far: denied, timed out, too costly. */
  readonly denied: number;
}

/**
 * Decides when work may start.
 *
 * Callers are served by priority, then first in, first out; whoever is at the head keeps its place, however much it
 * asks for. Interrupting a caller that waits costs nothing and lets the next one through.
 *
 * A bad option is a defect: a `RangeError` that names it and its value.
 */
export interface Service {
  /** Waits for a turn and charges it. It counts as running nowhere: to be counted in `concurrency` use `limit`. */
  readonly acquire: <const O extends TurnOptions = NoOptions>(
    options?: Exactly<TurnOptions, O>,
  ) => Effect.Effect<Permit, TurnError<O>>;
  /** Decides now. Denied while others wait for the quota, for it never overtakes. */
  readonly tryAcquire: (
    options?: CostOptions,
  ) => Effect.Effect<Permit | Denied>;
  /** Whether `tryAcquire` would be allowed, and what is left now. Charges nothing. */
  readonly peek: (options?: CostOptions) => Effect.Effect<Decision>;
  /**
   * Runs an effect when its turn comes. Where the limiter bounds `concurrency`, quota and slot are taken together or not
   * at all, and the slot comes back when the effect ends, however it ends. Inside an effect that holds a slot, `limit` of the
   * same limiter charges the quota and takes no second slot.
   */
  readonly limit: <A, E, R, const O extends TurnOptions = NoOptions>(
    self: Effect.Effect<A, E, R>,
    options?: Exactly<TurnOptions, O>,
  ) => Effect.Effect<A, E | TurnError<O>, R>;
  /** Gives no more turns for this long, or until `resume`. The longest pause wins. What an upstream's `Retry-After` calls for. */
  readonly pause: (duration?: Duration.Input) => Effect.Effect<void>;
  /** Ends a pause. */
  readonly resume: Effect.Effect<void>;
  /** Forgets what was charged: the quota is whole again. */
  readonly reset: Effect.Effect<void>;
  /** What goes on now. */
  readonly stats: Effect.Effect<Stats>;
}

/** A limiter in the hands of who made it. */
export interface Adjustable extends Service {
  /**
   * Goes on under another quota without losing what was counted: tiers are matched by name, then by kind, then by place. A
   * smaller limit begins used up, not in debt. Who waits for more than the new quota ever allows fails with
   * {@linkcode CostExceedsLimit}. Dies with a `RangeError` that names a bad number.
   */
  readonly setQuota: (quota: Quota) => Effect.Effect<void>;
}

/** What {@linkcode make} and {@linkcode layer} may be told. */
export interface Options {
  /** At most this many effects run inside `limit` at once: a whole number, at least 1. No bound if omitted. */
  readonly concurrency?: number | undefined;
}
