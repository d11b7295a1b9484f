import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as FastCheck from "fast-check";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { chart, perColumn } from "../examples/demo/chart.ts";
import { bar, items, nothing, quantile } from "../examples/demo/ingestion.ts";
import { Counter } from "../examples/demo/upstream.ts";

Deno.test("Counter admits its burst at once, then one each interval", () => {
  const counter = new Counter(10, 21);
  strictEqual(admitted(counter, new Array(50).fill(1000)), 21);
  deepStrictEqual(
    [1099, 1100, 1100, 1199, 1200].map((now) => counter.admit(now)),
    [false, true, false, false, true],
  );
});

Deno.test("Counter admits no more than its burst after a long rest", () => {
  const counter = new Counter(10, 3);
  strictEqual(admitted(counter, new Array(5).fill(0)), 3);
  strictEqual(admitted(counter, new Array(5).fill(60_000)), 3);
});

Deno.test("Counter refuses a pacer's call that is early by jitter, unless it has one to spare", () => {
  const burst = new Array<number>(20).fill(5);
  const paced = [101, 201, 301];
  strictEqual(admitted(new Counter(10, 20), [...burst, ...paced]), 22);
  strictEqual(admitted(new Counter(10, 21), [...burst, ...paced]), 23);
});

testProperty(
  "Counter agrees with a bucket into which a unit flows each interval",
  FastCheck.record({
    burst: FastCheck.integer({ min: 1, max: 25 }),
    gaps: FastCheck.array(FastCheck.integer({ min: 0, max: 300 }), {
      maxLength: 200,
    }),
  }),
  ({ burst, gaps }) =>
    Effect.sync(() => {
      const interval = 100;
      const counter = new Counter(10, burst);
      let inBucket = burst * interval;
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        inBucket = Math.min(burst * interval, inBucket + gap);
        const admits = inBucket >= interval;
        if (admits) inBucket -= interval;
        strictEqual(counter.admit(now), admits, `at ${now} ms`);
      }
    }),
);

Deno.test("perColumn counts by tenths of a second, and leaves out what is off the chart", () => {
  deepStrictEqual(
    perColumn([0, 99.9, 100, 250, -1, 400, 1e9], 4),
    [2, 1, 1, 0],
  );
});

Deno.test("chart draws an eighth of a line for each event, over seconds", () => {
  deepStrictEqual(chart([21, ...new Array(10).fill(1), 0]), [
    "│▅",
    "│█",
    "│█▁▁▁▁▁▁▁▁▁▁",
    "└┬─────────┬─",
    " 0 s       1 s",
  ]);
});

Deno.test("chart cuts off what is too high", () => {
  deepStrictEqual(chart([24, 1000, 0]), [
    "│██",
    "│██",
    "│██",
    "└┬──",
    " 0 s",
  ]);
});

Deno.test("bar draws how far it is, and says what waits", () => {
  const waits = new Array<number>(items / 2).fill(0);
  strictEqual(
    bar({ ...nothing(), produced: items / 2 + 7, waits }, 10),
    "█████░░░░░ 30/60 items, 7 wait",
  );
});

Deno.test("quantile is the smallest value that so many do not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  deepStrictEqual(
    [0.01, 0.5, 0.95, 0.99, 1].map((part) => quantile(hundred, part)),
    [1, 50, 95, 99, 100],
  );
  strictEqual(quantile([], 0.5), 0);
});

function admitted(counter: Counter, moments: readonly number[]): number {
  return moments.filter((now) => counter.admit(now)).length;
}
