import * as Context from "effect/Context";
import * as Metric from "effect/Metric";
import * as FastCheck from "fast-check";
import { deepStrictEqual } from "node:assert/strict";
import { Histogram, merged, seconds } from "../../src/internal/histogram.ts";

const values = FastCheck.array(
  FastCheck.oneof(
    FastCheck.double({ min: 0, max: 1000, noNaN: true }),
    FastCheck.constantFrom(...seconds),
  ).map((value) => Math.round(value * 1024) / 1024),
);

/** What Effect's own histogram makes of them. */
function oracle(values: ReadonlyArray<number>): Metric.HistogramState {
  const context = Context.make(Metric.MetricRegistry, new Map());
  const histogram = Metric.histogram("oracle", { boundaries: seconds });
  for (const value of values) histogram.updateUnsafe(value, context);
  return histogram.valueUnsafe(context);
}

function recorded(values: ReadonlyArray<number>): Histogram {
  const histogram = new Histogram(seconds);
  for (const value of values) histogram.record(value);
  return histogram;
}

Deno.test("Histogram counts as Effect's does, with zeros that were not recorded", () => {
  FastCheck.assert(
    FastCheck.property(
      values,
      FastCheck.nat({ max: 5 }),
      (values, zeros) =>
        deepStrictEqual(
          recorded(values).state(zeros),
          oracle([...new Array<number>(zeros).fill(0), ...values]),
        ),
    ),
  );
});

Deno.test("merged() is the histogram of both", () => {
  FastCheck.assert(
    FastCheck.property(values, values, (a, b) =>
      deepStrictEqual(
        merged(recorded(a).state(0), recorded(b).state(0)),
        oracle([...a, ...b]),
      )),
  );
});
