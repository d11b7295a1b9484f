import { Batch, Limiter, Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { aWhile, start, sweepTest } from "../support/interrupt_sweep.ts";
import { alone, monitored, shown } from "../support/metrics.ts";

/** What is gathered has no name. */
const gathered = shown("weir_batch_", "name");

const of = (
  pending: number,
  running: number,
  waits: readonly [number, number],
) => ({
  "pending undefined": pending,
  "running undefined": running,
  "wait_seconds undefined": waits,
});

const all = { concurrency: "unbounded" } as const;

/** Answers after some time. */
const answer = (requests: ReadonlyArray<number>) =>
  Effect.delay(Effect.succeed(requests), "10 seconds");

testEffect(
  "requests that are gathered are in the metrics while the scope is open, those without room too",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      const ask = yield* Batch.gather(answer, {
        batchSize: 2,
        capacity: 2,
        within: "1 second",
      });
      deepStrictEqual(yield* gathered, of(0, 0, [0, 0]));
      const first = yield* Effect.forkChild(ask(0));
      yield* TestClock.adjust("500 millis");
      deepStrictEqual(yield* gathered, of(1, 0, [0, 0]));
      yield* TestClock.adjust("500 millis");
      deepStrictEqual(yield* gathered, of(0, 1, [1, 1]));
      const more = yield* Effect.forkChild(
        Effect.forEach([1, 2, 3, 4], ask, all),
      );
      yield* TestClock.adjust("1 second");
      deepStrictEqual(yield* gathered, of(4, 1, [1, 1]));
      yield* TestClock.adjust("9 seconds");
      yield* Fiber.join(first);
      deepStrictEqual(yield* gathered, of(2, 1, [3, 21]));
      yield* TestClock.adjust("20 seconds");
      yield* Fiber.join(more);
      deepStrictEqual(yield* gathered, of(0, 0, [5, 61]));
    }).pipe(Effect.scoped);
    deepStrictEqual(yield* gathered, {});
  }).pipe(Effect.provide(Limiter.layerUnlimited), alone),
);

testEffect(
  "a batch that waits for the limiter runs, and its requests wait; each counts, also of one key",
  Effect.gen(function* () {
    const { acquire } = yield* Limiter.Limiter;
    yield* acquire();
    const ask = yield* Batch.gather(answer, { within: 0, key: String });
    const asked = yield* Effect.forkChild(
      Effect.forEach([1, 1, 2], ask, all),
    );
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* gathered, of(3, 1, [0, 0]));
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* gathered, of(0, 1, [3, 6]));
    yield* TestClock.adjust("10 seconds");
    yield* Fiber.join(asked);
    deepStrictEqual(yield* gathered, of(0, 0, [3, 6]));
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Limiter.layer(Quota.slidingWindow({ limit: 1, window: "2 seconds" })),
    ),
    alone,
  ),
);

testEffect(
  "all that is gathered is one series, in which a batch stays until it has ended, also where its scope is closed",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const slow = (requests: ReadonlyArray<number>) =>
      Effect.uninterruptible(answer(requests));
    const one = yield* Batch.gather(slow, { within: 0 }).pipe(
      Scope.provide(scope),
    );
    const other = yield* Batch.gather(answer, { within: "1 minute" });
    yield* Effect.forkChild(one(1));
    yield* Effect.forkChild(other(2));
    yield* TestClock.adjust("1 second");
    yield* Effect.forkChild(one(3));
    yield* Effect.yieldNow;
    deepStrictEqual(yield* gathered, of(2, 1, [1, 0]));
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void));
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* gathered, of(1, 1, [1, 0]));
    yield* TestClock.adjust("9 seconds");
    yield* Fiber.join(closing);
    deepStrictEqual(yield* gathered, of(1, 0, [1, 0]));
  }).pipe(Effect.scoped, Effect.provide(Limiter.layerUnlimited), alone),
);

testEffect(
  "a request that is interrupted waits no more in the metrics, in a batch or without room for it",
  Effect.gen(function* () {
    const ask = yield* Batch.gather(answer, {
      capacity: 1,
      within: 0,
      key: String,
    });
    const running = yield* Effect.forkChild(ask(1));
    yield* TestClock.adjust("1 second");
    const waiting = [];
    for (const request of [2, 2, 3]) {
      waiting.push(yield* Effect.forkChild(ask(request)));
    }
    yield* Effect.yieldNow;
    deepStrictEqual(yield* gathered, of(3, 1, [1, 0]));
    for (const left of [2, 1, 0]) {
      yield* Fiber.interrupt(waiting.pop()!);
      deepStrictEqual(yield* gathered, of(left, 1, [1, 0]));
    }
    yield* Fiber.interrupt(running);
    deepStrictEqual(yield* gathered, of(0, 0, [1, 0]));
  }).pipe(Effect.scoped, Effect.provide(Limiter.layerUnlimited), alone),
);

sweepTest(
  "nobody waits in the metrics who was interrupted, wherever that was",
  Effect.fnUntraced(function* (watch) {
    const ask = yield* Batch.gather(
      (requests: ReadonlyArray<string>) => Effect.as(Effect.yieldNow, requests),
      { batchSize: 2, within: "1 day" },
    );
    const partner = yield* Effect.forkChild(Effect.forever(ask("partner")));
    const fiber = yield* start(
      Effect.replicateEffect(ask("caller"), 120),
      watch,
    );
    yield* Fiber.await(fiber);
    yield* aWhile;
    const { "pending undefined": waiting } = yield* gathered;
    strictEqual(waiting, 1);
    yield* Fiber.interrupt(partner);
    const { "pending undefined": pending, "running undefined": running } =
      yield* gathered;
    deepStrictEqual([pending, running], [0, 0]);
  }, (test) =>
    test.pipe(
      Effect.scoped,
      Effect.provide(Limiter.layerUnlimited),
      alone,
    )),
);

testEffect(
  "monitors see what is gathered",
  Effect.gen(function* () {
    const program = Effect.gen(function* () {
      const ask = yield* Batch.gather(
        (requests: ReadonlyArray<number>) =>
          Effect.delay(Effect.succeed(requests), "4 seconds"),
        { within: "1 second" },
      );
      yield* Effect.forEach([1, 2], ask, all);
      yield* Effect.sleep("5 seconds");
    }).pipe(Effect.scoped, Effect.provide(Limiter.layerUnlimited));
    const { levels, tallies } = yield* monitored(program);
    const { "batch.pending": pending, "batch.running": running } = levels;
    deepStrictEqual([pending?.mean.mean, pending?.max], [0.2, 2]);
    strictEqual(running?.mean.mean, 0.4);
    const waits = tallies["batch.wait"];
    deepStrictEqual([waits?.count.mean, waits?.mean.mean], [2, 1]);
  }),
);
