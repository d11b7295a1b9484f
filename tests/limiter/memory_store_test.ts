import { LimiterStore, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { storeSuite } from "./store_suite.ts";

storeSuite("layerMemory()", LimiterStore.layerMemory());

const perSecond = Quota.tokenBucket({ rate: 1, per: "1 second", burst: 10 });

const account = (key: string, quota = perSecond, limiter = "test") => ({
  limiter,
  key,
  quota,
});

const withStore = (
  options: LimiterStore.MemoryOptions,
  body: (store: LimiterStore.Service) => Effect.Effect<void>,
) =>
  Effect.flatMap(LimiterStore.LimiterStore, body).pipe(
    Effect.provide(LimiterStore.layerMemory(options)),
  );

testEffect(
  'layerMemory() with "deny" refuses a new key until the first is as good as new',
  withStore(
    { maxKeys: 2 },
    Effect.fnUntraced(function* (store) {
      yield* store.take([account("a")], 3);
      yield* store.take([account("b")], 2);
      const refused = yield* store.take([account("c")], 1);
      ok(refused._tag === "Denied");
      strictEqual(refused.tier, "maxKeys");
      strictEqual(Duration.toMillis(refused.retryAfter), 2000);
      strictEqual((yield* store.peek([account("c")], 1))._tag, "Denied");
      strictEqual((yield* store.take([account("a")], 1))._tag, "Allowed");
      yield* TestClock.adjust("1999 millis");
      strictEqual((yield* store.take([account("c")], 1))._tag, "Denied");
      yield* TestClock.adjust("1 milli");
      strictEqual((yield* store.take([account("c")], 1))._tag, "Allowed");
      strictEqual(yield* store.size, 2);
    }),
  ),
);

testEffect(
  'layerMemory() with "evict" forgets the key that is soonest as good as new, of whichever limiter',
  withStore(
    { maxKeys: 3, overflow: "evict" },
    Effect.fnUntraced(function* (store) {
      yield* store.take([account("a")], 3);
      yield* store.take([account("b", perSecond, "other")], 1);
      yield* store.take([account("c")], 2);
      yield* store.take([account("b", perSecond, "other")], 4);
      yield* store.take([account("d")], 9);
      strictEqual(yield* store.size, 3);
      const left = [];
      for (
        const who of [
          account("a"),
          account("b", perSecond, "other"),
          account("c"),
          account("d"),
        ]
      ) {
        const peeked = yield* store.peek([who], 1);
        left.push(peeked._tag === "Allowed" && peeked.remaining);
      }
      deepStrictEqual(left, [7, 5, 10, 1]);
    }),
  ),
);

testProperty(
  "layerMemory() never remembers more than maxKeys keys, and denies only while all of them count",
  FastCheck.record({
    maxKeys: FastCheck.integer({ min: 1, max: 5 }),
    overflow: FastCheck.constantFrom("deny" as const, "evict" as const),
    calls: FastCheck.array(
      FastCheck.record({
        key: FastCheck.integer({ min: 0, max: 9 }),
        cost: FastCheck.integer({ min: 1, max: 3 }),
        gap: FastCheck.constantFrom(0, 1, 500, 2000),
        plan: FastCheck.boolean(),
      }),
      { maxLength: 60 },
    ),
  }),
  ({ calls, maxKeys, overflow }) =>
    withStore(
      { maxKeys, overflow },
      Effect.fnUntraced(function* (store) {
        const idleAt = new Map<string, number>();
        let now = 0;
        for (const { cost, gap, key, plan } of calls) {
          now += gap;
          yield* TestClock.adjust(gap);
          const quota = plan
            ? perSecond
            : Quota.tokenBucket({ rate: 1, per: "1 second", burst: 11 });
          const answer = yield* store.take([account(`${key}`, quota)], cost);
          ok((yield* store.size) <= maxKeys);
          const live = [...idleAt].filter(([, at]) => at > now);
          if (answer.tier === "maxKeys") {
            strictEqual(overflow, "deny");
            strictEqual(live.length, maxKeys);
            ok(live.every(([other]) => other !== `${key}`));
          } else if (answer._tag === "Allowed") {
            idleAt.set(`${key}`, now + Duration.toMillis(answer.resetAfter));
          }
        }
      }),
    ),
  { numRuns: 300 },
);

testEffect(
  "layerMemory() forgets keys as they become as good as new, a few at each step",
  withStore(
    {},
    Effect.fnUntraced(function* (store) {
      for (let n = 0; n < 50_000; n++) {
        yield* store.take([account(`once-${n}`)], 1);
      }
      strictEqual(yield* store.size, 50_000);
      yield* TestClock.adjust("1 second");
      for (let n = 0; n < 50_000; n++) yield* store.take([account("one")], 1);
      strictEqual(yield* store.size, 1);
    }),
  ),
);

testEffect(
  "layerMemory() does not forget a key in use for one that is as good as new",
  withStore(
    {},
    Effect.fnUntraced(function* (store) {
      const log = Quota.slidingWindow({ limit: 2, window: "1 second" });
      yield* store.take([account("a", log)], 1);
      yield* store.take([account("b", log)], 1);
      yield* TestClock.adjust("2 millis");
      yield* store.take([account("a", log)], 1);
      yield* TestClock.adjust("198 millis");
      yield* store.take([account("b", log)], 1);
      yield* TestClock.adjust("802 millis");
      yield* store.take([account("b", log)], 1);
      strictEqual((yield* store.take([account("b", log)], 1))._tag, "Denied");
    }),
  ),
);

testEffect(
  "layerMemory() keeps quotas that are made anew at each call as one",
  withStore(
    { maxKeys: 1000 },
    Effect.fnUntraced(function* (store) {
      for (let n = 0; n < 2000; n++) {
        const quota = Quota.slidingWindow({ limit: 1 + n % 500, window: 1000 });
        yield* store.take([account("one", quota)], 1);
        strictEqual(yield* store.size, 1);
      }
    }),
  ),
);

testEffect(
  "layerMemory() refuses bad options by name and value",
  Effect.sync(() => {
    throws(() => LimiterStore.layerMemory({ maxKeys: 0 }), {
      name: "RangeError",
      message: '"maxKeys" must be a whole number, at least 1, was 0',
    });
    const overflow = "drop" as unknown as "deny";
    throws(() => LimiterStore.layerMemory({ overflow }), {
      message: '"overflow" must be one of "deny" and "evict", was "drop"',
    });
  }),
);
