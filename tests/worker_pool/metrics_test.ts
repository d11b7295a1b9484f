import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual } from "node:assert/strict";
import { alone, shown } from "../support/metrics.ts";
import { pool } from "./support.ts";

const poolsShown = shown("weir_pool_", "pool");

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
      deepStrictEqual(yield* poolsShown, {
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
        yield* poolsShown;
      deepStrictEqual([waits, completed], [[4, 2], 3]);
    }).pipe(Effect.scoped);
    deepStrictEqual(yield* poolsShown, {});
  }).pipe(alone),
);

testEffect(
  "a pool is in the metrics until its last job has ended",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const { submit } = yield* Scope.provide(
      pool({ workers: 1, drain: "1 minute" }),
      scope,
    );
    yield* submit(Effect.sleep("1 second"));
    yield* submit(Effect.sleep("1 second"));
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void));
    yield* TestClock.adjust("1 second");
    const { "completed_total default": completed, "running default": running } =
      yield* poolsShown;
    deepStrictEqual([completed, running], [1, 1]);
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(closing);
    deepStrictEqual(yield* poolsShown, {});
  }).pipe(alone),
);
