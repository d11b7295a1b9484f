import { LimiterStore, Quota } from "@weir/weir";
import { testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { ok, strictEqual } from "node:assert/strict";
import { KeyedCore } from "../../src/limiter/keyed_core.ts";
import { finished } from "../support/effects.ts";
import { slowStore } from "../support/slow_store.ts";

const per100 = (limit: number) =>
  Quota.slidingWindow({ limit, window: "100 millis" });

const calls = FastCheck.array(
  FastCheck.record({
    key: FastCheck.constantFrom("a", "b", "c"),
    gap: FastCheck.constantFrom(0, 0, 1, 10, 50),
    cost: FastCheck.integer({ min: 1, max: 3 }),
    priority: FastCheck.constantFrom(0, 0, 1),
    maxWait: FastCheck.constantFrom(Infinity, Infinity, 0, 30, 200),
    slot: FastCheck.boolean(),
    millis: FastCheck.constantFrom(0, 5, 60),
    interruptAfter: FastCheck.constantFrom(undefined, undefined, 0, 7, 55),
    fails: FastCheck.boolean(),
  }),
  { minLength: 1, maxLength: 30, size: "max" },
);

testProperty(
  "KeyedLimiter over any store keeps quota and slots, and remembers nobody once all are gone",
  FastCheck.record({
    latencies: FastCheck.option(
      FastCheck.array(FastCheck.nat(20), { minLength: 1, maxLength: 9 }),
      { nil: undefined },
    ),
    shared: FastCheck.boolean(),
    calls,
  }),
  ({ calls, latencies, shared }) =>
    Effect.gen(function* () {
      const { charges, store } = recorded(yield* LimiterStore.LimiterStore);
      const quota = per100(3);
      const context = yield* Effect.context<never>();
      const clock = Context.get(context, Clock.Clock);
      let sleeping = 0;
      const counting: Clock.Clock = {
        ...clock,
        sleep: (duration) =>
          Effect.suspend(() => {
            sleeping++;
            return Effect.ensuring(
              clock.sleep(duration),
              Effect.sync(() => sleeping--),
            );
          }),
      };
      const core = new KeyedCore(
        {
          name: "storm",
          quotaOf: () => quota,
          shared: shared ? per100(4) : undefined,
          concurrency: 2,
        },
        store,
        Context.add(context, Clock.Clock, counting),
      );
      const running = new Map<string, number>();
      let most = 0;
      const fibers: Array<Fiber.Fiber<unknown, unknown>> = [];
      for (const call of calls) {
        yield* TestClock.adjust(call.gap);
        const { cost, key, maxWait, millis, priority, slot } = call;
        const add = (n: number) =>
          slot && running.set(key, (running.get(key) ?? 0) + n);
        const work = Effect.gen(function* () {
          add(1);
          most = Math.max(most, running.get(key) ?? 0);
          yield* Effect.sleep(millis);
          if (call.fails) yield* Effect.die("failed");
        }).pipe(Effect.ensuring(Effect.sync(() => add(-1))));
        const turn = { cost, priority, maxWait };
        const fiber = yield* Effect.forkChild(Effect.exit(
          slot
            ? core.limit(key, work, turn)
            : Effect.andThen(core.turn(key, turn), work),
        ));
        fibers.push(fiber);
        if (call.interruptAfter !== undefined) {
          yield* Effect.sleep(call.interruptAfter).pipe(
            Effect.andThen(Fiber.interrupt(fiber)),
            Effect.forkChild,
          );
        }
      }
      for (let n = 0; n < 300 && !fibers.every(finished); n++) {
        yield* TestClock.adjust("20 millis");
      }
      yield* TestClock.adjust("100 millis");
      ok(fibers.every(finished), "somebody waits for ever");
      ok(core.queue.lines.empty, "a line is left");
      strictEqual(sleeping, 0, "a timer is left");
      const count = [...running.values()].reduce((sum, n) => sum + n, 0);
      strictEqual(count, 0);
      ok(most <= 2, `${most} at once`);
      for (const key of ["a", "b", "c"]) {
        const mine = [...charges.values()].filter((one) => one.key === key);
        for (const { at } of mine) {
          const within = mine.filter((one) =>
            one.at <= at && one.at + 100 > at
          );
          ok(within.reduce((sum, { cost }) => sum + cost, 0) <= 3);
        }
        yield* TestClock.adjust("1 second");
        const peek = yield* Effect.forkChild(core.peek(key, 3));
        yield* TestClock.adjust("1 second");
        strictEqual((yield* Fiber.join(peek))._tag, "Allowed");
      }
    }).pipe(
      Effect.provide(
        latencies === undefined
          ? LimiterStore.layerMemory()
          : slowStore((call) => latencies[call % latencies.length]!),
        { local: true },
      ),
    ),
  { numRuns: 400 },
);

/** A store, and what it charged by its own clock, less what was given back. */
function recorded(store: LimiterStore.Service) {
  const charges = new Map<
    LimiterStore.Taken,
    { key: string; at: number; cost: number }
  >();
  const { takeUnsafe } = store;
  type Accounts = Parameters<typeof store.take>[0];
  const note = (
    accounts: Accounts,
    answer: LimiterStore.Taken | LimiterStore.Refused,
  ) => {
    if (answer._tag === "Denied") return answer;
    const { at, cost } = answer;
    charges.set(answer, { key: accounts[0].key, at, cost });
    return answer;
  };
  const recording: LimiterStore.Service = {
    take: (accounts, cost) =>
      Effect.map(
        store.take(accounts, cost),
        (answer) => note(accounts, answer),
      ),
    peek: (accounts, cost, ahead) => store.peek(accounts, cost, ahead),
    settle: (accounts, charge, cost) => {
      charges.get(charge)!.cost = cost;
      return store.settle(accounts, charge, cost);
    },
    pause: (account, duration) => store.pause(account, duration),
    reset: (account) => store.reset(account),
    size: store.size,
    ...(takeUnsafe && {
      takeUnsafe: (accounts: Accounts, cost: number) =>
        note(accounts, takeUnsafe(accounts, cost)),
    }),
  };
  return { charges, store: recording };
}
