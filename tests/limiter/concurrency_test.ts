import { Limiter, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";

const slots = (concurrency: number) =>
  Limiter.make(Quota.unlimited, { concurrency });

testProperty(
  "limit() never runs more than `concurrency` at once, and runs as many as it may",
  FastCheck.record({
    concurrency: FastCheck.integer({ min: 1, max: 4 }),
    jobs: FastCheck.array(
      FastCheck.record({
        millis: FastCheck.integer({ min: 1, max: 20 }),
        priority: FastCheck.integer({ min: 0, max: 2 }),
        ends: FastCheck.constantFrom(
          "succeeds",
          "fails",
          "dies",
          "interrupted",
        ),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  }),
  Effect.fnUntraced(function* ({ concurrency, jobs }) {
    const limiter = yield* slots(concurrency);
    let running = 0;
    let most = 0;
    const fibers = [];
    for (const { ends, millis, priority } of jobs) {
      const work = Effect.suspend(() => {
        most = Math.max(most, ++running);
        return Effect.sleep(millis);
      }).pipe(
        Effect.andThen(
          ends === "fails"
            ? Effect.fail("no")
            : ends === "dies"
            ? Effect.die("no")
            : ends === "interrupted"
            ? Effect.interrupt
            : Effect.void,
        ),
        Effect.onExit(() => Effect.sync(() => running--)),
      );
      fibers.push(
        yield* Effect.forkChild(limiter.limit(work, { priority })),
      );
    }
    yield* TestClock.adjust(jobs.length * 20);
    ok(fibers.every(finished));
    strictEqual(most, Math.min(concurrency, jobs.length));
    const { waiting, running: left } = yield* limiter.stats;
    deepStrictEqual([waiting, left], [0, 0]);
  }),
  { numRuns: 200 },
);

testEffect(
  "limit() takes quota and slot together: a caller without a slot is not charged",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 2, window: "1 second" }),
      { concurrency: 1 },
    );
    const release = yield* Deferred.make<void>();
    const first = yield* Effect.forkChild(
      limiter.limit(Deferred.await(release)),
    );
    yield* Effect.yieldNow;
    const second = yield* Effect.forkChild(limiter.limit(Effect.void));
    yield* TestClock.adjust("10 seconds");
    const peeked = yield* limiter.peek();
    ok(peeked._tag === "Allowed");
    strictEqual(peeked.remaining, 2);
    yield* Deferred.succeed(release, undefined);
    yield* Fiber.joinAll([first, second]);
    const after = yield* limiter.peek();
    ok(after._tag === "Allowed");
    strictEqual(after.remaining, 1);
  }),
);

testEffect(
  "limit() inside a slot charges again, takes no second slot, and does not wait for itself",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 10, window: "1 second" }),
      { concurrency: 1 },
    );
    const nested = limiter.limit(
      Effect.gen(function* () {
        yield* Effect.sleep("1 milli");
        strictEqual((yield* limiter.stats).waiting, 1);
        yield* limiter.limit(limiter.limit(limiter.acquire()));
        strictEqual((yield* limiter.stats).running, 1);
      }),
    );
    const outer = yield* Effect.forkChild(nested);
    yield* Effect.yieldNow;
    const other = yield* Effect.forkChild(limiter.limit(Effect.void));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.joinAll([outer, other]);
    strictEqual((yield* limiter.stats).admitted, 5);
  }),
);

testEffect(
  "a fiber that outlives its slot takes a slot like any other",
  Effect.gen(function* () {
    const limiter = yield* slots(1);
    const gate = yield* Deferred.make<void>();
    const late = yield* limiter.limit(
      Effect.forkDetach(
        Effect.andThen(Deferred.await(gate), limiter.limit(Effect.never)),
      ),
    );
    const holder = yield* Effect.forkChild(limiter.limit(Effect.never));
    yield* Effect.yieldNow;
    yield* Deferred.succeed(gate, undefined);
    yield* Effect.yieldNow;
    const { running, waiting } = yield* limiter.stats;
    deepStrictEqual([running, waiting], [1, 1]);
    yield* Fiber.interruptAll([late, holder]);
  }),
);

testEffect(
  "limit() leaves its caller's context as it found it, however the effect ends",
  Effect.gen(function* () {
    const limiter = yield* slots(1);
    const before = yield* Effect.context();
    for (const end of [Effect.void, Effect.fail("no"), Effect.die("no")]) {
      yield* Effect.exit(limiter.limit(Effect.andThen(Effect.yieldNow, end)));
      strictEqual(yield* Effect.context(), before);
    }
  }),
);

testEffect(
  "a slot is held while the effect runs its finalizers",
  Effect.gen(function* () {
    const limiter = yield* slots(1);
    const slow = Effect.never.pipe(Effect.ensuring(Effect.sleep("1 second")));
    const first = yield* Effect.forkChild(limiter.limit(slow));
    yield* Effect.yieldNow;
    const second = yield* Effect.forkChild(limiter.limit(Effect.void));
    yield* Effect.yieldNow;
    const end = yield* Effect.forkChild(Fiber.interrupt(first));
    yield* TestClock.adjust("999 millis");
    strictEqual(finished(second), false);
    yield* TestClock.adjust("1 milli");
    yield* Fiber.joinAll([second, end]);
  }),
);

testEffect(
  "limit() hands a slot on 100,000 times without a deep stack",
  Effect.gen(function* () {
    const limiter = yield* slots(1);
    let ran = 0;
    yield* Effect.forEach(
      Array.from({ length: 100_000 }),
      () => limiter.limit(Effect.sync(() => ran++)),
      { concurrency: "unbounded", discard: true },
    );
    strictEqual(ran, 100_000);
  }),
);
