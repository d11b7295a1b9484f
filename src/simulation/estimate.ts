/**
 * What replications say together.
 *
 * @module
 */
import * as Arr from "effect/Array";
import { refuse } from "../internal/check.ts";
import type { Sample } from "./collector.ts";
import type { Estimate, Measures, Replications, Series } from "./measures.ts";
import type { TallySample } from "./records.ts";
import { relativeAccuracy, statistics } from "./statistics.ts";

/** The mean of what replications gave, with its interval of 95%, by Student's t. */
export function estimate(values: ReadonlyArray<number>): Estimate {
  const present = values.filter((value) => !Number.isNaN(value));
  const n = present.length;
  const mean = present.reduce((sum, value) => sum + value, 0) / n;
  const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const halfWidth = n < 2
    ? Infinity
    : statistics.studentt.inv(0.975, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { mean, halfWidth, values };
}

/** How much more the ones are than the others, replication by replication, as far as both have them. */
export function paired(
  ones: ReadonlyArray<number>,
  others: ReadonlyArray<number>,
): Estimate {
  return estimate(Arr.zipWith(ones, others, (one, other) => one - other));
}

/** Refuses to pair replications that have not the same chance, or not the same time, behind them. */
export function alike(
  option: string,
  one: Replications,
  other: Replications,
): void {
  const names = ["seed", "horizon", "warmup"] as const;
  const of = (some: Replications) =>
    names.map((name) => `${name} ${some[name]}`).join(", ");
  if (of(one) !== of(other)) {
    refuse(option, `measured with ${of(one)}`, of(other));
  }
}

/** What replications measured, in their order. */
export function measuresOf(samples: ReadonlyArray<Sample>): Measures {
  const nothing: Series = [[0, 0], [samples[0]?.seconds ?? 0, 0]];
  return {
    tallies: each(samples.map(({ tallies }) => tallies), (all) => {
      const of = (f: (tally: TallySample) => number) =>
        estimate(all.map((tally) => tally === undefined ? NaN : f(tally)));
      return {
        count: estimate(all.map((tally) => tally?.count ?? 0)),
        mean: of(({ mean }) => mean),
        p50: rough(of(({ p50 }) => p50)),
        p95: rough(of(({ p95 }) => p95)),
        p99: rough(of(({ p99 }) => p99)),
        max: most(all.map((tally) => tally?.max)),
      };
    }),
    levels: each(samples.map(({ levels }) => levels), (all) => ({
      mean: estimate(all.map((level) => level?.mean ?? 0)),
      max: most(all.map((level) => level?.max ?? 0)),
      series: all[0]?.series ?? nothing,
    })),
    counts: each(samples.map(({ counts }) => counts), (all) => ({
      rate: estimate(all.map((count) => count?.rate ?? 0)),
      peak: most(all.map((count) => count?.peak ?? 0)),
      series: all[0]?.series ?? nothing,
    })),
  };
}

/** With room for how far each value may be from the true one. */
function rough({ halfWidth, mean, values }: Estimate): Estimate {
  const room = relativeAccuracy * Math.abs(mean);
  return { mean, halfWidth: halfWidth + room, values };
}

/** The largest of those that there are. */
function most(values: ReadonlyArray<number | undefined>): number {
  return values.reduce<number>(
    (most, value = NaN) => Number.isNaN(most) || value > most ? value : most,
    NaN,
  );
}

/** By name, what each of the records has of it. */
function each<A, B>(
  records: ReadonlyArray<Readonly<Record<string, A>>>,
  f: (all: ReadonlyArray<A | undefined>) => B,
): Record<string, B> {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return Object.fromEntries(
    [...names].sort().map((name) => [
      name,
      f(records.map((record) =>
        Object.hasOwn(record, name) ? record[name] : undefined
      )),
    ]),
  );
}
