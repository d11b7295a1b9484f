/**
 * Scores of queues as rows.
 *
 * @module
 */
import {
  atLeast,
  median,
  ratio,
  type Row,
  type Scores,
  shown,
} from "../report.ts";

/** The median of each in a second, and whether it is what it should be. */
export function figures(
  scores: Scores<string>,
  targets: Readonly<Record<string, number>> = {},
): ReadonlyArray<Row> {
  return Object.entries(scores).map(([name, score]) => {
    const target = targets[name];
    return target === undefined
      ? shown(name, median(score), "/s")
      : atLeast(target, name, median(score), "/s");
  });
}

/** How often as much one does as the other, of each pair that took part. */
export function besides(
  scores: Scores<string>,
  pairs: ReadonlyArray<readonly [ours: string, theirs: string]>,
): ReadonlyArray<Row> {
  return pairs.flatMap(([ours, theirs]) => {
    const [a, b] = [scores[ours], scores[theirs]];
    return a === undefined || b === undefined
      ? []
      : [shown(`${ours} ÷ ${theirs}`, ratio(a, b), "×")];
  });
}
