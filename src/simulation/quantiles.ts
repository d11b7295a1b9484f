/**
 * Quantiles in milliseconds, without a duration where that is not needed.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import { refuse } from "../internal/check.ts";

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
    quantile: (u: number) =>
      u >= 0 && u < 1
        ? Duration.millis(quantile(u))
        : refuse("u", "a number from 0 up to 1", u),
  };
  inMillis.set(made, quantile);
  return made;
}

/** The quantiles of a distribution, in milliseconds. */
export function millisOf(distribution: Quantiles): Quantile {
  return inMillis.get(distribution) ??
    ((u) => Duration.toMillis(distribution.quantile(u)));
}
