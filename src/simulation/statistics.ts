/**
 * What is used of a library of statistics that has no types.
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
