/**
 * What was measured.
 *
 * @module
 */

/** A mean over replications, and where the true one is in 95 of 100 cases (Student's t). */
export interface Estimate {
  /** The mean; NaN if no replication has a value. */
  readonly mean: number;
  /** Half the width of the interval; infinite if less than two replications have a value. */
  readonly halfWidth: number;
  /** What each replication gave, in their order; NaN where there was nothing to measure. */
  readonly values: ReadonlyArray<number>;
}

/** Seconds from the start, and what was there: a point for each part of the horizon, of the first replication. */
export type Series = ReadonlyArray<readonly [seconds: number, value: number]>;

/**
 * Of values that were told one by one. Durations are in seconds. Quantiles are of a sketch that knows values which differ by a
 * factor of up to 10¹⁷; those that are smaller than the largest by more are taken for the least that it knows.
 */
export interface Tallied {
  /** How many. */
  readonly count: Estimate;
  /** Their mean. */
  readonly mean: Estimate;
  /** What half of them are not above, each to 0.1%, by which the interval is wider. */
  readonly p50: Estimate;
  /** What 95 of 100 are not above, as `p50`. */
  readonly p95: Estimate;
  /** What 99 of 100 are not above, as `p50`. */
  readonly p99: Estimate;
  /** The largest of all replications. */
  readonly max: number;
}

/** Of a value that holds until it changes. */
export interface Level {
  /** Its mean over time. */
  readonly mean: Estimate;
  /** The largest of all replications that some time passed at. */
  readonly max: number;
  /** Its mean in each part of the horizon, of the first replication. */
  readonly series: Series;
}

/** Of events. */
export interface Counted {
  /** How many a second. */
  readonly rate: Estimate;
  /** The most within any one second, of all replications. */
  readonly peak: number;
  /** How many a second in each part of the horizon, of the first replication. */
  readonly series: Series;
}

/** What monitors saw, by name. */
export interface Measures {
  /** Of values that were told one by one. */
  readonly tallies: Readonly<Record<string, Tallied>>;
  /** Of values that hold until they change. */
  readonly levels: Readonly<Record<string, Level>>;
  /** Of events. */
  readonly counts: Readonly<Record<string, Counted>>;
}

/** How a setting was measured. Times are in seconds. */
export interface Replications {
  /** How many there were. */
  readonly count: number;
  /** Of the first; each of the others has the next one. */
  readonly seed: number;
  /** How long each lasted, with its warm-up, if the program did not end earlier. */
  readonly horizon: number;
  /** What of it was not measured, but for series. */
  readonly warmup: number;
}

/** What a setting gave. */
export interface Result<out P> {
  /** The setting. */
  readonly point: P;
  /** How it was measured. */
  readonly replications: Replications;
  /** What was measured. */
  readonly measures: Measures;
}
