/**
 * A turn that a store gave.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import { duration } from "../internal/time.ts";
import type { Permit } from "./permit.ts";
import type { Account, Taken } from "./store.ts";

/** Whose turn: a client, and what is above it. */
export type Accounts = NonEmptyReadonlyArray<Account>;

/** Who gave a permit, and corrects it. */
export interface Giver {
  /** Corrects a charge. */
  readonly settle: (permit: KeyedPermit, cost: number) => Effect.Effect<void>;
}

/** A turn that a store gave. */
export class KeyedPermit implements Permit {
  readonly _tag = "Allowed";
  private settled = false;

  constructor(
    readonly taken: Taken,
    readonly accounts: Accounts,
    private readonly waitedMillis: number,
    private readonly giver: Giver,
  ) {}

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
    return duration(this.waitedMillis);
  }

  get settle(): (cost: number) => Effect.Effect<void> {
    return (cost) => this.giver.settle(this, cost);
  }

  /** Whether this is the first correction. */
  once(): boolean {
    const first = !this.settled;
    this.settled = true;
    return first;
  }
}
