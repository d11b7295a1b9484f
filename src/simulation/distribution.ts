/**
 * How long something takes, by chance.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import { millis, positive, refuse, span } from "../internal/check.ts";
import { fromMillis } from "./quantiles.ts";
import { statistics } from "./statistics.ts";

/** How long something takes, by chance. */
export interface Distribution {
  /** How long on average. */
  readonly mean: Duration.Duration;
  /**
   * How long at least in all but a part `u` of the cases, from 0 up to 1: the inverse of the distribution function. Those of
   * this module throw a `RangeError` for another `u`.
   */
  readonly quantile: (u: number) => Duration.Duration;
}

const { gamma: gammaBy, normal } = statistics;

/**
 * Always the same. Throws a `RangeError` if the value is negative or infinite.
 *
 * @example
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import { strictEqual } from "node:assert/strict";
 *
 * const { quantile } = Workload.constant("2 seconds");
 * strictEqual(Duration.toSeconds(quantile(0.99)), 2);
 * ```
 */
export const constant = (value: Duration.Input): Distribution => {
  const ms = finite("value", value);
  return fromMillis(ms, () => ms);
};

/**
 * Memoryless: how long it has taken says nothing about how long it will. Gaps between arrivals that know nothing of each other
 * are of this kind. Throws a `RangeError` if the mean is not positive and finite.
 *
 * @example
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import { strictEqual } from "node:assert/strict";
 *
 * const { quantile } = Workload.exponential("1 second");
 * strictEqual(Math.round(Duration.toMillis(quantile(0.5))), 693);
 * ```
 */
export const exponential = (mean: Duration.Input): Distribution => {
  const ms = span("mean", mean);
  return fromMillis(ms, (u) => -Math.log1p(-u) * ms);
};

/**
 * Skewed to the long, as most service times are: its logarithm is normal. Given by its middle and by what one in a hundred is
 * above. Throws a `RangeError` if these are not positive and finite, or `p99` is not above `median`.
 *
 * @example
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import { strictEqual } from "node:assert/strict";
 *
 * const service = Workload.lognormal({ median: "300 millis", p99: "3 seconds" });
 * strictEqual(Math.round(Duration.toMillis(service.mean)), 490);
 * ```
 */
export const lognormal = (options: {
  readonly median: Duration.Input;
  readonly p99: Duration.Input;
}): Distribution => {
  const median = span("median", options.median);
  const p99 = span("p99", options.p99);
  if (p99 <= median) refuse("p99", "above median", options.p99);
  const sigma = Math.log(p99 / median) / normal.inv(0.99, 0, 1);
  const mean = median * Math.exp(sigma ** 2 / 2);
  if (mean === Infinity) refuse("p99", "such that the mean is finite", p99);
  return fromMillis(
    mean,
    (u) => u === 0 ? 0 : median * Math.exp(sigma * normal.inv(u, 0, 1)),
  );
};

/**
 * The sum of `shape` exponentials where that is a whole number (Erlang): the larger it is, the less it varies. Throws a
 * `RangeError` if the mean or the shape are not positive and finite.
 *
 * @example
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import { strictEqual } from "node:assert/strict";
 *
 * const { quantile } = Workload.gamma({ mean: "1 second", shape: 4 });
 * strictEqual(Math.round(Duration.toMillis(quantile(0.95))), 1938);
 * ```
 */
export const gamma = (options: {
  readonly mean: Duration.Input;
  readonly shape: number;
}): Distribution => {
  const mean = span("mean", options.mean);
  const shape = positive("shape", options.shape);
  const scale = mean / shape;
  return fromMillis(
    mean,
    (u) =>
      u === 0
        ? 0
        : shape < largeShape
        ? gammaBy.inv(u, shape, scale)
        : scale * nearlyGamma(u, shape),
  );
};

/** From where on the exact quantile takes its time, and the other is as good. */
const largeShape = 10_000;

/** The cube root is nearly normal (Wilson and Hilferty: The Distribution of Chi-Square, PNAS 17, 1931). */
function nearlyGamma(u: number, shape: number): number {
  const part = 1 / (9 * shape);
  return shape * (1 - part + Math.sqrt(part) * normal.inv(u, 0, 1)) ** 3;
}

/**
 * As it was measured: each value as likely as any other. Throws a `RangeError` if there is none, or one is negative.
 *
 * @example
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import { strictEqual } from "node:assert/strict";
 *
 * const { mean, quantile } = Workload.empirical([30, 10, 20]);
 * strictEqual(Duration.toMillis(mean), 20);
 * strictEqual(Duration.toMillis(quantile(0.9)), 30);
 * ```
 */
export const empirical = (
  values: ReadonlyArray<Duration.Input>,
): Distribution => {
  if (values.length === 0) refuse("values", "at least one", "[]");
  const sorted = Float64Array.from(
    values,
    (value, i) => finite(`values[${i}]`, value),
  ).sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return fromMillis(mean, (u) => sorted[Math.floor(u * sorted.length)]!);
};

function finite(option: string, value: Duration.Input): number {
  const ms = millis(option, value);
  return ms < Infinity ? ms : refuse(option, "finite", value);
}
