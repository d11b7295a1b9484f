import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
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
        yield* pass(0.2);
        yield* Fiber.join(end);
      }
      const peek = yield* fork(anna.peek());
      yield* pass(0.2);
      const peeked = yield* Fiber.join(peek);
      ok(peeked._tag === "Allowed");
      strictEqual(peeked.remaining, 2);
      strictEqual((yield* anna.stats).admitted, 0);
    }),
  ),
);

for (const concurrency of [undefined, 1]) {
  for (const by of ["acquire", "tryAcquire", "limit"] as const) {
    testEffect(
      `${by}() with concurrency ${concurrency} whose call hangs ends at once when it is interrupted; the charge goes back, and the next is served`,
      Effect.gen(function* () {
        const clients = yield* KeyedLimiter.make(
          Quota.slidingWindow({ limit: 2, window: "1 day" }),
          { concurrency },
        );
        const anna = clients.for("anna");
        const call: Effect.Effect<unknown> = {
          acquire: anna.acquire(),
          tryAcquire: anna.tryAcquire(),
          limit: anna.limit(Effect.never),
        }[by];
        const hanging = yield* fork(call);
        const next = yield* fork(anna.limit(Effect.void));
        yield* fork(Fiber.interrupt(hanging));
        ok(finished(hanging) && !finished(next));
        strictEqual((yield* anna.stats).waiting, 1);
        yield* TestClock.adjust("1 hour");
        yield* pass(1);
        yield* Fiber.join(next);
        const peek = yield* fork(anna.peek());
        yield* pass(1);
        const peeked = yield* Fiber.join(peek);
        ok(peeked._tag === "Allowed");
        strictEqual(peeked.remaining, 1);
        const { admitted, running, waiting } = yield* anna.stats;
        deepStrictEqual([admitted, running, waiting], [1, 0, 0]);
      }).pipe(
        Effect.provide(slowStore((call) => call === 0 ? 1_800_000 : 1)),
      ),
    );
  }
}

for (const maxWait of [0, 1]) {
  testEffect(
    `acquire() with maxWait ${maxWait} waits for the store's answers, not for the quota`,
    withClients(
      {},
      () => 50,
      Effect.fnUntraced(function* (clients) {
        const anna = clients.for("anna");
        const order: Array<string> = [];
        const call = (name: string) =>
          fork(
            Effect.map(
              Effect.exit(anna.acquire({ maxWait })),
              ({ _tag }) => void order.push(`${name} ${_tag}`),
            ),
          );
        const fibers = [yield* call("1"), yield* call("2"), yield* call("3")];
        yield* pass(0.4);
        yield* Fiber.joinAll(fibers);
        deepStrictEqual(order, ["1 Success", "2 Success", "3 Failure"]);
        strictEqual((yield* clients.stats).waiting, 0);
      }),
    ),
  );
}

testEffect(
  "acquire() with maxWait 0 behind a call that was charged already is let in by a quota that has room",
  withClients(
    {},
    (call) => call === 0 ? 50 : 1,
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const first = yield* fork(anna.acquire());
      yield* TestClock.adjust(60);
      const second = yield* fork(anna.acquire({ maxWait: 0 }));
      yield* pass(1);
      yield* Fiber.joinAll([first, second]);
    }),
  ),
);

testEffect(
  "acquire() with maxWait 0 lets in all that a quota that suffices for all has room for, however the calls overtake each other",
  Effect.gen(function* () {
    const clients = yield* KeyedLimiter.make(perSecond(4));
    const anna = clients.for("anna");
    const fibers = [];
    for (let n = 0; n < 4; n++) {
      fibers.push(yield* fork(anna.acquire({ maxWait: 0 })));
    }
    yield* pass(1);
    yield* Fiber.joinAll(fibers);
  }).pipe(
    // What is foreseen for the last is so after others were charged.
    Effect.provide(slowStore((call) => call === 3 ? 35 : 10)),
  ),
);

testEffect(
  "tryAcquire() waits for the store's answers, in line, and says what that said",
  withClients(
    {},
    () => 50,
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const fibers = [];
      for (let n = 0; n < 3; n++) fibers.push(yield* fork(anna.tryAcquire()));
      yield* pass(0.4);
      const answers = yield* Fiber.joinAll(fibers);
      const tags = answers.map(({ _tag }) => _tag);
      deepStrictEqual(tags, ["Allowed", "Allowed", "Denied"]);
      strictEqual(answers[2]!.tier, perSecond(2).tiers[0]!.name);
      const tooMuch = yield* anna.tryAcquire({ cost: 3 });
      strictEqual(tooMuch._tag, "Denied");
      const { admitted, denied, waiting } = yield* clients.stats;
      deepStrictEqual([admitted, denied, waiting], [2, 2, 0]);
    }),
  ),
);

testEffect(
  "who hoped to go once the store answered is refused when the quota keeps those before waiting",
  Effect.gen(function* () {
    const store = yield* LimiterStore.LimiterStore;
    const quota = perSecond(2);
    const clients = yield* KeyedLimiter.make(quota);
    const anna = clients.for("anna");
    const first = yield* fork(anna.acquire());
    yield* TestClock.adjust(2);
    yield* Fiber.join(first);
    const head = yield* fork(anna.acquire({ cost: 2 }));
    const hopeful = yield* fork(Effect.flip(anna.acquire({ maxWait: 150 })));
    yield* TestClock.adjust(20);
    // Somebody else takes the rest meanwhile.
    yield* fork(store.take([{ limiter: "default", key: "anna", quota }], 1));
    yield* TestClock.adjust(150);
    ok(!finished(hopeful));
    yield* TestClock.adjust(50);
    ok(finished(hopeful) && !finished(head));
  }).pipe(Effect.provide(slowStore((call) => call === 1 ? 100 : 1))),
);

testEffect(
  "who hoped to go once the store answered is refused when the shared quota keeps another key waiting",
  Effect.gen(function* () {
    const store = yield* LimiterStore.LimiterStore;
    const shared = perSecond(1);
    const clients = yield* KeyedLimiter.make(Quota.unlimited, { shared });
    const first = yield* fork(clients.for("anna").acquire());
    yield* TestClock.adjust(2);
    yield* Fiber.join(first);
    const head = yield* fork(clients.for("anna").acquire());
    yield* TestClock.adjust(1003);
    strictEqual(finished(head), false);
    const hopeful = yield* fork(
      Effect.flip(clients.for("ben").acquire({ maxWait: 150 })),
    );
    yield* TestClock.adjust(5);
    const limiter = "default";
    yield* fork(store.take([
      { limiter, key: "carl", quota: Quota.unlimited },
      { limiter, key: "", quota: shared },
    ], 1));
    yield* TestClock.adjust(300);
    ok(finished(hopeful) && !finished(head));
  }).pipe(Effect.provide(slowStore((call) => call === 2 ? 100 : 1))),
);

testEffect(
  "who hoped to go once the store answered is refused when those before keep the last slot",
  withClients(
    { concurrency: 1 },
    () => 50,
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      yield* fork(anna.limit(Effect.never));
      const hopeful = yield* fork(
        Effect.flip(anna.limit(Effect.void, { maxWait: 60 })),
      );
      yield* TestClock.adjust(110);
      ok(finished(hopeful));
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
