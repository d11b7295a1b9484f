/**
 * Numbers as text.
 *
 * @module
 */
import * as Report from "@weir/weir/simulation/report";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import stringWidth from "string-width";
import {
  formatEstimate,
  formatNumber,
  formatTick,
  formatTicks,
} from "../../src/simulation/report/numbers.ts";
import { estimate } from "../../src/simulation/estimate.ts";
import { incident, resultOf, workers } from "../support/simulation/results.ts";

const gauge = <P>(point: P, values: ReadonlyArray<number>) =>
  resultOf(point, {
    levels: { q: { mean: estimate(values), max: 3, series: [] } },
  });

Deno.test("table() has a row a setting, aligned by what is seen", () => {
  const results = [
    gauge("日本語", [1, 2, 3]),
    gauge("plain and long", [NaN, NaN]),
    gauge("one", [12_345]),
  ];
  strictEqual(
    Report.table(results, ["q.mean", "q.max"]),
    [
      "setting             q.mean  q.max",
      "──────────────  ──────────  ─────",
      "日本語           2.0 ± 2.5      3",
      "plain and long           –      3",
      "one             12,345 ± ∞      3",
    ].join("\n"),
  );
});

Deno.test("table() has a column for each property of a setting", () => {
  const [head = "", rule = "", ...rows] = Report.table(incident, ["served"])
    .split("\n");
  deepStrictEqual(
    head.split(/ {2,}/),
    ["name", "capacity", "retries", "served"],
  );
  strictEqual(rows.length, 3);
  for (const row of rows) strictEqual(stringWidth(row), rule.length);
});

Deno.test("table() says nothing to the terminal but its text", () => {
  const table = Report.table(
    [gauge("\x1b[31mred\x1b[0m\r\nnext\tcell\u009b1m\u202e\u2066", [1, 2])],
    ["q.mean"],
  );
  ok(
    // deno-lint-ignore no-control-regex
    !/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(table),
    JSON.stringify(table),
  );
  strictEqual(table.split("\n").length, 3);
});

Deno.test("table() has all digits of settings", () => {
  const settings = [1234567890, 1234567891, 0.12341, -5, 9999];
  const rows = Report.table(
    settings.map((point) => gauge(point, [1, 2])),
    ["q.max"],
  ).split("\n").slice(2);
  deepStrictEqual(
    rows.map((row) => row.trim().split(/\s+/)[0]),
    ["1234567890", "1234567891", "0.12341", "−5", "9,999"],
  );
});

Deno.test("table() has 0 for a peak that a setting never saw, without an interval", () => {
  const lost = {
    rate: estimate([1, 2]),
    peak: 9,
    series: [],
  };
  const rows = Report.table([
    resultOf(1, { counts: { lost } }),
    gauge(2, [1, 2]),
  ], ["lost.peak"]).split("\n").slice(2);
  deepStrictEqual(rows.map((row) => row.trim().split(/\s{2,}/)), [
    ["1", "9"],
    ["2", "0"],
  ]);
});

Deno.test("json() parses back, with null where JSON has no number", () => {
  const results = [
    ...workers([1, 2]).map((result) => ({ ...result, point: { n: 1 } })),
    { ...gauge(3, [4]), point: { n: 3 } },
  ];
  const back: unknown = JSON.parse(Report.json(results));
  deepStrictEqual(
    back,
    results.map(({ measures, point, replications }) => ({
      point,
      replications,
      measures: JSON.parse(
        JSON.stringify(
          measures,
          (_, value) => Object.is(value, Infinity) ? null : value,
        ),
      ),
    })),
  );
  ok(Report.json(results).includes('"halfWidth":null'));
});

Deno.test("formatEstimate() shows the mean to two digits of its interval", () => {
  const shown = [
    [1.23456, 0.0567],
    [12_345.6, 230.4],
    [0.5, 0],
    [13.33, 5e-15],
    [3, Infinity],
    [NaN, Infinity],
    [-0.004, 0.13],
    [2e-7, 3e-8],
    [3e-5, 0.12],
    [1e12, 2],
    [1, NaN],
  ].map(([mean = NaN, halfWidth]) => formatEstimate({ mean, halfWidth }));
  deepStrictEqual(shown, [
    ...["1.235 ± 0.057", "12,346 ± 230", "0.5 ± 0", "13.33 ± 0", "3 ± ∞", "–"],
    ...["0.00 ± 0.13", "2e−7 ± 3e−8", "0.00 ± 0.12"],
    ...["1,000,000,000,000.0 ± 2.0", "1 ± –"],
  ]);
});

Deno.test("formatTicks() writes each tick to the same decimals, and a 0 as such", () => {
  deepStrictEqual(formatTicks([0, 0.5, 1], 0.5), ["0", "0.5", "1.0"]);
  deepStrictEqual(formatTicks([0, 0.25], 0.25), ["0", "0.25"]);
  deepStrictEqual(formatTicks([0, 5000], 5000), ["0", "5,000"]);
  deepStrictEqual(formatTicks([-5000, 0, 10_000], 5000), ["−5k", "0", "10k"]);
  deepStrictEqual(formatTicks([1e6, 1.5e6], 5e5), ["1.0M", "1.5M"]);
  deepStrictEqual([0.001, 1, 12_500, 1e6].map(formatTick), [
    ...["0.001", "1", "12.5k", "1M"],
  ]);
});

Deno.test("formatNumber() is short, and grouped", () => {
  deepStrictEqual(
    [0, 0.123456, 1234567, 1e12, -3.5, -Infinity].map((n) => formatNumber(n)),
    ["0", "0.1235", "1,234,567", "1e+12", "−3.5", "−∞"],
  );
});
