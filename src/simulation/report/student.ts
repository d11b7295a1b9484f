/**
 * Where a mean is, by Student's t.
 *
 * @module
 */

/** The 97.5% quantiles of Student's t for 1 to 9 degrees of freedom. */
const few = [
  ...[12.706205, 4.302653, 3.182446, 2.776445, 2.570582],
  ...[2.446912, 2.364624, 2.306004, 2.262157],
];

/** The same of the normal distribution. */
const z = 1.959964;

/** The 97.5% quantile of Student's t, to 5 digits (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5). */
export function tQuantile(degrees: number): number {
  const tabled = few[degrees - 1];
  if (tabled !== undefined) return tabled;
  const [z3, z5, z7, z9] = [z ** 3, z ** 5, z ** 7, z ** 9];
  return z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) /
      (92_160 * degrees ** 4);
}

/** A mean and half its 95% interval: NaN if there is no value, infinite if there is one. */
export function interval(
  values: ReadonlyArray<number>,
): { readonly mean: number; readonly halfWidth: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, halfWidth: Infinity };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (n - 1) / n);
  return { mean, halfWidth: tQuantile(n - 1) * error };
}
