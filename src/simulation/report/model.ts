/**
 * What a report is made of.
 *
 * @module
 */
import type { Counterexample } from "../counterexample.ts";
import type { Result } from "../measures.ts";

/** A horizontal line to compare with, such as what a quota promises. */
export interface Bound {
  /** What it says. */
  readonly label: string;
  /** Where it is, in the unit of the y axis. */
  readonly value: number;
}

/**
 * What to draw: a measure over the settings, or a level or count over time.
 *
 * A measure is named by what the monitor was called and what of it is meant:
 *
 * - of a tally `wait`: `wait.mean`, `wait.p50`, `wait.p95`, `wait.p99`, `wait.max`, `wait.count`;
 * - of a level `pool.pending`: `pool.pending.mean`, `pool.pending.max`;
 * - of a count `lost`: `lost` or `lost.rate`, which is by second, and `lost.peak`;
 * - over time: `pool.pending` or `lost` alone, whose points are means of parts of the time: what is larger for a moment is
 *   not seen there.
 *
 * If a tally and a level share a name, it is the tally's. A count or a level that some setting never saw is 0 there; one that no
 * setting saw is unknown, and refused.
 */
export interface Chart<P> {
  /** Above it. */
  readonly title: string;
  /** What it shows, in words: below the title, and for those who cannot see it. */
  readonly description?: string | undefined;
  /** Results by the name of their policy: a line for each, at most 8 together with several measures. Over time, a single result each. */
  readonly series: Readonly<Record<string, ReadonlyArray<Result<P>>>>;
  /**
   * Where a setting stands on the x axis: numbers along a line, with bands for their intervals; words side by side, with whiskers.
   * Each result of a series has a place of its own. Over time if omitted, of the first replication.
   */
  readonly x?: ((point: P) => number | string) | undefined;
  /** Which measure, or measures of one unit. */
  readonly y: string | ReadonlyArray<string>;
  /** What the axes say, with their units. Time is in seconds if `x` is given, and in a unit that suits it if omitted. */
  readonly labels: { readonly x?: string | undefined; readonly y: string };
  /** Horizontal lines to compare with. */
  readonly bounds?: ReadonlyArray<Bound> | undefined;
  /**
   * The name of a series: draws how far the others are from it, replication by replication, with 95% intervals of the mean
   * difference (Student's t for pairs). That is sharper than to compare two intervals, as the same chance is behind both.
   */
  readonly against?: string | undefined;
  /** Of the y axis; `"linear"`, from 0, if omitted. */
  readonly scale?: "linear" | "log" | undefined;
}

/** How large a picture is. */
export interface SvgOptions {
  /** In pixels: a whole number, at least 320; 760 if omitted. Letters keep their size, so a picture for phones is a narrow one. */
  readonly width?: number | undefined;
}

/** Numbers to show as such. */
export interface Table {
  /** Above it. */
  readonly title: string;
  /** A row for each. */
  readonly results: ReadonlyArray<Result<unknown>>;
  /** A measure for each column, named as in {@linkcode Chart}. */
  readonly columns: ReadonlyArray<string>;
}

/** What stands on a page. `Ps` are the settings of its charts, one after the other. */
export interface Page<Ps extends ReadonlyArray<unknown>> {
  /** Above it, and the name of its window. */
  readonly title: string;
  /** What it shows, in words; an empty line starts another paragraph. */
  readonly summary?: string | undefined;
  /** How it was made, such as `{ seed: 1, horizon: "1 day" }`. */
  readonly parameters?:
    | Readonly<Record<string, string | number | boolean>>
    | undefined;
  /** Charts, each with its numbers below it. */
  readonly charts?: { readonly [I in keyof Ps]: Chart<Ps[I]> } | undefined;
  /** Tables. */
  readonly tables?: ReadonlyArray<Table> | undefined;
  /** Runs that went wrong, each with its timeline. */
  readonly counterexamples?:
    | ReadonlyArray<Counterexample<unknown, unknown>>
    | undefined;
}
