/**
 * What a simulation showed, for people: a table in the terminal, charts, and a page in one file. All is text, the same bytes for
 * the same numbers; nothing is read or written.
 *
 * ```ts
 * import * as Report from "@weir/weir/simulation/report";
 *
 * const chart = (results: ReadonlyArray<Report.Result<number>>) =>
 *   Report.svg({
 *     title: "Response time",
 *     series: { "a day of traffic": results },
 *     x: (workers) => workers,
 *     y: ["response.p50", "response.p99"],
 *     labels: { x: "workers", y: "seconds" },
 *   });
 * ```
 *
 * @module
 */
import { plain, whole } from "../internal/check.ts";
import type { Result } from "./measures.ts";
import { draw } from "./report/draw.ts";
import { readFigure } from "./report/figure.ts";
import { gridOfResults, printGrid } from "./report/grid.ts";
import type { Chart, Page, SvgOptions } from "./report/model.ts";
import { writePage } from "./report/page.ts";
import { style } from "./report/style.ts";

export type * from "./measures.ts";
export type * from "./report/model.ts";

/**
 * A table for the terminal: a row for each setting, a column for each measure, named as in {@linkcode Chart}. Estimates are
 * shown with half of their 95% interval, to two digits of it; `–` is where there was nothing to measure. The settings' own
 * columns come first, one for each property if they are objects. Throws a `RangeError` if there is no result, or a measure is
 * unknown.
 *
 * @example
 * ```ts
 * import * as Report from "@weir/weir/simulation/report";
 * import { strictEqual } from "node:assert/strict";
 *
 * const results = [1, 2].map((workers) => ({
 *   point: workers,
 *   replications: { count: 10, seed: 1, horizon: 60, warmup: 0 },
 *   measures: {
 *     tallies: {},
 *     levels: {},
 *     counts: {
 *       lost: {
 *         rate: { mean: 3 / workers, halfWidth: 0.12, values: [] },
 *         peak: 9,
 *         series: [],
 *       },
 *     },
 *   },
 * }));
 *
 * strictEqual(
 *   Report.table(results, ["lost", "lost.peak"]),
 *   `setting         lost  lost.peak
 * ───────  ───────────  ─────────
 *       1  3.00 ± 0.12          9
 *       2  1.50 ± 0.12          9`,
 * );
 * ```
 */
export const table = <P>(
  results: ReadonlyArray<Result<P>>,
  columns: ReadonlyArray<string>,
): string => printGrid(gridOfResults(results, columns));

/**
 * All numbers as JSON, as `Result` has them. JSON has no NaN and no infinity: both are `null`, as means that nothing was
 * measured for, and half widths of less than two replications. Throws a `RangeError` if a setting is no plain data.
 *
 * @example
 * ```ts
 * import * as Report from "@weir/weir/simulation/report";
 * import { strictEqual } from "node:assert/strict";
 *
 * const replications = { count: 10, seed: 1, horizon: 60, warmup: 0 };
 * const measures = { tallies: {}, levels: {}, counts: {} };
 * strictEqual(
 *   Report.json([{ point: "bounded", replications, measures }]),
 *   '[{"point":"bounded",' +
 *     '"replications":{"count":10,"seed":1,"horizon":60,"warmup":0},' +
 *     '"measures":{"tallies":{},"levels":{},"counts":{}}}]',
 * );
 * ```
 */
export const json = <P>(results: ReadonlyArray<Result<P>>): string => {
  results.forEach(({ point }, i) => plain(`results[${i}].point`, point));
  return JSON.stringify(results);
};

/**
 * A chart as an SVG file, light or dark as the reader has it. Its style comes with it, so that it stands
 * alone or in an `<img>`; a screen reader tells its title and its numbers. Throws a `RangeError` that names the option that is bad.
 *
 * - Numbers along the x axis: a line for each series, and a band for the 95% intervals.
 * - Words along the x axis: a dot for each series, and a whisker for the 95% interval.
 * - Over time: a line for each series. A point is the mean of the time until the next one; a note says how long that is, if it
 *   is the same for all. Of more than 500 points, the least and largest of each part of the time are drawn. The warm-up is
 *   shaded.
 *
 * The y axis starts at 0, unless it is logarithmic. A value that was not measured is a gap, an interval without end has arrows,
 * and both are said in words below. An interval of what is never below 0 is cut there.
 *
 * @example
 * ```ts
 * import * as Report from "@weir/weir/simulation/report";
 * import { match } from "node:assert/strict";
 *
 * const measures = {
 *   tallies: {},
 *   levels: {
 *     "pool.pending": {
 *       mean: { mean: 3, halfWidth: 0.5, values: [2.8, 3.2] },
 *       max: 7,
 *       series: [[0, 1], [60, 5], [120, 3]] as const,
 *     },
 *   },
 *   counts: {},
 * };
 *
 * const replications = { count: 2, seed: 1, horizon: 180, warmup: 60 };
 *
 * const svg = Report.svg({
 *   title: "Jobs in the queue",
 *   series: { "two workers": [{ point: 2, replications, measures }] },
 *   y: "pool.pending",
 *   labels: { y: "jobs" },
 *   bounds: [{ label: "capacity", value: 8 }],
 * });
 * match(svg, /<title>Jobs in the queue<\/title>/);
 * ```
 */
export const svg = <P>(
  chart: Chart<P>,
  { width = 760 }: SvgOptions = {},
): string =>
  draw(readFigure(chart), {
    ...{ width: whole("width", width, 320), isWhole: true },
    height: width < 600 ? 240 : 320,
    attributes: ` xmlns="http://www.w3.org/2000/svg"`,
    start: `<style>${style}</style>`,
  });

/**
 * A page in one file, without script: charts, each with its numbers below it, tables, and runs that went wrong, with a lane for
 * each fiber. Light and dark, on wide and narrow screens and on paper. Each chart may have settings of its own. Throws a
 * `RangeError` that names the option that is bad.
 *
 * @example
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Report from "@weir/weir/simulation/report";
 * import * as Effect from "effect/Effect";
 * import { match } from "node:assert/strict";
 *
 * const sick = Effect.flip(Simulation.check(Effect.never));
 *
 * const page = Report.html({
 *   title: "What went wrong",
 *   parameters: { seed: 1 },
 *   counterexamples: [await Effect.runPromise(sick)],
 * });
 * match(page, /a deadlock/);
 * ```
 */
export const html = <const Ps extends ReadonlyArray<unknown>>(
  page: Page<Ps>,
): string => writePage(page);
