/**
 * What one call takes from a budget of retries.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { RetryBudget } from "./retry_budget.ts";

/** A call that may be tried again. A retry that it takes and does not begin is put back. */
export class Spending {
  /** Whether a retry was taken that has not begun. */
  private isTaken = false;

  constructor(private readonly budget: RetryBudget) {}

  /** Takes a retry; false if there is none. */
  readonly withdraw: Effect.Effect<boolean> = Effect.suspend(() =>
    Effect.uninterruptible(
      Effect.map(this.budget.withdraw, (may) => this.isTaken = may),
    )
  );

  /** A try begins. */
  begin(): void {
    this.isTaken = false;
  }

  /** The call is over. */
  readonly end: Effect.Effect<void> = Effect.suspend(() =>
    this.isTaken ? this.budget.refund : Effect.void
  );
}
