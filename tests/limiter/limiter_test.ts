import { Limiter, Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { dying, finished, startTimes } from "../support/effects.ts";

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

testEffect(
  "acquire() waits until the quota lets it, and says how long it waited",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 10, per: "1 second", burst: 2 }),
    );
    const first = yield* limiter.acquire({ cost: 2 });
    strictEqual(first.remaining, 0);
    strictEqual(Duration.toMillis(first.resetAfter), 200);
    strictEqual(Duration.toMillis(first.waited), 0);
    const fiber = yield* Effect.forkChild(limiter.acquire());
    yield* TestClock.adjust("99 millis");
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust("1 milli");
    const second = yield* Fiber.join(fiber);
    strictEqual(Duration.toMillis(second.waited), 100);
    strictEqual(second.tier, "10 per 1 second, burst 2");
  }),
);

testEffect(
  "limit() lets 50 calls at 10 a second with bursts of 20 through in 3 seconds, evenly",
  Effect.gen(function* () {
    const starts = yield* startTimes(
      Limiter.layer(
        Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
      ),
      Array.from({ length: 50 }, () => ({})),
      "3 seconds",
    );
    deepStrictEqual(
      starts,
      Array.from({ length: 50 }, (_, n) => n < 20 ? 0 : (n - 19) * 100),
    );
  }),
);

testEffect(
  "acquire() serves by priority, and first in, first out among equals",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(1));
    yield* limiter.acquire();
    const order: Array<string> = [];
    const fibers = [];
    for (const [name, priority] of [["a", 0], ["b", 1], ["c", 0], ["d", 1]]) {
      const turn = limiter.acquire({ priority: Number(priority) });
      fibers.push(
        yield* Effect.forkChild(
          Effect.map(turn, () => void order.push(String(name))),
        ),
      );
      yield* Effect.yieldNow;
    }
    yield* TestClock.adjust("4 seconds");
    deepStrictEqual(order, ["b", "d", "a", "c"]);
    yield* Fiber.joinAll(fibers);
  }),
);

testEffect(
  "tryAcquire() never overtakes one who waits, and says when to come back",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 4 }),
    );
    yield* limiter.acquire({ cost: 3 });
    const heavy = yield* Effect.forkChild(limiter.acquire({ cost: 4 }));
    yield* Effect.yieldNow;
    const denied = yield* limiter.tryAcquire();
    ok(denied._tag === "Denied");
    strictEqual(Duration.toMillis(denied.retryAfter), 4000);
    const peeked = yield* limiter.peek();
    deepStrictEqual(peeked, denied);
    yield* TestClock.adjust("3 seconds");
    yield* Fiber.join(heavy);
  }),
);

testEffect(
  "acquire() with maxWait fails at once when those before it are known to take longer",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(1));
    yield* limiter.acquire();
    const patient = yield* Effect.forkChild(limiter.acquire());
    yield* Effect.yieldNow;
    const error = yield* Effect.flip(
      limiter.acquire({ maxWait: "1999 millis" }),
    );
    strictEqual(error._tag, "WaitTimeout");
    strictEqual(error.name, "WaitTimeout");
    strictEqual(error.message, "No turn within 1s 999ms");
    strictEqual(Duration.toMillis(error.retryAfter!), 2000);
    const inTime = yield* Effect.forkChild(
      limiter.acquire({ maxWait: "2 seconds" }),
    );
    yield* TestClock.adjust("2 seconds");
    yield* Fiber.joinAll([patient, inTime]);
    deepStrictEqual(yield* limiter.stats, {
      waiting: 0,
      running: 0,
      admitted: 3,
      denied: 1,
    });
  }),
);

testEffect(
  "maxWait of just what retryAfter says is enough",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 2, per: "1 second", burst: 4 }),
    );
    yield* limiter.acquire();
    for (const gap of [100, 50, 50]) yield* TestClock.adjust(gap);
    yield* limiter.tryAcquire({ cost: 2 });
    yield* limiter.acquire();
    const peeked = yield* limiter.peek();
    ok(peeked._tag === "Denied");
    const next = yield* Effect.forkChild(
      limiter.acquire({ maxWait: peeked.retryAfter }),
    );
    yield* TestClock.adjust(peeked.retryAfter);
    yield* Fiber.join(next);
  }),
);

