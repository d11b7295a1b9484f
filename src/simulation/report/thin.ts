/**
 * Leaves out points that would not be seen.
 *
 * @module
 */
/** A point that may have no value. */
interface Point {
  readonly x: number;
  /** NaN where there is none. */
  readonly y: number;
}

/**
 * At most so many points: the first and last, and the least and largest of each part of the time, so that no spike is lost.
 * A part without a value keeps a point that has none.
 */
export function thin<A extends Point>(
  series: ReadonlyArray<A>,
  most: number,
): ReadonlyArray<A> {
  if (series.length <= most) return series;
  const parts = Math.max(1, Math.floor(most / 2) - 1);
  const inner = series.slice(1, -1);
  const kept = Array.from({ length: parts }, (_, i) => {
    const from = Math.floor(i * inner.length / parts);
    const part = inner.slice(
      from,
      Math.floor((i + 1) * inner.length / parts),
    );
    return leastAndLargest(part);
  });
  return [...series.slice(0, 1), ...kept.flat(), ...series.slice(-1)];
}

function leastAndLargest<A extends Point>(
  part: ReadonlyArray<A>,
): ReadonlyArray<A> {
  const valued = part.filter(({ y }) => !Number.isNaN(y));
  if (valued.length === 0) return part.slice(0, 1);
  let [least, largest] = [0, 0];
  for (const [i, { y }] of valued.entries()) {
    if (y < (valued[least]?.y ?? NaN)) least = i;
    if (y > (valued[largest]?.y ?? NaN)) largest = i;
  }
  return [...new Set([least, largest])].sort((a, b) => a - b)
    .flatMap((i) => valued.slice(i, i + 1));
}
