/**
 * A turn that a store gave.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import { duration } from "../internal/time.ts";
import type { Giver } from "./permit.ts";
import type { Account, Taken } from "./store.ts";
import type { Permit } from "./turn.ts";

/** Whose turn: a client, and what is above it. */
export type Accounts = NonEmptyReadonlyArray<Account>;

/** A turn that a store gave. */
export class KeyedPermit implements Permit {
  readonly _tag = "Allowed";
  settled = false;
  /** Hidden, so that a permit that is printed does not print a limiter. */
  readonly #giver: Giver<KeyedPermit>;

  constructor(
    readonly taken: Taken,
    readonly accounts: Accounts,
    private readonly waitedMillis: number,
    giver: Giver<KeyedPermit>,
  ) {
    this.#giver = giver;
  }

  get tier(): string {
    return this.taken.tier;
  }

  get remaining(): number {
    return this.taken.remaining;
  }

  get resetAfter(): Duration.Duration {
    return this.taken.resetAfter;
  }

  get waited(): Duration.Duration {
    return duration(Math.max(0, this.waitedMillis));
  }

  get settle(): (cost: number) => Effect.Effect<void> {
    return (cost) => this.#giver.settle(this, cost);
  }
}