testEffect(
  "maxWait is not refused for a line that a sliding counter lets through as it goes by",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingCounter({ limit: 30, window: "1 second" }),
      { concurrency: 1 },
    );
    const job = limiter.limit(Effect.sleep("10 millis"));
    const jobs = yield* Effect.forkChild(
      Effect.replicateEffect(job, 30, { concurrency: "unbounded" }),
    );
    yield* TestClock.adjust("1 milli");
    const next = yield* Effect.forkChild(
      limiter.acquire({ maxWait: "1500 millis" }),
    );
    yield* TestClock.adjust("2 seconds");
    yield* Fiber.join(jobs);
    const { waited } = yield* Fiber.join(next);
    ok(Duration.toMillis(waited) < 1100);
  }),
);

testEffect(
  "acquire() with maxWait fails when its time is up, and the next is served",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 3 }),
    );
    yield* limiter.acquire({ cost: 3 });
    const heavy = yield* Effect.forkChild(
      limiter.acquire({ cost: 3, maxWait: "3 seconds" }),
    );
    yield* Effect.yieldNow;
    const urgent = yield* Effect.forkChild(limiter.acquire({ priority: 1 }));
    const light = yield* Effect.forkChild(limiter.acquire());
    yield* TestClock.adjust("3 seconds");
    ok(Exit.isFailure(yield* Fiber.await(heavy)));
    yield* Fiber.joinAll([urgent, light]);
  }),
);

testEffect(
  "acquire() with maxWait 0 does not wait at all, not even for a slot",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(Quota.unlimited, { concurrency: 1 });
    const holder = yield* Effect.forkChild(limiter.limit(Effect.never));
    yield* Effect.yieldNow;
    const error = yield* Effect.flip(
      limiter.limit(Effect.void, { maxWait: 0 }),
    );
    strictEqual(error._tag, "WaitTimeout");
    yield* Fiber.interrupt(holder);
    yield* limiter.limit(Effect.void, { maxWait: 0 });
  }),
);

testEffect(
  "a cost that no wait can satisfy fails at once and names the tier",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.all(perSecond(9), Quota.slidingCounter({ limit: 5, window: 10 })),
    );
    const error = yield* Effect.flip(limiter.acquire({ cost: 6 }));
    strictEqual(error._tag, "CostExceedsLimit");
    strictEqual(
      error.message,
      'Cost 6 is more than the 5 that "5 per 10 millis, sliding counter" ever allows',
    );
    const denied = yield* limiter.tryAcquire({ cost: 6 });
    ok(denied._tag === "Denied" && !Duration.isFinite(denied.retryAfter));
  }),
);

testEffect(
  "Service() makes keys whose layers are limiters of their own",
  Effect.gen(function* () {
    class GitHub extends Limiter.Service<GitHub>()("test/GitHub") {}
    class Mail extends Limiter.Service<Mail>()("test/Mail") {}
    const call = Effect.succeed(1).pipe(GitHub.limit(), Mail.limit());
    yield* Effect.gen(function* () {
      yield* call;
      const github = yield* GitHub;
      const mail = yield* Mail;
      strictEqual((yield* github.tryAcquire())._tag, "Denied");
      strictEqual((yield* mail.tryAcquire())._tag, "Allowed");
    }).pipe(
      Effect.provide(
        Layer.mergeAll(GitHub.layer(perSecond(1)), Mail.layerUnlimited),
      ),
    );
  }),
);

