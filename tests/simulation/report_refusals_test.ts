/**
 * What a report refuses, and what it says then.
 *
 * @module
 */
import * as Report from "@weir/weir/simulation/report";
import { throws } from "node:assert/strict";
import { incident, resultOf, workers } from "../support/simulation/results.ts";

const results = workers([1, 2, 3]);
const chart: Report.Chart<number> = {
  title: "Response time",
  series: { base: results, other: workers([1, 2, 3]) },
  x: (point) => point,
  y: "response.p95",
  labels: { x: "workers", y: "seconds" },
};
const overTime: Report.Chart<unknown> = {
  title: "Jobs",
  series: { one: incident.slice(0, 1) },
  y: "pool.pending",
  labels: { y: "jobs" },
};

const refused: Readonly<
  Record<string, readonly [Report.Chart<number>, RegExp]>
> = {
  "no series": [
    { ...chart, series: {} },
    /"series" .* at least one, was "none"/,
  ],
  "a series without results": [
    { ...chart, series: { base: results, empty: [] } },
    /"series: empty" .* at least one result/,
  ],
  "more lines than can be told apart": [
    {
      ...chart,
      series: Object.fromEntries(
        Array.from({ length: 9 }, (_, i) => [i, results]),
      ),
    },
    /"series" .* at most 8 lines, to tell them apart, was 9/,
  ],
  "series that look the same": [
    { ...chart, series: { "a  b": results, "a b": results } },
    /"series" must be told apart by its names, was "a b"/,
  ],
  "a series without a name": [
    { ...chart, series: { "": results } },
    /"series" must be not empty, was ""/,
  ],
  "no measure": [{ ...chart, y: [] }, /"y" .* at least one measure/],
  "an unknown measure": [
    { ...chart, y: "response.p95.mean" },
    /"y" .* \(lost, lost\.peak, lost\.rate, pool\.pending\.max, .*response\.p99\), was "response\.p95\.mean"/,
  ],
  "a measure that every object has": [
    { ...chart, y: "constructor" },
    /"y" .* was "constructor"/,
  ],
  "a level as such, not over time": [
    { ...chart, y: "pool.pending" },
    /"y" .* was "pool\.pending"/,
  ],
  "an unknown baseline": [
    { ...chart, against: "nobody" },
    /"against" .* one of base, other, was "nobody"/,
  ],
  "a baseline alone": [
    { ...chart, series: { base: results }, against: "base" },
    /"against" .* omitted for a single series/,
  ],
  "a baseline at other points": [
    {
      ...chart,
      series: { base: results, other: workers([1, 2]) },
      against: "base",
    },
    /"series: other" .* at the points that it is compared at, was "1, 2"/,
  ],
  "a baseline of other seeds": [
    {
      ...chart,
      series: {
        base: results,
        other: results.map(({ measures, point }) =>
          resultOf(point, measures, { seed: 2, horizon: 3600 })
        ),
      },
      against: "base",
    },
    /"series: other" must be measured with seed 1, horizon 3600, warmup 0, was "seed 2, horizon 3600, warmup 0"/,
  ],
  "a baseline of what no replication has": [
    { ...chart, y: "response.max", against: "base" },
    /"y" .* an estimate with replications to compare, was "response\.max"/,
  ],
  "a baseline on a log scale": [
    { ...chart, scale: "log", against: "base" },
    /"scale" .* "linear" for differences/,
  ],
  "a place that is no number": [
    { ...chart, x: () => NaN },
    /"x" .* a finite number, was NaN/,
  ],
  "two results in one place": [
    { ...chart, x: () => "here" },
    /"x" .* another for each result of a series, was "here"/,
  ],
  "words and numbers": [
    { ...chart, x: (point) => point === 1 ? "one" : point },
    /"x" .* numbers alone or text alone, was "one, 2, 3/,
  ],
  "a bound that is nowhere": [
    { ...chart, bounds: [{ label: "far", value: Infinity }] },
    /"bounds" .* was Infinity/,
  ],
  "a bound at 0 on a log scale": [
    { ...chart, scale: "log", bounds: [{ label: "none", value: 0 }] },
    /"bounds" .* positive on a log scale, was 0/,
  ],
  "a title without words": [{ ...chart, title: " " }, /"title" .* not empty/],
  "an axis without words": [
    { ...chart, labels: { x: "workers", y: "" } },
    /"labels\.y" .* not empty/,
  ],
  "settings on an axis without words": [
    { ...chart, labels: { y: "seconds" } },
    /"labels\.x" .* not empty/,
  ],
};

for (const [what, [bad, message]] of Object.entries(refused)) {
  Deno.test(`svg() and html() refuse ${what}`, () => {
    throws(() => Report.svg(bad), { name: "RangeError", message });
    throws(() => Report.html({ title: "a", charts: [bad] }), {
      name: "RangeError",
      message,
    });
  });
}

Deno.test("svg() refuses several settings in one line over time, and differences", () => {
  throws(() => Report.svg({ ...overTime, series: { all: incident } }), {
    name: "RangeError",
    message: /"series: all" .* one result over time, was 3/,
  });
  throws(() => Report.svg({ ...overTime, against: "one" }), {
    name: "RangeError",
    message: /"against" .* omitted over time/,
  });
  throws(() => Report.svg({ ...overTime, y: "response.p95" }), {
    name: "RangeError",
    message: /levels and counts \(pool\.pending, served\), was "response\.p95"/,
  });
});

Deno.test("table() refuses no results, no columns and an unknown one", () => {
  throws(() => Report.table([], ["lost"]), /"results" .* at least one result/);
  throws(() => Report.table(results, []), /"columns" .* at least one measure/);
  throws(() => Report.table(results, ["found"]), /"columns" .* was "found"/);
});

Deno.test("json() and table() refuse settings that are no plain data", () => {
  for (const point of [1n, { f: () => 1 }, new Map(), Symbol("a")]) {
    for (
      const report of [
        () => Report.json([resultOf(point, {})]),
        () => Report.table([resultOf(point, {})], ["lost"]),
      ]
    ) {
      throws(report, {
        name: "RangeError",
        message: /"results\[0\].point" must be plain data/,
      });
    }
  }
});
