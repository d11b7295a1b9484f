/**
 * Values of lines, and how far lines are from each other.
 *
 * @module
 */
import { refuse } from "../../internal/check.ts";
import { paired } from "../estimate.ts";

/** A value of a line. */
export interface Dot {
  /** A number, or the place of a name in those of the figure. */
  readonly x: number;
  /** NaN where there is none. */
  readonly y: number;
  /** Half of its interval's width; none if it has no interval. */
  readonly halfWidth: number | undefined;
  /** How many replications it is made of; 0 if it is no estimate. */
  readonly replications: number;
}

/** A value of a line, and what each replication gave. */
interface Valued {
  readonly x: number;
  readonly values: ReadonlyArray<number>;
}

/** Where one line is from another, replication by replication, as far as both have them. */
export function differ(
  option: string,
  line: ReadonlyArray<Valued>,
  base: ReadonlyArray<Valued>,
  measure: string,
  names: ReadonlyArray<string>,
): ReadonlyArray<Dot> {
  const show = (some: ReadonlyArray<Valued>) =>
    some.map(({ x }) => names[x] ?? x).join(", ");
  if (show(line) !== show(base)) {
    refuse(option, `at the points that it is compared at`, show(line));
  }
  return line.map(({ values, x }, i) => {
    const others = base[i]?.values ?? [];
    if (values.length === 0 && others.length === 0) {
      refuse("y", "an estimate with replications to compare", measure);
    }
    const { halfWidth, mean, values: all } = paired(values, others);
    const replications = all.filter((value) => !Number.isNaN(value)).length;
    return { x, y: mean, halfWidth, replications };
  });
}
