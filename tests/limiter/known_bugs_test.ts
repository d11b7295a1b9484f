/**
 * The bugs that rate limiters are known for, one test each.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { testEffect, testLive } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished, startTimes } from "../support/effects.ts";

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => Effect.yieldNow);

testLive(
  "a window of 30 days, longer than a timer of 2³¹ ms, does not let everybody in",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 10, window: "30 days" }),
    );
    const fiber = yield* Effect.forkChild(
      Effect.all(Array.from({ length: 50 }, () => limiter.acquire()), {
        concurrency: "unbounded",
      }),
    );
    yield* Effect.sleep("100 millis");
    const { admitted, waiting } = yield* limiter.stats;
    deepStrictEqual([admitted, waiting], [10, 40]);
    yield* Fiber.interrupt(fiber);
  }),
);

testEffect(
  "waits of 30 days end after 30 days",
  Effect.gen(function* () {
    const starts = yield* startTimes(
      Limiter.layer(Quota.slidingWindow({ limit: 2, window: "30 days" })),
      [{}, {}, {}],
      "30 days",
    );
    deepStrictEqual(starts, [0, 0, Duration.toMillis("30 days")]);
  }),
);

testEffect(
  "a thousand who wait share one timer",
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed);
    let sleeping = 0;
    let most = 0;
    let sleeps = 0;
    const counting: Clock.Clock = {
      ...clock,
      sleep: (duration) =>
        Effect.suspend(() => {
          sleeps++;
          most = Math.max(most, ++sleeping);
          return Effect.ensuring(
            clock.sleep(duration),
            Effect.sync(() => sleeping--),
          );
        }),
    };
    const limiter = yield* Effect.provideService(
      Limiter.make(perSecond(100)),
      Clock.Clock,
      counting,
    );
    const fiber = yield* Effect.forkChild(
      Effect.all(Array.from({ length: 1000 }, () => limiter.acquire()), {
        concurrency: "unbounded",
        discard: true,
      }),
    );
    yield* TestClock.adjust("9 seconds");
    yield* Fiber.join(fiber);
    strictEqual(most, 1);
    strictEqual(sleeps, 9);
  }),
);

testEffect(
  "a timer that rings too early lets nobody in too early",
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed);
    const hasty: Clock.Clock = {
      ...clock,
      sleep: (duration) =>
        clock.sleep(Duration.millis(Duration.toMillis(duration) / 2)),
    };
    const limiter = yield* Effect.provideService(
      Limiter.make(perSecond(1)),
      Clock.Clock,
      hasty,
    );
    yield* limiter.acquire();
    const second = yield* fork(limiter.acquire());
    yield* TestClock.adjust("999 millis");
    strictEqual(finished(second), false);
    yield* TestClock.adjust("2 millis");
    yield* Fiber.join(second);
  }),
);

testEffect(
  "50 calls at 10 a second with bursts of 20 take 3 seconds: each looks again after its sleep",
  Effect.gen(function* () {
    const starts = yield* startTimes(
      Limiter.layer(
        Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
      ),
      Array.from({ length: 50 }, () => ({})),
      "1 minute",
    );
    strictEqual(starts.at(-1), 3000);
  }),
);

testEffect(
  "callers are served first in, first out",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(3));
    const order: Array<number> = [];
    const turn = (n: number) =>
      limiter.limit(Effect.sync(() => order.push(n)), { cost: 1 + n % 3 });
    const fiber = yield* Effect.forkChild(
      Effect.forEach(Array.from({ length: 50 }, (_, n) => n), turn, {
        concurrency: "unbounded",
      }),
    );
    yield* TestClock.adjust("1 minute");
    yield* Fiber.join(fiber);
    deepStrictEqual(order, order.toSorted((a, b) => a - b));
  }),
);

testEffect(
  "a newcomer does not take the turn of one who waits, in the moment it falls due",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(1));
    yield* limiter.acquire();
    const newcomer = yield* fork(
      Effect.andThen(Effect.sleep("1 second"), limiter.tryAcquire()),
    );
    const queued = yield* fork(limiter.acquire());
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(queued);
    strictEqual((yield* Fiber.join(newcomer))._tag, "Denied");
  }),
);

testEffect(
  "a heavy caller that waits is not overtaken by light ones",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 2 }),
    );
    yield* limiter.acquire({ cost: 2 });
    const order: Array<string> = [];
    const heavy = yield* fork(
      limiter.limit(Effect.sync(() => order.push("heavy")), { cost: 2 }),
    );
    const light = yield* fork(
      Effect.all(
        Array.from(
          { length: 20 },
          () => limiter.limit(Effect.sync(() => order.push("light"))),
        ),
        { concurrency: "unbounded" },
      ),
    );
    yield* TestClock.adjust("22 seconds");
    yield* Fiber.join(heavy);
    yield* Fiber.join(light);
    strictEqual(order.indexOf("heavy"), 0);
  }),
);

testEffect(
  "waits that were cancelled burn no capacity",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 second" }),
    );
    yield* limiter.acquire();
    const sleepers = [];
    for (let n = 0; n < 5; n++) sleepers.push(yield* fork(limiter.acquire()));
    yield* Fiber.interruptAll(sleepers);
    const next = yield* fork(limiter.acquire());
    yield* TestClock.adjust("1 second");
    const permit = yield* Fiber.join(next);
    strictEqual(Duration.toMillis(permit.waited), 1000);
  }),
);

testLive(
  "a cancelled wait leaves no timer behind",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(1));
    yield* limiter.acquire();
    const sleeper = yield* fork(limiter.acquire());
    yield* Fiber.interrupt(sleeper);
    deepStrictEqual((yield* limiter.stats).waiting, 0);
  }),
);

testEffect(
  "tiers are charged together: a refusal by one drains no other",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.all(
        Quota.slidingWindow({ limit: 1, window: "1 second", name: "narrow" }),
        Quota.slidingWindow({ limit: 10, window: "1 minute", name: "wide" }),
      ),
    );
    const tags = [];
    for (let n = 0; n < 10; n++) tags.push((yield* limiter.tryAcquire())._tag);
    strictEqual(tags.filter((tag) => tag === "Allowed").length, 1);
    yield* TestClock.adjust("1 second");
    for (let n = 0; n < 9; n++) {
      yield* limiter.acquire({ maxWait: 0 });
      yield* TestClock.adjust("1 second");
    }
    const denied = yield* limiter.tryAcquire();
    ok(denied._tag === "Denied");
    strictEqual(denied.tier, "wide");
  }),
);

for (
  const make of [
    Quota.slidingWindow,
    Quota.slidingCounter,
    Quota.fixedWindow,
  ]
) {
  testEffect(
    `${make.name}(): a denied cost is not charged`,
    Effect.gen(function* () {
      const limiter = yield* Limiter.make(make({ limit: 10, window: 1000 }));
      yield* limiter.acquire({ cost: 9 });
      strictEqual((yield* limiter.tryAcquire({ cost: 5 }))._tag, "Denied");
      const last = yield* limiter.tryAcquire();
      ok(last._tag === "Allowed");
      strictEqual(last.remaining, 0);
    }),
  );
}

for (const [way, hours] of [["back", -1], ["forth", 1]] as const) {
  testEffect(
    `the wall clock stepping ${way} one hour changes nothing`,
    Effect.gen(function* () {
      const clock = yield* Clock.clockWith(Effect.succeed);
      let offset = 0;
      const stepping: Clock.Clock = {
        ...clock,
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + offset,
        currentTimeNanosUnsafe: () =>
          clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n,
      };
      const limiter = yield* Effect.provideService(
        Limiter.make(perSecond(1)),
        Clock.Clock,
        stepping,
      );
      yield* limiter.acquire();
      offset = hours * 3_600_000;
      strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
      for (let n = 0; n < 600; n++) {
        yield* TestClock.adjust("1 second");
        strictEqual((yield* limiter.tryAcquire())._tag, "Allowed");
      }
    }),
  );
}
