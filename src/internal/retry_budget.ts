/**
 * What retries are spent from.
 *
 * @module
 */
import type * as Effect from "effect/Effect";

/** What a budget counts. Counts start when it is made. */
export interface Stats {
  /** How many retries there are now: a whole number. */
  readonly available: number;
  /** Retries made so far. */
  readonly spent: number;
  /** Retries refused so far. */
  readonly refused: number;
}

/**
 * What retries are spent from. Each first try puts a part of a retry in, each retry takes one out; where there is none, nothing
 * is tried again. Belongs to those who call one upstream, and is shared by them.
 */
export interface RetryBudget {
  /** Counts a first try. */
  readonly deposit: Effect.Effect<void>;
  /** Takes a retry; false if there is none, which counts as refused. */
  readonly withdraw: Effect.Effect<boolean>;
  /** Puts a retry back that was taken, and not made. */
  readonly refund: Effect.Effect<void>;
  /** What is left, and what became of the rest. */
  readonly stats: Effect.Effect<Stats>;
}