testEffect(
  "throttle() lets elements through at their cost, in order",
  Effect.gen(function* () {
    const seen: Array<string> = [];
    const fiber = yield* Stream.make("a", "bb", "ccc").pipe(
      Limiter.throttle({ cost: (text) => text.length }),
      Stream.runForEach((text) => Effect.sync(() => seen.push(text))),
      Effect.provide(Limiter.layer(
        Quota.tokenBucket({ rate: 1, per: "1 second", burst: 3 }),
      )),
      Effect.forkChild,
    );
    yield* TestClock.adjust("2 seconds");
    deepStrictEqual(seen, ["a", "bb"]);
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(fiber);
    deepStrictEqual(seen, ["a", "bb", "ccc"]);
  }),
);

testEffect(
  "layer() warns when one value is alive twice",
  Effect.gen(function* () {
    const warnings: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void warnings.push(message));
    const Live = Limiter.layer(perSecond(1));
    yield* Effect.void.pipe(
      Effect.provide(Live),
      Effect.andThen(Effect.void.pipe(Effect.provide(Live))),
      Effect.provide(Logger.layer([logger])),
    );
    strictEqual(warnings.length, 0);
    yield* Effect.void.pipe(
      Effect.provide(Live),
      Effect.provide(Layer.fresh(Live)),
      Effect.provide(Logger.layer([logger])),
    );
    strictEqual(warnings.length, 1);
    ok(String(warnings[0]).includes('"@weir/weir/Limiter"'));
  }),
);

testEffect(
  "bad options are refused by name and value",
  Effect.gen(function* () {
    throws(() => Limiter.make(perSecond(1), { concurrency: 0 }), {
      name: "RangeError",
      message: '"concurrency" must be a whole number, at least 1, was 0',
    });
    throws(
      () =>
        Limiter.layer({
          tiers: [{ ...perSecond(1).tiers[0]!, limit: NaN } as Quota.Tier],
        }),
      /"limit" .* was NaN/,
    );
    const limiter = yield* Limiter.make(perSecond(3));
    const bad = (effect: Effect.Effect<unknown, unknown>) => dying(effect);
    strictEqual(
      yield* bad(limiter.acquire({ cost: NaN })),
      '"cost" must be a positive, finite number, was NaN',
    );
    strictEqual(
      yield* bad(limiter.tryAcquire({ cost: -100 })),
      '"cost" must be a positive, finite number, was -100',
    );
    strictEqual(
      yield* bad(limiter.tryAcquire({ cost: 1.5 })),
      '"cost" must be a whole number, for a window counts it, was 1.5',
    );
    strictEqual(
      yield* bad(limiter.acquire({ priority: NaN })),
      '"priority" must be a finite number, was NaN',
    );
    strictEqual(
      yield* bad(limiter.limit(Effect.void, { maxWait: NaN })),
      '"maxWait" must be a duration such as 1000 or "1 second", not negative, was NaN',
    );
    strictEqual(
      yield* bad(limiter.pause(-1)),
      '"duration" must be a duration such as 1000 or "1 second", not negative, was -1',
    );
    const permit = yield* limiter.acquire();
    strictEqual(
      yield* bad(permit.settle(-1)),
      '"cost" must be a finite number, 0 or more, was -1',
    );
    strictEqual((yield* limiter.stats).admitted, 1);
  }),
);

testEffect(
  "limit() without a quota counts its turns, and keeps to a pause and to a quota that comes later",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(Quota.unlimited);
    const call = limiter.limit(Effect.void);
    yield* call;
    yield* call;
    yield* limiter.pause("1 second");
    const paused = yield* Effect.forkChild(call);
    yield* TestClock.adjust("999 millis");
    ok(!finished(paused));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(paused);
    yield* limiter.setQuota(
      Quota.slidingWindow({ limit: 1, window: "1 second" }),
    );
    yield* call;
    const held = yield* Effect.forkChild(call);
    yield* TestClock.adjust("999 millis");
    ok(!finished(held));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(held);
    strictEqual((yield* limiter.stats).admitted, 5);
  }),
);

testEffect(
  "a permit prints what it says, and nothing of its limiter",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(2));
    const permit = yield* limiter.acquire();
    const { remaining } = JSON.parse(JSON.stringify(permit));
    strictEqual(remaining, 1);
    ok(Deno.inspect(permit).length < 300);
  }),
);
