/**
 * What a rate-limiting algorithm must be able to say: pure arithmetic over the few numbers that it remembers.
 *
 * @module
 */
import type { Charge } from "./model.ts";

/**
 * The numbers that one tier remembers of one client. They lie in a shared array from an offset on, so that a million
 * clients are a few large arrays; a {@linkcode Algorithm.width} of 0 means that the array is the client's own and grows.
 */
export type Cells = Array<number>;

/**
 * One algorithm. `now` is in milliseconds; one that ran backwards counts as the last one seen. No function reads a clock,
 * and only `clear`, `load`, `charge` and `settle` change what is remembered.
 */
export interface Algorithm<T> {
  /** How many numbers a client takes. */
  readonly width: number;
  /** Throws a `RangeError` that names a number that makes no such limit. */
  readonly check: (tier: T) => void;
  /** The tier in words, from which its default name is made. */
  readonly words: (tier: T) => string;
  /** The most that can be charged at once. */
  readonly capacity: (tier: T) => number;
  /** The most that can start in any closed interval of `millis`. */
  readonly bound: (tier: T, millis: number) => number;
  /** Whether costs must be whole numbers. */
  readonly whole: boolean;
  /** Makes the state that of a new client. */
  readonly clear: (tier: T, cells: Cells, i: number) => void;
  /** Restores what {@linkcode save} gave. */
  readonly load: (
    tier: T,
    cells: Cells,
    i: number,
    saved: ReadonlyArray<number>,
  ) => void;
  /** The state as plain numbers, none of them infinite once something was charged. */
  readonly save: (tier: T, cells: Cells, i: number) => ReadonlyArray<number>;
  /** Milliseconds until `cost`, at most the capacity, could start; 0 if now. Exact. */
  readonly wait: (
    tier: T,
    cells: Cells,
    i: number,
    now: number,
    cost: number,
  ) => number;
  /** Milliseconds until the last of `demand` units could start that come one after the other. Never too long. */
  readonly line: (
    tier: T,
    cells: Cells,
    i: number,
    now: number,
    demand: number,
  ) => number;
  /** Takes `cost` at `now`, whether there is room or not. */
  readonly charge: (
    tier: T,
    cells: Cells,
    i: number,
    now: number,
    cost: number,
  ) => void;
  /** What is left now; below 0 there is debt. */
  readonly left: (tier: T, cells: Cells, i: number, now: number) => number;
  /** What was given back so far, for a later refund; 0 where that does not matter. */
  readonly refunded: (cells: Cells, i: number) => number;
  /** When the state equals that of a new client if nothing else is charged. */
  readonly idleAt: (tier: T, cells: Cells, i: number) => number;
  /**
   * Corrects a charge to `cost`. A refund never makes more of what still counts than was there, so the bound holds over the
   * corrected costs; an excess is taken at `now` and may become debt.
   */
  readonly settle: (
    tier: T,
    cells: Cells,
    i: number,
    now: number,
    charge: Charge,
    cost: number,
  ) => void;
}

/** Rounding that a decision forgives, relative to the amount asked for. */
export const tolerance = (amount: number): number => 1e-9 * Math.max(1, amount);

/** The number of the aligned window that `at` lies in, by the same edges, `index·window`, that waits end at. */
export function windowAt(window: number, at: number): number {
  const index = Math.floor(at / window);
  if (index * window > at) return index - 1;
  return (index + 1) * window <= at ? index + 1 : index;
}
