/**
 * What a limit promises, checked by brute force over what was admitted. Knows nothing of the algorithms.
 *
 * @module
 */

/** Something that was admitted, in milliseconds of its clock. */
export interface Admission {
  readonly at: number;
  readonly cost: number;
  /** It was charged without asking: what it breaks is not the limit's fault, what is admitted on top of it is. */
  readonly forced?: boolean;
}

/** The numbers of a limit. */
export type Limit =
  | {
    readonly _tag: "TokenBucket";
    readonly rate: number;
    readonly perMillis: number;
    readonly burst: number;
  }
  | {
    readonly _tag: "SlidingWindow" | "SlidingCounter" | "FixedWindow";
    readonly limit: number;
    readonly windowMillis: number;
  };

/** An interval in which too much was admitted. */
export interface Violation {
  readonly from: number;
  readonly to: number;
  readonly admitted: number;
  readonly bound: number;
}

/** The most that may be admitted in any closed interval of `millis`, by the definition of each limit. */
export function bound(limit: Limit, millis: number): number {
  switch (limit._tag) {
    case "TokenBucket":
      return limit.burst + limit.rate * millis / limit.perMillis;
    case "SlidingWindow":
      return limit.limit * (Math.floor(millis / limit.windowMillis) + 1);
    case "SlidingCounter":
      return limit.limit * (1 + millis / limit.windowMillis);
    case "FixedWindow":
      return limit.limit * (Math.ceil(millis / limit.windowMillis) + 1);
  }
}

/**
 * Where the admissions, in the order of their time, broke the limit. Buckets and counters may round by a millionth;
 * windows count whole costs and may not.
 */
export function violation(
  limit: Limit,
  admissions: ReadonlyArray<Admission>,
): Violation | undefined {
  switch (limit._tag) {
    case "TokenBucket":
      return crowded(admissions, (millis) => bound(limit, millis) * slack);
    case "SlidingWindow":
      return crowdedWindow(admissions, limit.windowMillis, limit.limit) ??
        crowded(unforced(admissions), (millis) => bound(limit, millis));
    case "SlidingCounter":
      return overestimated(admissions, limit.windowMillis, limit.limit) ??
        crowded(
          unforced(admissions),
          (millis) => bound(limit, millis) * slack,
        );
    case "FixedWindow":
      return crowdedInside(admissions, limit.windowMillis, limit.limit) ??
        crowded(unforced(admissions), (millis) => bound(limit, millis));
  }
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

/** The distance from a time to the next one that a number can hold. */
export function step(time: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(1, Math.abs(time)))) - 52);
}

const slack = 1 + 1e-6;

function unforced(
  admissions: ReadonlyArray<Admission>,
): ReadonlyArray<Admission> {
  return admissions.filter(({ forced }) => !forced);
}

/** Every closed interval between two admissions, by a clock whose every reading was rounded. */
function crowded(
  admissions: ReadonlyArray<Admission>,
  most: (millis: number) => number,
): Violation | undefined {
  for (let i = 0; i < admissions.length; i++) {
    let admitted = 0;
    const from = admissions[i]!.at;
    for (let j = i; j < admissions.length; j++) {
      const { at: to, cost, forced } = admissions[j]!;
      admitted += cost;
      const bound = most(
        to === from ? 0 : to - from + (4 + j - i) * step(to),
      );
      if (!forced && admitted > bound) return { from, to, admitted, bound };
    }
  }
  return undefined;
}

/** The half-open window that ends with each admission. */
function crowdedWindow(
  admissions: ReadonlyArray<Admission>,
  window: number,
  bound: number,
): Violation | undefined {
  for (let j = 0; j < admissions.length; j++) {
    const { at: to, forced } = admissions[j]!;
    if (forced) continue;
    let admitted = 0;
    let from = to;
    for (let i = j; i >= 0 && admissions[i]!.at + window > to; i--) {
      admitted += admissions[i]!.cost;
      from = admissions[i]!.at;
    }
    if (admitted > bound) return { from, to, admitted, bound };
  }
  return undefined;
}

/** Every aligned window. */
function crowdedInside(
  admissions: ReadonlyArray<Admission>,
  window: number,
  bound: number,
): Violation | undefined {
  const sums = new Map<number, number>();
  for (const { at, cost, forced } of admissions) {
    const [index = 0, other] = indices(at, window);
    if (other !== undefined) continue;
    const admitted = (sums.get(index) ?? 0) + cost;
    sums.set(index, admitted);
    if (!forced && admitted > bound) {
      return { from: index * window, to: at, admitted, bound };
    }
  }
  return undefined;
}

/** What a sliding counter must estimate at each admission: this aligned window, and the last as if spread evenly. */
function overestimated(
  admissions: ReadonlyArray<Admission>,
  window: number,
  bound: number,
): Violation | undefined {
  for (let j = 0; j < admissions.length; j++) {
    const { at: to, forced } = admissions[j]!;
    if (forced) continue;
    const admitted = Math.min(
      ...indices(to, window).map((index) =>
        estimate(admissions.slice(0, j + 1), window, to, index)
      ),
    );
    if (admitted > bound * slack) {
      return { from: to - window, to, admitted, bound };
    }
  }
  return undefined;
}

function estimate(
  admissions: ReadonlyArray<Admission>,
  window: number,
  now: number,
  index: number,
): number {
  const passed = now / window - index + 4 * step(now) / window;
  let sum = 0;
  for (const { at, cost } of admissions) {
    const age = index - Math.min(...indices(at, window));
    if (age === 0) sum += cost;
    if (age === 1) sum += cost * Math.max(0, 1 - passed);
  }
  return sum;
}

/** The aligned windows that a time lies in: two where rounding puts it on either side of an edge. */
function indices(at: number, window: number): ReadonlyArray<number> {
  const index = Math.floor(at / window);
  if (index * window > at) return [index - 1, index];
  return (index + 1) * window <= at ? [index, index + 1] : [index];
}
