/**
 * How often something took how long.
 *
 * @module
 */
import type * as Metric from "effect/Metric";

/** Bounds for what takes from a millisecond to minutes, in seconds. What took no time at all is told apart. */
export const seconds: ReadonlyArray<number> = [
  ...[0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10, 30, 60, 300],
];

/** Counts values, none of them negative, between fixed bounds. */
export class Histogram {
  count = 0;
  /** Told of every value. */
  onRecord: ((value: number) => void) | undefined;
  private sum = 0;
  private min = Number.MAX_VALUE;
  private max = -Number.MAX_VALUE;
  private readonly counts: Array<number>;

  constructor(private readonly bounds: ReadonlyArray<number>) {
    this.counts = bounds.map(() => 0);
  }

  record(value: number): void {
    const { bounds, counts } = this;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    // What is above the last bound is in the count alone.
    if (i < bounds.length) counts[i]!++;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.onRecord?.(value);
  }

  /** What was counted so far, and so many more that took no time, which nobody recorded. */
  state(zeros: number): Metric.HistogramState {
    let below = zeros;
    return {
      buckets: this.bounds.map((bound, i) => [bound, below += this.counts[i]!]),
      count: this.count + zeros,
      sum: this.sum,
      min: zeros > 0 ? 0 : this.min,
      max: zeros > 0 ? Math.max(0, this.max) : this.max,
    };
  }
}

/** Two histograms of the same bounds as one. */
export function merged(
  a: Metric.HistogramState,
  b: Metric.HistogramState,
): Metric.HistogramState {
  return {
    buckets: a.buckets.map(([bound, below], i) => [
      bound,
      below + b.buckets[i]![1],
    ]),
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}
