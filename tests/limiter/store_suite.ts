/**
 * What every {@linkcode LimiterStore} must do.
 *
 * @module
 */
import { LimiterStore, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { ok, strictEqual } from "node:assert/strict";

type Account = LimiterStore.Account;

const account = (key: string, quota: Quota.Quota): Account => ({
  limiter: "test",
  key,
  quota,
});

const above = (quota: Quota.Quota): Account => account("", quota);

const five = Quota.slidingWindow({ limit: 5, window: "1 second" });

/** Registers the tests of one store. */
export function storeSuite(
  name: string,
  layer: Layer.Layer<LimiterStore.LimiterStore>,
): void {
  const test = (
    claim: string,
    body: (store: LimiterStore.Service) => Effect.Effect<void>,
  ) =>
    testEffect(
      `${name}: ${claim}`,
      Effect.flatMap(LimiterStore.LimiterStore, body).pipe(
        Effect.provide(layer),
      ),
    );

  const quotas = FastCheck.constantFrom(
    Quota.tokenBucket({ rate: 3, per: "1 second", burst: 5 }),
    five,
    Quota.slidingCounter({ limit: 5, window: "1 second" }),
    Quota.fixedWindow({ limit: 5, window: "1 second" }),
    Quota.all(five, Quota.tokenBucket({ rate: 4, per: "1 second" })),
  );
  const steps = FastCheck.array(
    FastCheck.record({
      gap: FastCheck.constantFrom(0, 1, 50, 333, 1000),
      cost: FastCheck.integer({ min: 1, max: 5 }),
      refund: FastCheck.constantFrom(undefined, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 30 },
  );
  testProperty(
    `${name}: decides as Quota.decide and Quota.settle do`,
    FastCheck.record({ quota: quotas, steps }),
    ({ quota, steps }) =>
      Effect.gen(function* () {
        const store = yield* LimiterStore.LimiterStore;
        const client = account("anna", quota);
        let state: Quota.State | undefined;
        let now = 0;
        for (const { cost, gap, refund } of steps) {
          now += gap;
          yield* TestClock.adjust(gap);
          const [decision, next] = Quota.decide(quota, state, now, cost);
          const answer = yield* store.take([client], cost);
          strictEqual(answer._tag, decision._tag);
          strictEqual(answer.tier, decision.tier);
          state = next;
          if (answer._tag === "Denied" || decision._tag === "Denied") {
            ok(answer._tag === "Denied" && decision._tag === "Denied");
            strictEqual(
              Duration.toMillis(answer.retryAfter),
              Duration.toMillis(decision.retryAfter),
            );
            continue;
          }
          ok(Math.abs(answer.remaining - decision.remaining) < 1e-6);
          if (refund === undefined) continue;
          yield* store.settle([client], answer, refund);
          const charge = { ...decision, at: now, cost };
          state = Quota.settle(quota, next, now, charge, refund);
        }
      }).pipe(Effect.provide(layer)),
    { numRuns: 200 },
  );

  test(
    "charges all accounts or none, and says which refused",
    Effect.fnUntraced(function* (store) {
      const anna = account("anna", five);
      const shared = above(
        Quota.slidingWindow({ limit: 2, window: "1 second", name: "shared" }),
      );
      for (let n = 0; n < 2; n++) yield* store.take([anna, shared], 1);
      const refused = yield* store.take([anna, shared], 1);
      ok(refused._tag === "Denied");
      strictEqual(refused.account, 1);
      strictEqual(refused.tier, "shared");
      strictEqual(Duration.toMillis(refused.retryAfter), 1000);
      const alone = yield* store.peek([anna], 1);
      ok(alone._tag === "Allowed");
      strictEqual(alone.remaining, 3);
      yield* TestClock.adjust("1 second");
      strictEqual((yield* store.take([anna, shared], 1))._tag, "Allowed");
    }),
  );

  test(
    "peek() charges nothing, and behind others says when they are through",
    Effect.fnUntraced(function* (store) {
      const anna = account("anna", five);
      for (let n = 0; n < 9; n++) {
        strictEqual((yield* store.peek([anna], 5))._tag, "Allowed");
      }
      strictEqual(yield* store.size, 0);
      yield* store.take([anna], 5);
      const behind = yield* store.peek([anna], 1, 7);
      ok(behind._tag === "Denied");
      strictEqual(Duration.toMillis(behind.retryAfter), 2000);
    }),
  );

  test(
    "keys and limiters do not touch each other",
    Effect.fnUntraced(function* (store) {
      yield* store.take([account("anna", five)], 5);
      for (
        const other of [
          account("ben", five),
          { ...account("anna", five), limiter: "other" },
        ]
      ) {
        const taken = yield* store.take([other], 1);
        ok(taken._tag === "Allowed");
        strictEqual(taken.remaining, 4);
      }
    }),
  );

  test(
    "a client that changes plan keeps what was counted",
    Effect.fnUntraced(function* (store) {
      yield* store.take([account("anna", five)], 5);
      const paid = Quota.slidingWindow({ limit: 8, window: "1 second" });
      const taken = yield* store.take([account("anna", paid)], 1);
      ok(taken._tag === "Allowed");
      strictEqual(taken.remaining, 2);
      strictEqual(yield* store.size, 1);
    }),
  );

  test(
    "pause() denies for as long as it says, the longest wins, 0 ends it",
    Effect.fnUntraced(function* (store) {
      const anna = account("anna", five);
      yield* store.pause(anna, Duration.seconds(3));
      yield* store.pause(anna, Duration.seconds(1));
      const refused = yield* store.take([anna], 1);
      ok(refused._tag === "Denied");
      strictEqual(Duration.toMillis(refused.retryAfter), 3000);
      strictEqual(
        (yield* store.take([account("ben", five)], 1))._tag,
        "Allowed",
      );
      yield* store.pause(anna, Duration.zero);
      strictEqual((yield* store.take([anna], 1))._tag, "Allowed");
    }),
  );

  test(
    "pause() for ever lasts until it is ended, also over a reset()",
    Effect.fnUntraced(function* (store) {
      const anna = account("anna", five);
      yield* store.take([anna], 5);
      yield* store.pause(anna, Duration.infinity);
      yield* store.reset(anna);
      yield* TestClock.adjust("30 days");
      const refused = yield* store.take([anna], 1);
      ok(refused._tag === "Denied" && refused.tier === "paused");
      ok(!Duration.isFinite(refused.retryAfter));
      yield* store.pause(anna, Duration.zero);
      strictEqual((yield* store.take([anna], 5))._tag, "Allowed");
    }),
  );

  test(
    "reset() makes a key new, and voids charges from before",
    Effect.fnUntraced(function* (store) {
      const anna = account(
        "anna",
        Quota.fixedWindow({ limit: 5, window: "1 hour" }),
      );
      const old = yield* store.take([anna], 5);
      ok(old._tag === "Allowed");
      yield* TestClock.adjust("1 milli");
      yield* store.reset(anna);
      strictEqual(yield* store.size, 0);
      strictEqual((yield* store.take([anna], 5))._tag, "Allowed");
      yield* store.settle([anna], old, 0);
      strictEqual((yield* store.take([anna], 1))._tag, "Denied");
    }),
  );

  test(
    "settle() corrects all accounts",
    Effect.fnUntraced(function* (store) {
      const accounts = [account("anna", five), above(five)] as const;
      const taken = yield* store.take(accounts, 5);
      ok(taken._tag === "Allowed");
      yield* store.settle(accounts, taken, 2);
      const left = yield* store.peek([account("ben", five), above(five)], 1);
      ok(left._tag === "Allowed");
      strictEqual(left.remaining, 3);
    }),
  );

  test(
    "a cost that no wait can satisfy is refused for ever",
    Effect.fnUntraced(function* (store) {
      const refused = yield* store.take([account("anna", five)], 6);
      ok(refused._tag === "Denied");
      ok(!Duration.isFinite(refused.retryAfter));
    }),
  );
}
