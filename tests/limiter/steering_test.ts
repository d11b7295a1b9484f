import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import { Simulation } from "@weir/weir/simulation";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

testEffect(
  "settle() gives back what a call did not cost, once, and wakes the next",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(10));
    const permit = yield* limiter.acquire({ cost: 10 });
    const next = yield* Effect.forkChild(limiter.acquire({ cost: 6 }));
    yield* Effect.yieldNow;
    yield* permit.settle(4);
    yield* Fiber.join(next);
    yield* permit.settle(0);
    strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
  }),
);

testEffect(
  "settle() makes a debt of what a call cost more, and the next waits for it",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 5 }),
    );
    const permit = yield* limiter.acquire({ cost: 5 });
    yield* permit.settle(15);
    const next = yield* Effect.forkChild(limiter.acquire());
    yield* TestClock.adjust("10999 millis");
    strictEqual(finished(next), false);
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(next);
  }),
);

testEffect(
  "pause() holds back all callers, the longest pause wins, and resume ends it",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(5));
    yield* limiter.pause("3 seconds");
    yield* limiter.pause("1 second");
    const denied = yield* limiter.tryAcquire();
    ok(denied._tag === "Denied");
    strictEqual(denied.tier, "paused");
    strictEqual(Duration.toMillis(denied.retryAfter), 3000);
    const waiting = yield* Effect.forkChild(limiter.acquire());
    yield* TestClock.adjust("2999 millis");
    strictEqual(finished(waiting), false);
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(waiting);
    yield* limiter.pause();
    const patient = yield* Effect.forkChild(limiter.acquire());
    yield* TestClock.adjust("1 day");
    strictEqual(finished(patient), false);
    yield* limiter.resume;
    yield* Fiber.join(patient);
  }),
);

testEffect(
  "reset makes the quota whole, wakes who waits, and voids older permits",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.fixedWindow({ limit: 2, window: "1 second" }),
    );
    const permit = yield* limiter.acquire({ cost: 2 });
    const waiting = yield* Effect.forkChild(limiter.acquire({ cost: 2 }));
    yield* TestClock.adjust("1 milli");
    yield* limiter.reset;
    yield* Fiber.join(waiting);
    yield* permit.settle(0);
    strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
  }),
);

const makes = {
  Limiter: Limiter.make,
  KeyedLimiter: (quota: Quota.Quota) =>
    KeyedLimiter.make(quota).pipe(
      Effect.map((clients) => clients.for("anna")),
      Effect.provide(LimiterStore.layerMemory()),
    ),
};

for (const [name, make] of Object.entries(makes)) {
  testEffect(
    `reset of a ${name} voids permits from before it, also of the same moment, and no others`,
    Effect.gen(function* () {
      const limiter = yield* make(perSecond(1));
      const before = yield* limiter.acquire();
      yield* limiter.reset;
      const after = yield* limiter.acquire();
      yield* before.settle(0);
      strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
      yield* after.settle(0);
      strictEqual((yield* limiter.tryAcquire())._tag, "Allowed");
    }),
  );
}

testEffect(
  "setQuota() keeps what was counted and wakes those that the new quota lets in",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(2));
    yield* limiter.acquire({ cost: 2 });
    const waiting = yield* Effect.forkChild(limiter.acquire({ cost: 2 }));
    yield* Effect.yieldNow;
    yield* limiter.setQuota(perSecond(5));
    yield* Fiber.join(waiting);
    const peeked = yield* limiter.peek();
    ok(peeked._tag === "Allowed");
    strictEqual(peeked.remaining, 1);
  }),
);

testEffect(
  "setQuota() refuses those who wait for more than the new quota ever allows",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(4));
    yield* limiter.acquire({ cost: 4 });
    const heavy = yield* Effect.forkChild(
      Effect.flip(limiter.acquire({ cost: 4 })),
    );
    const light = yield* Effect.forkChild(limiter.acquire());
    yield* Effect.yieldNow;
    yield* limiter.setQuota(perSecond(3));
    strictEqual((yield* Fiber.join(heavy))._tag, "CostExceedsLimit");
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(light);
  }),
);

Deno.test("setQuota() sends away one that it never allows, also if it is just about to wait", () =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(4));
    yield* limiter.pause("1 hour");
    const heavy = yield* Effect.forkChild(
      Effect.flip(limiter.acquire({ cost: 4 })),
    );
    yield* limiter.setQuota(
      Quota.slidingCounter({ limit: 1, window: "1 second" }),
    );
    strictEqual((yield* Fiber.join(heavy))._tag, "CostExceedsLimit");
  }).pipe(
    (program) =>
      Simulation.check(program, {
        strategies: [{ exhaustive: 2 }],
        maxTime: "1 minute",
      }),
    Effect.asVoid,
    Effect.runPromise,
  ));
