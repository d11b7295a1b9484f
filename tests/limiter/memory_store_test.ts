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

const names = Array.from({ length: 10 }, (_, n) => `${n}`);

testProperty(
  "layerMemory() never remembers more than maxKeys keys, and denies only while all of them count, or one that is paused found no room",
  FastCheck.record({
    maxKeys: FastCheck.integer({ min: 1, max: 5 }),
    overflow: FastCheck.constantFrom("deny" as const, "evict" as const),
    calls: FastCheck.array(
      FastCheck.record({
        key: FastCheck.integer({ min: 0, max: 9 }),
        cost: FastCheck.integer({ min: 1, max: 3 }),
        gap: FastCheck.constantFrom(0, 1, 500, 2000),
        plan: FastCheck.boolean(),
        pause: FastCheck.constantFrom(
          ...[undefined, undefined, 0, 700, 3000, Infinity],
        ),
      }),
      { maxLength: 60 },
    ),
  }),
  ({ calls, maxKeys, overflow }) =>
    withStore(
      { maxKeys, overflow },
      Effect.fnUntraced(function* (store) {
        const idleAt = new Map<string, number>();
        const pausedUntil = new Map<string, number>();
        let now = 0;
        let closedUntil = 0;
        for (const { cost, gap, key, pause, plan } of calls) {
          now += gap;
          yield* TestClock.adjust(gap);
          const quota = plan
            ? perSecond
            : Quota.tokenBucket({ rate: 1, per: "1 second", burst: 11 });
          const name = names[key]!;
          const who = account(name, quota);
          if (pause !== undefined) {
            yield* store.pause(who, Duration.millis(pause));
            ok((yield* store.size) <= maxKeys);
            const { tier } = yield* store.peek([who], cost);
            const until = Math.max(pausedUntil.get(name) ?? now, now + pause);
            pausedUntil.set(name, tier === "paused" ? until : now);
            if (tier === "maxKeys") {
              closedUntil = Math.max(closedUntil, now + pause);
            }
          }
          const answer = yield* store.take([who], cost);
          ok((yield* store.size) <= maxKeys);
          const paused = (pausedUntil.get(name) ?? 0) > now;
          const inUse = names.filter((other) =>
            Math.max(idleAt.get(other) ?? 0, pausedUntil.get(other) ?? 0) > now
          );
          if (answer.tier === "maxKeys") {
            strictEqual(overflow, "deny");
            ok(!inUse.includes(name));
            ok(closedUntil > now || inUse.length === maxKeys);
          } else if (answer._tag === "Allowed") {
            ok(!paused || overflow === "evict");
            idleAt.set(name, now + Duration.toMillis(answer.resetAfter));
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

const tagOf = (store: LimiterStore.Service, key: string) =>
  Effect.map(
    store.take([account(key)], 1),
    ({ tier, _tag }) => _tag === "Allowed" ? _tag : tier,
  );

testEffect(
  "layerMemory() counts a paused key as in use until its pause is over, or ended",
  withStore(
    { maxKeys: 2 },
    Effect.fnUntraced(function* (store) {
      yield* store.pause(account("a"), Duration.seconds(3));
      yield* store.pause(account("b"), Duration.infinity);
      strictEqual(yield* store.size, 2);
      const refused = yield* store.take([account("c")], 1);
      ok(refused._tag === "Denied");
      strictEqual(refused.tier, "maxKeys");
      strictEqual(Duration.toMillis(refused.retryAfter), 3000);
      yield* TestClock.adjust("3 seconds");
      strictEqual(yield* tagOf(store, "c"), "Allowed");
      yield* TestClock.adjust("1 hour");
      strictEqual(yield* tagOf(store, "b"), "paused");
      yield* store.pause(account("b"), Duration.zero);
      strictEqual(yield* tagOf(store, "d"), "Allowed");
      strictEqual(yield* tagOf(store, "e"), "Allowed");
      strictEqual(yield* store.size, 2);
    }),
  ),
);

testEffect(
  "layerMemory() does not forget a key whose pause is over while it owes something",
  withStore(
    { maxKeys: 2 },
    Effect.fnUntraced(function* (store) {
      const anna = account("a", perSecond, "other");
      const taken = yield* store.take([anna], 1);
      yield* store.pause(anna, Duration.seconds(2));
      ok(taken._tag === "Allowed");
      yield* store.settle([anna], taken, 9);
      yield* store.take([account("b", perSecond, "other")], 3);
      yield* TestClock.adjust("3 seconds");
      strictEqual(yield* tagOf(store, "c"), "Allowed");
      const left = yield* store.peek([anna], 1);
      ok(left._tag === "Allowed" && left.remaining === 4);
      strictEqual(yield* store.size, 2);
    }),
  ),
);

testEffect(
  'layerMemory() with "deny" loses no pause when all keys are in use: it denies new ones until that is over',
  withStore(
    { maxKeys: 1 },
    Effect.fnUntraced(function* (store) {
      yield* store.take([account("a")], 2);
      yield* store.pause(account("b"), Duration.seconds(5));
      yield* store.pause(account("c"), Duration.seconds(4));
      strictEqual(yield* store.size, 1);
      strictEqual(yield* tagOf(store, "a"), "Allowed");
      yield* TestClock.adjust("4999 millis");
      const refused = yield* store.take([account("b")], 1);
      ok(refused._tag === "Denied");
      strictEqual(Duration.toMillis(refused.retryAfter), 1);
      yield* TestClock.adjust("1 milli");
      strictEqual(yield* tagOf(store, "b"), "Allowed");
      yield* store.pause(account("c"), Duration.infinity);
      yield* TestClock.adjust("1 hour");
      strictEqual(yield* tagOf(store, "c"), "maxKeys");
      yield* store.pause(account("c"), Duration.zero);
      strictEqual(yield* tagOf(store, "c"), "Allowed");
    }),
  ),
);

testEffect(
  'layerMemory() with "evict" forgets paused keys as any others, those that are paused for ever last',
  withStore(
    { maxKeys: 2, overflow: "evict" },
    Effect.fnUntraced(function* (store) {
      // A limiter without keys has none to forget.
      yield* store.peek([account("a", perSecond, "empty")], 1);
      yield* store.pause(account("a"), Duration.infinity);
      yield* store.take([account("b")], 9);
      yield* store.pause(account("c"), Duration.seconds(3));
      strictEqual(yield* tagOf(store, "a"), "paused");
      yield* store.pause(account("d"), Duration.infinity);
      strictEqual(yield* store.size, 2);
      strictEqual(yield* tagOf(store, "a"), "paused");
      strictEqual(yield* tagOf(store, "e"), "Allowed");
      strictEqual(yield* store.size, 2);
      strictEqual(yield* tagOf(store, "d"), "paused");
      strictEqual(yield* tagOf(store, "a"), "Allowed");
    }),
  ),
);

testEffect(
  "layerMemory() forgets all of a paused key that was given back to",
  withStore(
    { maxKeys: 2, overflow: "evict" },
    Effect.fnUntraced(function* (store) {
      const taken = yield* store.take([account("a")], 9);
      ok(taken._tag === "Allowed");
      yield* store.settle([account("a")], taken, 0);
      yield* store.pause(account("a"), Duration.seconds(2));
      yield* store.take([account("b")], 5);
      yield* store.take([account("c")], 9);
      strictEqual(yield* tagOf(store, "a"), "Allowed");
      yield* TestClock.adjust("1 minute");
      for (let n = 0; n < 3; n++) yield* tagOf(store, "d");
      strictEqual(yield* store.size, 1);
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
      message: '"overflow" must be "deny" or "evict", was "drop"',
    });
  }),
);
