/**
 * A turn that was given.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import { duration } from "../internal/time.ts";
import type { Charge } from "./model.ts";
import type { Permit } from "./turn.ts";

/** Who gave a permit, and corrects it. */
export interface Giver<P> {
  /** Corrects a charge. */
  readonly settle: (permit: P, cost: number) => Effect.Effect<void>;
}

/** Whether this is the first correction of a permit. */
export function once(permit: { settled: boolean }): boolean {
  const first = !permit.settled;
  permit.settled = true;
  return first;
}

/** A permit that works out its durations when they are asked for. */
export class GivenPermit implements Permit, Charge {
  readonly _tag = "Allowed";
  settled = false;
  /** Hidden, so that a permit that is printed does not print a limiter. */
  readonly #giver: Giver<GivenPermit>;

  constructor(
    readonly tier: string,
    readonly remaining: number,
    readonly at: number,
    readonly cost: number,
    readonly refunded: number,
    private readonly resetAt: number,
    private readonly since: number,
    /** How often its giver was reset before. */
    readonly resets: number,
    giver: Giver<GivenPermit>,
  ) {
    this.#giver = giver;
  }

  get resetAfter(): Duration.Duration {
    return duration(Math.max(0, this.resetAt - this.at));
  }

  get waited(): Duration.Duration {
    return duration(Math.max(0, this.at - this.since));
  }

  get settle(): (cost: number) => Effect.Effect<void> {
    return (cost) => this.#giver.settle(this, cost);
  }
}
