/**
 * What a quota is made of, and what is remembered under it: plain data.
 *
 * @module
 */

/** One limit of a quota. */
export type Tier = TokenBucket | SlidingWindow | SlidingCounter | FixedWindow;

/** At most `burst + rate·t` in any interval `t`. */
export interface TokenBucket {
  /** Which algorithm. */
  readonly _tag: "TokenBucket";
  /** Names the tier in decisions, headers and metrics. */
  readonly name: string;
  /** Units that flow in during `perMillis`. */
  readonly rate: number;
  /** The time that `rate` speaks of, in milliseconds. */
  readonly perMillis: number;
  /** How much may be spent at once after a rest. */
  readonly burst: number;
}

/** Never more than `limit` in any window `[t, t + windowMillis)`. */
export interface SlidingWindow {
  /** Which algorithm. */
  readonly _tag: "SlidingWindow";
  /** Names the tier in decisions, headers and metrics. */
  readonly name: string;
  /** Units in any window. */
  readonly limit: number;
  /** Length of the window, in milliseconds. */
  readonly windowMillis: number;
}

/**
 * About `limit` in any window, in constant memory: at most `limit·(1 + t/window)` in any interval `t`, so up to twice
 * `limit` in one window when the one before was used up at its very end.
 */
export interface SlidingCounter {
  /** Which algorithm. */
  readonly _tag: "SlidingCounter";
  /** Names the tier in decisions, headers and metrics. */
  readonly name: string;
  /** Units in about any window. */
  readonly limit: number;
  /** Length of the window, in milliseconds. */
  readonly windowMillis: number;
}

/** At most `limit` in each aligned window, so up to twice `limit` across an edge. */
export interface FixedWindow {
  /** Which algorithm. */
  readonly _tag: "FixedWindow";
  /** Names the tier in decisions, headers and metrics. */
  readonly name: string;
  /** Units in an aligned window. */
  readonly limit: number;
  /** Length of the window, in milliseconds. Windows are counted from the origin of the clock that decides. */
  readonly windowMillis: number;
}

/** What a quota remembers of one client: numbers by the name of their tier. Safe for JSON. */
export type State = Readonly<Record<string, ReadonlyArray<number>>>;

/** A charge that was taken, as a later correction needs it. Times are milliseconds of the clock that decided. */
export interface Charge {
  /** When it was taken. */
  readonly at: number;
  /** How much was taken. */
  readonly cost: number;
  /** Name of the tier that had the least left. */
  readonly tier: string;
  /** What was left of that tier. */
  readonly remaining: number;
  /** What had been given back to that tier until then. Where it is not known, later refunds may turn out smaller. */
  readonly refunded?: number;
}
