/**
 * What a store keeps for whom, and what it answers.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type { Allowed, Denied } from "./decision.ts";
import type { Charge, Quota } from "./quota.ts";

/** A key, and the quota it is held to. */
export interface Account {
  /** Of which limiter: one store serves many. */
  readonly limiter: string;
  /** Whose state. */
  readonly key: string;
  /** Which limit. */
  readonly quota: Quota;
}

/** A charge, as it was taken. */
export interface Taken extends Allowed, Charge {
  /** The account whose tier has the least left, by its place. */
  readonly account: number;
}

/** A refusal. */
export interface Refused extends Denied {
  /** The account that refused, by its place: the one with the longest wait. */
  readonly account: number;
}

/**
 * Keeps the state of many keys. Every operation is one atomic step of `Quota.decide` or `Quota.settle` at the store's own
 * time, over all the accounts at once: a script for Redis, a statement for SQL, a synchronous call in memory.
 *
 * The first account is a client's; one behind it is above the clients of its limiter, shared by them, and never forgotten.
 */
export interface Service {
  /** Charges `cost` to all accounts, or to none. */
  readonly take: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
  ) => Effect.Effect<Taken | Refused>;
  /** `take` without Effect, for a store that can answer in this very step: where it is given, callers are spared the rest. */
  readonly takeUnsafe?: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
  ) => Taken | Refused;
  /**
   * Whether `take` would be allowed, and what is left now. Charges nothing. If `ahead` is given, a refusal says when `cost`
   * would be allowed behind so many units that others take first; beyond the capacity it may say too soon, never too late.
   */
  readonly peek: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
    ahead?: number,
  ) => Effect.Effect<Taken | Refused>;
  /** Corrects a charge on all accounts. */
  readonly settle: (
    accounts: NonEmptyReadonlyArray<Account>,
    charge: Taken,
    cost: number,
  ) => Effect.Effect<void>;
  /** Denies a client for this long; 0 ends it. The longest pause wins. A paused key is remembered, and counts as in use. */
  readonly pause: (
    account: Account,
    duration: Duration.Duration,
  ) => Effect.Effect<void>;
  /** Forgets what a client was charged: charges from before are not corrected any more. */
  readonly reset: (account: Account) => Effect.Effect<void>;
  /** How many clients' keys are remembered. */
  readonly size: Effect.Effect<number>;
}
