import { KeyedLimiter, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { slowStore } from "../support/slow_store.ts";

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => Effect.yieldNow);

const withClients = <E>(
  options: KeyedLimiter.Options,
  latency: (call: number) => number,
  body: (clients: KeyedLimiter.Service) => Effect.Effect<void, E>,
) =>
  Effect.flatMap(KeyedLimiter.make(perSecond(2), options), body).pipe(
    Effect.provide(slowStore(latency)),
  );

const pass = (seconds: number) =>
  Effect.replicateEffect(TestClock.adjust("10 millis"), seconds * 100, {
    discard: true,
  });

testProperty(
  "a line keeps its order over a store whose answers overtake each other, and the quota its bound",
  FastCheck.record({
    latencies: FastCheck.array(FastCheck.integer({ min: 0, max: 90 }), {
      minLength: 1,
      maxLength: 10,
    }),
    shared: FastCheck.boolean(),
    calls: FastCheck.array(
      FastCheck.record({
        key: FastCheck.constantFrom("a", "b"),
        gap: FastCheck.constantFrom(0, 10, 200),
        interruptAfter: FastCheck.constantFrom(
          undefined,
          undefined,
          0,
          50,
          700,
        ),
      }),
      { minLength: 1, maxLength: 15 },
    ),
  }),
  ({ calls, latencies, shared }) =>
    withClients(
      shared ? { shared: perSecond(3) } : {},
      (call) => latencies[call % latencies.length]!,
      Effect.fnUntraced(function* (clients) {
        const got: Array<{ key: string; n: number; at: number }> = [];
        const fibers = [];
        for (const [n, { gap, interruptAfter, key }] of calls.entries()) {
          yield* pass(gap / 1000);
          const fiber = yield* fork(
            Effect.flatMap(
              clients.for(key).acquire(),
              () =>
                Effect.map(Clock.currentTimeMillis, (at) => {
                  got.push({ key, n, at });
                }),
            ),
          );
          fibers.push(fiber);
          if (interruptAfter !== undefined) {
            yield* Effect.forkChild(
              Effect.andThen(
                Effect.sleep(interruptAfter),
                Fiber.interrupt(fiber),
              ),
            );
          }
        }
        yield* pass(20);
        ok(fibers.every(finished));
        for (const one of ["a", "b"]) {
          const mine = got.filter(({ key }) => key === one);
          const order = mine.map(({ n }) => n);
          deepStrictEqual(order, order.toSorted((x, y) => x - y));
          // The store's time is up to one way's latency, and a step of the test clock, before the caller's.
          for (let i = 2; i < mine.length; i++) {
            ok(mine[i]!.at - mine[i - 2]!.at >= 1000 - 110);
          }
        }
        const { waiting } = yield* clients.stats;
        strictEqual(waiting, 0);
        yield* pass(2);
        for (const key of ["a", "b"]) {
          const peek = yield* fork(clients.for(key).peek());
          yield* pass(1);
          const peeked = yield* Fiber.join(peek);
          ok(peeked._tag === "Allowed" && peeked.remaining === 2);
        }
      }),
    ),
  { numRuns: 60 },
);

testEffect(
  "a call that hangs holds up its own key only",
  withClients(
    {},
    (call) => call === 2 ? 1e6 : 1,
    Effect.fnUntraced(function* (clients) {
      for (let n = 0; n < 2; n++) {
        const fiber = yield* fork(clients.for("a").acquire());
        yield* pass(0.1);
        yield* Fiber.join(fiber);
      }
      const hanging = yield* fork(clients.for("a").acquire());
      const behind = yield* fork(
        Effect.flip(clients.for("a").acquire({ maxWait: "1 second" })),
      );
      yield* pass(0.1);
      const others = [];
      for (let n = 0; n < 5; n++) {
        others.push(yield* fork(clients.for("b").acquire()));
      }
      yield* pass(3);
      yield* Fiber.joinAll(others);
      strictEqual((yield* Fiber.join(behind))._tag, "WaitTimeout");
      strictEqual(finished(hanging), false);
      yield* TestClock.adjust("1 hour");
      yield* Fiber.join(hanging);
    }),
  ),
);

testEffect(
  "an interrupt while a call is under way gives the charge back",
  withClients(
    {},
    () => 50,
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("a");
      for (const take of [anna.acquire(), anna.tryAcquire()]) {
        const fiber = yield* fork(take);
        yield* TestClock.adjust("60 millis");
        const end = yield* fork(Fiber.interrupt(fiber));
        yield* pass(1);
        yield* Fiber.join(end);
      }
      const peek = yield* fork(anna.peek());
      yield* pass(1);
      const peeked = yield* Fiber.join(peek);
      ok(peeked._tag === "Allowed");
      strictEqual(peeked.remaining, 2);
      strictEqual((yield* anna.stats).admitted, 0);
    }),
  ),
);

for (const shared of [false, true]) {
  testEffect(
    `a refusal that a change overtook is asked about anew${
      shared ? ", under a shared quota by any key" : ""
    }`,
    withClients(
      shared ? { shared: perSecond(2) } : {},
      (call) => [0, 10, 2][call] ?? 0,
      Effect.fnUntraced(function* (clients) {
        const holder = yield* clients.for("a").acquire({ cost: 2 });
        const key = shared ? "b" : "a";
        const waiter = yield* fork(clients.for(key).acquire());
        yield* TestClock.adjust("9 millis");
        // The store sees it after it refused, and answers before the refusal arrives.
        const settled = yield* fork(holder.settle(0));
        yield* TestClock.adjust("20 millis");
        ok(finished(settled) && finished(waiter));
      }),
    ),
  );
}
