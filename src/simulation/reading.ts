/**
 * Finds a measure by its name.
 *
 * @module
 */
import { refuse } from "../internal/check.ts";
import { estimate } from "./estimate.ts";
import type {
  Estimate,
  Measures,
  Replications,
  Result,
  Series,
} from "./measures.ts";

/** A measure at a setting. */
export interface Reading {
  readonly mean: number;
  /** Half of its interval's width; none if it is no estimate, such as a largest value. */
  readonly halfWidth: number | undefined;
  /** What each replication gave; none if it is no estimate. */
  readonly values: ReadonlyArray<number>;
}

type Finder = (result: Result<unknown>) => Reading;

const ofTally = ["count", "mean", "p50", "p95", "p99"] as const;

/** What a measure is at each of some results, which are not empty. */
export function readMeasure(
  option: string,
  name: string,
  results: ReadonlyArray<Result<unknown>>,
): ReadonlyArray<Reading> {
  const named = results.map(({ measures }) => finders(measures));
  const finder = named.map((known) => known.get(name)).find((found) => found);
  if (finder === undefined) {
    refuseName(option, name, "measures", named.flatMap((k) => [...k.keys()]));
  }
  return results.map(finder);
}

/** How a level or a count goes on over time in each of some results. */
export function readSeries(
  option: string,
  name: string,
  results: ReadonlyArray<Result<unknown>>,
): ReadonlyArray<Series> {
  const known = results.map(({ measures: { counts, levels } }) =>
    new Map<string, Series>(
      [counts, levels].flatMap((some) =>
        Object.entries(some)
          .map(([name, { series }]) => [name, series] as const)
      ),
    )
  );
  if (!known.some((names) => names.has(name))) {
    refuseName(
      option,
      name,
      "levels and counts",
      known.flatMap((names) => [...names.keys()]),
    );
  }
  const found = known.map((names) => names.get(name));
  const end = Math.max(...found.flatMap((s) => s?.at(-1)?.[0] ?? []), 0);
  return found.map((series) => series ?? [[0, 0] as const, [end, 0] as const]);
}

/** All measures by name; of those with the same name, the first. */
function finders(measures: Measures): ReadonlyMap<string, Finder> {
  const found = new Map<string, Finder>();
  const add = (name: string, finder: Finder) => {
    if (!found.has(name)) found.set(name, finder);
  };
  for (const name of Object.keys(measures.counts)) {
    const rate = estimated(({ counts }) => counts[name]?.rate, zeros);
    const peak = known(({ counts }) => counts[name]?.peak, 0);
    add(name, rate);
    add(`${name}.rate`, rate);
    add(`${name}.peak`, peak);
  }
  for (const name of Object.keys(measures.tallies)) {
    for (const part of ofTally) {
      const find = ({ tallies }: Measures) => tallies[name]?.[part];
      add(`${name}.${part}`, estimated(find, part === "count" ? zeros : none));
    }
    add(`${name}.max`, known(({ tallies }) => tallies[name]?.max, NaN));
  }
  for (const name of Object.keys(measures.levels)) {
    add(`${name}.mean`, estimated(({ levels }) => levels[name]?.mean, zeros));
    add(`${name}.max`, known(({ levels }) => levels[name]?.max, 0));
  }
  return found;
}

/** Finds an estimate, or what it is where nobody told of it. */
function estimated(
  find: (from: Measures) => Estimate | undefined,
  unseen: (replications: Replications) => Reading,
): Finder {
  return ({ measures, replications }) => find(measures) ?? unseen(replications);
}

/** Finds a number without an interval, or what it is where nobody told of it. */
function known(
  find: (from: Measures) => number | undefined,
  unseen: number,
): Finder {
  return ({ measures }) => numberOf(find(measures) ?? unseen);
}

function numberOf(mean: number): Reading {
  return { mean, halfWidth: undefined, values: [] };
}

/** Of events, of a level, of how many values there were. */
function zeros({ count }: Replications): Reading {
  return estimate(Array.from({ length: count }, () => 0));
}

/** Of the values themselves. */
function none(): Reading {
  return numberOf(NaN);
}

function refuseName(
  option: string,
  name: string,
  kind: string,
  names: ReadonlyArray<string>,
): never {
  const known = [...new Set(names)].sort().join(", ");
  return refuse(
    option,
    `one of the ${kind} (${known === "" ? "there are none" : known})`,
    name,
  );
}
