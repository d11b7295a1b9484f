/**
 * Charts that are hard to draw: many lines, long names, holes, and numbers of all sizes.
 *
 * @module
 */
import type * as Report from "@weir/weir/simulation/report";
import { lcg } from "../random.ts";
import { estimate } from "../../../src/simulation/estimate.ts";
import { around, resultOf, wave } from "./results.ts";

const random = lcg(5);

type Point = number | string;

function levelOf(
  point: Point,
  values: ReadonlyArray<number>,
  series: Report.Series = [],
): Report.Result<Point> {
  const queue = { mean: estimate(values), max: Math.max(...values), series };
  return resultOf(point, { levels: { queue } }, { count: values.length });
}

const some = (mean: number, deviation = 0.1): ReadonlyArray<number> =>
  around(mean, deviation, 8, random).values;

const disciplines = [
  ...["first in, first out", "last in, first out", "priority"],
  ...["shortest job first with aging and a bound", "processor sharing"],
  ...["weighted fair queueing", "random early drop", "earliest deadline first"],
];

const oddNames = [
  ...["日本語の名前がとても長い場合", "שלום עולם", "<script>alert(1)</script>"],
  ...["emoji 👩‍👩‍👧‍👦 family", "averyveryverylongwordwithoutanyspaceatall", "a"],
];

const chart = (
  title: string,
  series: Report.Chart<Point>["series"],
  more: Partial<Report.Chart<Point>> = {},
): Report.Chart<Point> => ({
  ...{ title, series, x: (point) => point, y: "queue.mean" },
  labels: { x: "setting", y: "jobs in the queue" },
  ...more,
});

const long = Array.from(
  { length: 30 },
  (_, i) => levelOf(`the policy number ${i} that has a name`, some(i + 1)),
);
const odd = oddNames.map((name, i) => levelOf(name, some(i + 1)));

/** Charts that are hard to draw. */
export const hardCharts: ReadonlyArray<Report.Chart<Point>> = [
  chart(
    "Eight lines",
    Object.fromEntries(disciplines.map((name, i) => [
      name,
      [1, 2, 4, 8, 16, 32].map((n) => levelOf(n, some((i + 1) * 3 / n + i))),
    ])),
  ),
  chart("Holes, and an interval without end", {
    "a policy": [1, 2, 3, 4, 5, 6].map((n) =>
      levelOf(n, n === 2 ? [NaN] : n === 4 ? [4, NaN] : some(n, 0.3))
    ),
  }),
  chart("Thirty policies between two bounds", { "a policy": long }, {
    bounds: [
      { label: "a bound with a label that goes on and on and on", value: 12 },
      { label: "near", value: 13 },
    ],
  }),
  chart(`Odd "<b>names</b>" & ${"a long title ".repeat(12)}`, { odd }, {
    description: "What is <i>odd</i> & what is not.",
    y: ["queue.mean", "queue.max"],
    labels: { x: "who & what", y: "jobs <of> work" },
  }),
  chart("A difference", {
    odd,
    even: odd.toReversed().map((one, i) => ({
      ...one,
      point: oddNames[i] ?? "",
    })),
  }, { against: "odd" }),
  chart("Millions", {
    "a policy": [1, 2, 3].map((n) => levelOf(n * 12_500, some(n * 1e6))),
  }),
  chart("Many numbers", {
    "a policy": Array.from(
      { length: 20 },
      (_, i) => levelOf(1000 + 37 * i, some(i)),
    ),
  }),
  chart("Millionths", {
    "a policy": [1, 2, 3].map((n) => levelOf(n / 1000, some(n * 1e-6))),
  }),
  chart("Below 0", {
    "a policy": [1, 2, 3].map((n) => levelOf(n, some(n).map((v) => -v))),
  }),
  chart("A log scale", {
    "a policy": [0, 1, 2, 3].map((n) => levelOf(n, some(n * 7, 0.9))),
  }, { scale: "log" }),
  {
    title: "Days with a gap and a spike",
    series: {
      level: [
        levelOf(
          "days",
          [1],
          wave(
            300_000,
            5000,
            (t) =>
              t > 1e5 && t < 1.4e5
                ? NaN
                : Math.abs(t - 2e5) < 40
                ? 900
                : 20 + 20 * Math.sin(t / 9000),
          ),
        ),
      ],
    },
    y: "queue",
    labels: { y: "jobs" },
  },
];
