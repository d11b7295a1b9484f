/**
 * Quantiles in milliseconds, without a duration where that is not needed.
 *
 * @module
 */
import * as Duration from "effect/Duration";

type Quantile = (u: number) => number;

interface Quantiles {
  readonly quantile: (u: number) => Duration.Duration;
}

const inMillis = new WeakMap<Quantiles, Quantile>();

/** A distribution, made of its mean and its quantiles in milliseconds. */
export function fromMillis(
  mean: number,
  quantile: Quantile,
): Quantiles & { readonly mean: Duration.Duration } {
  const made = {
    mean: Duration.millis(mean),
    quantile: (u: number) => Duration.millis(quantile(u)),
  };
  inMillis.set(made, quantile);
  return made;
}

/** The quantiles of a distribution, in milliseconds. */
export function millisOf(distribution: Quantiles): Quantile {
  return inMillis.get(distribution) ??
    ((u) => Duration.toMillis(distribution.quantile(u)));
}
