/**
 * What is used of a library of statistics that has no types, and how exact its fellow is that keeps quantiles.
 *
 * @module
 */
import jStat from "jstat";

interface Statistics {
  readonly gamma: Inverse;
  readonly normal: Inverse;
  readonly studentt: { readonly inv: (p: number, dof: number) => number };
}

interface Inverse {
  readonly inv: (p: number, a: number, b: number) => number;
}

/** Inverses of distribution functions. */
export const statistics: Statistics = jStat;

/** How far a quantile of what was measured may be from the true one, as a part of it. */
export const relativeAccuracy = 0.001;
