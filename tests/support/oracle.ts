/**
 * What a limit promises, checked by brute force over what was admitted. Knows nothing of the algorithms.
 *
 * @module
 */

/** Something that was admitted, in milliseconds of its clock. */
export interface Admission {
  readonly at: number;
  readonly cost: number;
}

/** The most that may start in any closed interval of `millis`. */
export type Bound = (millis: number) => number;

/** A token bucket: what it holds, and what flows in meanwhile. */
export function bucketBound(rate: number, per: number, burst: number): Bound {
  return (millis) => burst + rate * millis / per;
}

/** A sliding window: a closed interval is covered by so many half-open windows. */
export function slidingBound(limit: number, window: number): Bound {
  return (millis) => limit * (Math.floor(millis / window) + 1);
}

/** A sliding counter: the estimate lets one window more through than an exact one would. */
export function counterBound(limit: number, window: number): Bound {
  return (millis) => limit * (1 + millis / window);
}

/** A fixed window: a closed interval touches so many aligned windows. */
export function fixedBound(limit: number, window: number): Bound {
  return (millis) => limit * (Math.ceil(millis / window) + 1);
}

/** An interval in which too much was admitted. */
export interface Violation {
  readonly from: number;
  readonly to: number;
  readonly admitted: number;
  readonly bound: number;
}

/**
 * The first closed interval between two admissions that holds more than the bound. `slack` is forgiven, relative to the
 * bound; so is the rounding of the clock, which can tell no two moments apart that are closer than its steps.
 */
export function violation(
  admissions: ReadonlyArray<Admission>,
  bound: Bound,
  slack = 0,
): Violation | undefined {
  for (let i = 0; i < admissions.length; i++) {
    let admitted = 0;
    const from = admissions[i]!.at;
    for (let j = i; j < admissions.length; j++) {
      admitted += admissions[j]!.cost;
      const to = admissions[j]!.at;
      if (admissions[j + 1]?.at === to) continue;
      const most = bound(to - from + 2 * step(to));
      if (admitted > most * (1 + slack)) {
        return { from, to, admitted, bound: most };
      }
    }
  }
  return undefined;
}

/** The most that was admitted in any half-open window `[t, t + millis)`. */
export function worst(
  admissions: ReadonlyArray<Admission>,
  millis: number,
): number {
  let most = 0;
  let admitted = 0;
  let first = 0;
  for (const { at, cost } of admissions) {
    admitted += cost;
    while (admissions[first]!.at + millis <= at) {
      admitted -= admissions[first]!.cost;
      first += 1;
    }
    most = Math.max(most, admitted);
  }
  return most;
}

/** The most that was admitted in any aligned window `[n·millis, (n + 1)·millis)`. */
export function worstAligned(
  admissions: ReadonlyArray<Admission>,
  millis: number,
): number {
  const sums = new Map<number, number>();
  for (const { at, cost } of admissions) {
    const index = Math.floor(at / millis);
    sums.set(index, (sums.get(index) ?? 0) + cost);
  }
  return Math.max(0, ...sums.values());
}

/**
 * What a sliding counter must estimate at `now`: the aligned window so far, and the last one as if spread evenly.
 */
export function estimate(
  admissions: ReadonlyArray<Admission>,
  window: number,
  now: number,
): number {
  const index = Math.floor(now / window);
  const passed = now / window - index;
  let sum = 0;
  for (const { at, cost } of admissions) {
    const age = index - Math.floor(at / window);
    sum += age === 0 ? cost : age === 1 ? cost * (1 - passed) : 0;
  }
  return sum;
}

/** The distance from a time to the next one that a number can hold. */
export function step(time: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(1, Math.abs(time)))) - 52);
}
