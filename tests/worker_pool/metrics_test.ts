import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Metric from "effect/Metric";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual } from "node:assert/strict";
import { pool } from "./support.ts";

const shown = Effect.map(
  Metric.snapshot,
  (snapshot) =>
    Object.fromEntries(
      snapshot.map(({ attributes, id, state }) => [
        `${id.replace("weir_pool_", "")} ${attributes?.["pool"]}`,
        "value" in state
          ? state.value
          : "sum" in state
          ? [state.count, state.sum]
          : "count" in state
          ? state.count
          : undefined,
      ]),
    ),
);

testEffect(
  "a pool is in the metrics while its scope is open",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      const { submit } = yield* pool({ workers: 2, name: "mail" });
      yield* submit(Effect.fail("no"));
      for (let n = 0; n < 3; n++) yield* submit(Effect.sleep("2 seconds"));
      const queued = yield* submit(Effect.void);
      yield* TestClock.adjust("1 second");
      yield* queued.cancel;
      deepStrictEqual(yield* shown, {
        "workers mail": 2,
        "pending mail": 1,
        "running mail": 2,
        "completed_total mail": 0,
        "failed_total mail": 1,
        "cancelled_total mail": 1,
        "wait_seconds mail": [3, 0],
      });
      yield* TestClock.adjust("3 seconds");
      const { "wait_seconds mail": waits, "completed_total mail": completed } =
        yield* shown;
      deepStrictEqual([waits, completed], [[4, 2], 3]);
    }).pipe(Effect.scoped);
    deepStrictEqual(yield* shown, {});
  }).pipe(
    Effect.provideServiceEffect(
      Metric.MetricRegistry,
      Effect.sync(() => new Map()),
    ),
  ),
);
