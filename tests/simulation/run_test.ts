/**
 * What a program sees of the world within a run, and what is left of it outside.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { Simulation } from "@weir/weir/simulation";
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as SecureRandom from "effect/crypto/SecureRandom";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Metric from "effect/Metric";
import * as Random from "effect/Random";
import * as Schedule from "effect/Schedule";
import { AsyncLocalStorage } from "node:async_hooks";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";

const run = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.Options,
): Simulation.Run<A, E> => Effect.runSync(Simulation.run(program, options));

/** What a program that is well gives. */
function valueOf<A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.Options,
): A {
  const { exit, sickness } = run(program, options);
  strictEqual(sickness, undefined);
  ok(Exit.isSuccess(exit));
  return exit.value;
}

const strategies: ReadonlyArray<Simulation.Strategy> = [
  ...["live", "random", "preemptive"] as const,
  ...[{ pct: 3 }, { exhaustive: 1 }],
];

Deno.test("run() lets time pass by itself, in whole and in fractions", () => {
  const program = Effect.gen(function* () {
    const times: Array<readonly [number, bigint]> = [];
    for (const wait of ["1 day", 0.25, 0.75, 33.3, 33.3, 33.3, 0.1] as const) {
      yield* Effect.sleep(wait);
      times.push([
        yield* Clock.currentTimeMillis,
        yield* Clock.monotonicTimeNanos,
      ]);
    }
    return times;
  });
  const day = 86_400_000;
  for (const strategy of strategies) {
    deepStrictEqual(valueOf(program, { strategy, maxTime: "2 days" }), [
      [day, BigInt(day) * 1_000_000n],
      [day, BigInt(day) * 1_000_000n + 250_000n],
      [day + 1, BigInt(day) * 1_000_000n + 1_000_000n],
      [day + 34, BigInt(day) * 1_000_000n + 34_300_000n],
      [day + 67, BigInt(day) * 1_000_000n + 67_600_000n],
      [day + 100, BigInt(day) * 1_000_000n + 100_900_000n],
      [day + 101, BigInt(day) * 1_000_000n + 101_000_000n],
    ]);
  }
});

Deno.test("run() wakes fibers in the order of their timers, and of those that are due together the first that was set", () => {
  const program = Effect.gen(function* () {
    const woken: Array<number> = [];
    yield* Effect.forEach(
      [30, 10, 20, 10, 30],
      (ms, i) =>
        Effect.andThen(Effect.sleep(ms), Effect.sync(() => woken.push(i))),
      { concurrency: "unbounded" },
    );
    return woken;
  });
  deepStrictEqual(valueOf(program), [1, 3, 2, 0, 4]);
});

Deno.test("run() lets no time pass for a fiber before others have had theirs", () => {
  const events = (
    program: (
      say: (what: string) => Effect.Effect<void>,
    ) => Effect.Effect<unknown>,
  ) =>
    Effect.gen(function* () {
      const seen: Array<readonly [string, number]> = [];
      yield* program((what) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          seen.push([what, now]);
        })
      );
      return seen;
    });
  const forks = events((say) =>
    Effect.gen(function* () {
      yield* Effect.sleep(10);
      yield* Effect.forkChild(say("child"));
      yield* Effect.sleep(30);
      yield* say("parent");
    })
  );
  const meets = events((say) =>
    Effect.all([
      Effect.andThen(
        Effect.sleep(10),
        Effect.andThen(Effect.sleep(30), say("early")),
      ),
      Effect.andThen(Effect.sleep(20), say("late")),
    ], { concurrency: "unbounded" })
  );
  for (const strategy of strategies) {
    deepStrictEqual(valueOf(forks, { strategy }), [["child", 10], [
      "parent",
      40,
    ]]);
    deepStrictEqual(valueOf(meets, { strategy }), [["late", 20], [
      "early",
      40,
    ]]);
  }
});

Deno.test("run() lets no time pass for a fiber that another wakes, before that one has had its", () => {
  const program = Effect.gen(function* () {
    let wakeOuter = () => {};
    let wakeInner = () => {};
    const outer = yield* Effect.forkChild(Effect.gen(function* () {
      yield* Effect.callback<void>((resume) => {
        wakeOuter = () => resume(Effect.void);
      });
      wakeInner();
      return yield* Clock.currentTimeMillis;
    }));
    yield* Effect.sleep(5);
    // Makes something ready, and waits, in one operation: what is ready may look as if it were this fiber.
    yield* Effect.callback<void>((resume) => {
      wakeInner = () => resume(Effect.void);
      Fiber.getCurrent()!.currentDispatcher.scheduleTask(() => wakeOuter(), 0);
    });
    yield* Effect.sleep(10);
    return yield* Fiber.join(outer);
  });
  for (const strategy of strategies) {
    strictEqual(valueOf(program, { strategy }), 5);
  }
});

Deno.test("run() lets a sleep of no time yield, and an endless one never wake", () => {
  const order: Array<string> = [];
  const say = (word: string) => Effect.sync(() => order.push(word));
  const program = Effect.gen(function* () {
    const other = yield* Effect.forkChild(say("other"));
    for (const wait of [0, -5]) {
      yield* Effect.sleep(wait);
      yield* say(`slept ${wait}`);
    }
    yield* Fiber.join(other);
    yield* Effect.timeout(Effect.sleep(Infinity), "10 days");
  });
  const { exit, time } = run(program, { maxTime: "11 days" });
  ok(Exit.isFailure(exit));
  strictEqual(Duration.toDays(time), 10);
  deepStrictEqual(order, ["other", "slept 0", "slept -5"]);
});

Deno.test("run() makes all chance and all clocks virtual, and the same for the same seed", () => {
  const program = Effect.gen(function* () {
    yield* Effect.sleep(1500);
    const secure = yield* SecureRandom.SecureRandom;
    return [
      yield* Random.next,
      yield* Random.nextInt,
      yield* secure.uuidV4(),
      yield* secure.uuidV7(),
      crypto.randomUUID(),
      [...crypto.getRandomValues(new Uint16Array(3))],
      Math.random(),
      Date.now(),
      new Date().toISOString(),
      Date(),
      performance.now(),
      DateTime.formatIso(yield* DateTime.now),
      DateTime.formatIso(DateTime.nowUnsafe()),
      new Date(5).getTime(),
      new Date() instanceof Date,
    ];
  }).pipe(Effect.provide(SecureRandom.layerWebCrypto));
  const first = valueOf(program, { seed: 5 });
  deepStrictEqual(valueOf(program, { seed: 5 }), first);
  const other = valueOf(program, { seed: 6 });
  for (const i of [0, 1, 2, 3, 4, 5, 6]) ok(first[i] !== other[i], `${i}`);
  deepStrictEqual(first.slice(7, 9), [1500, "1970-01-01T00:00:01.500Z"]);
  deepStrictEqual(first.slice(10), [
    1500,
    ...["1970-01-01T00:00:01.500Z", "1970-01-01T00:00:01.500Z"],
    ...[5, true],
  ]);
  ok(
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/.test(`${first[4]}`),
  );
});

Deno.test("run() leaves everything outside as it was, also when the program reached out", async () => {
  const names = [
    ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
    ...["fetch", "Date", "performance", "crypto", "Promise", "Math"],
  ] as const;
  const look = () =>
    JSON.stringify([
      names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)),
      ...[Date, Math, performance, crypto, Promise.prototype].map((object) =>
        Object.getOwnPropertyNames(object)
      ),
      ...["now", "random"].map((name) =>
        Object.getOwnPropertyDescriptor(name === "now" ? Date : Math, name)
      ),
    ], (_, value) => typeof value === "function" ? String(value) : value);
  const globals = {
    setTimeout,
    Date,
    now: Date.now,
    then: Promise.prototype.then,
  };
  const before = look();
  run(Effect.sleep("1 hour"));
  run(Effect.promise(() => Promise.resolve(1)));
  throws(() => run(Effect.void, { seed: -1 }));
  strictEqual(look(), before);
  deepStrictEqual(
    { setTimeout, Date, now: Date.now, then: Promise.prototype.then },
    globals,
  );
  ok(Date.now() > 1e12);
  strictEqual(await Promise.resolve(1).then((n) => n + 1), 2);
  const outside = Effect.runFork(Effect.void);
  ok(outside.id > 10);
});

Deno.test("run() numbers the fibers of a run from 0, before they start, too", () => {
  const program = Effect.gen(function* () {
    const first = yield* Effect.forkChild(Effect.fiberId);
    const second = yield* Effect.forkDetach(Effect.fiberId);
    return [
      yield* Effect.fiberId,
      first.id,
      second.id,
      yield* Fiber.join(first),
      yield* Fiber.join(second),
    ];
  });
  for (const strategy of strategies) {
    deepStrictEqual(valueOf(program, { strategy }), [0, 1, 2, 1, 2]);
  }
});

Deno.test("run() lets asynchronous context follow fibers, from outside and from within", () => {
  const storage = new AsyncLocalStorage<string>();
  const waits = Effect.gen(function* () {
    const seen = [storage.getStore()];
    for (const wait of [Effect.sleep(5), Effect.yieldNow]) {
      yield* wait;
      seen.push(storage.getStore());
    }
    return seen.join();
  });
  const program = Effect.gen(function* () {
    const context = yield* Effect.context<never>();
    const fork = () => Effect.runForkWith(context)(waits);
    const fibers = [
      fork(),
      storage.run("a", fork),
      storage.run("b", fork),
      yield* Effect.forkChild(waits),
    ];
    return yield* Effect.forEach(fibers, Fiber.join);
  });
  for (const strategy of strategies) {
    deepStrictEqual(
      storage.run("outside", () => valueOf(program, { strategy })),
      ["outside", "a", "b", "outside"].map((name) => `${name},${name},${name}`),
    );
  }
  strictEqual(storage.getStore(), undefined);
});

Deno.test("run() gives each run metrics of its own", () => {
  const counter = Metric.counter("simulated");
  const program = Effect.andThen(
    Metric.update(counter, 1),
    Effect.map(Metric.value(counter), ({ count }) => count),
  );
  strictEqual(valueOf(program), 1);
  strictEqual(valueOf(program), 1);
  strictEqual(Effect.runSync(Metric.value(counter)).count, 0);
});

Deno.test("run() shows layers the virtual world, and builds them anew in each run", () => {
  class Started extends Context.Service<Started, number>()("test/Started") {
    static readonly layer = Layer.effect(
      Started,
      Effect.andThen(Effect.sleep("1 minute"), Clock.currentTimeMillis),
    );
  }
  const program = Effect.gen(function* () {
    const calls = Effect.forEach([1, 2, 3], () => Limiter.limit(Effect.void));
    yield* calls;
    return [yield* Started, yield* Clock.currentTimeMillis];
  }).pipe(
    Effect.provide(
      Limiter.layer(Quota.tokenBucket({ rate: 1, per: "1 minute", burst: 1 })),
    ),
    Effect.provide(Started.layer),
  );
  for (let i = 0; i < 2; i++) {
    deepStrictEqual(valueOf(program), [60_000, 180_000]);
  }
});

Deno.test("run() runs within a run as it does outside", () => {
  const inner = Effect.gen(function* () {
    yield* Effect.sleep("1 hour");
    return [
      yield* Random.next,
      Math.random(),
      Date.now(),
      yield* Effect.fiberId,
    ];
  });
  const outer = Effect.gen(function* () {
    yield* Effect.sleep("1 minute");
    const { exit } = yield* Simulation.run(inner, { seed: 3 });
    return { exit, now: Date.now(), fiber: yield* Effect.fiberId };
  });
  deepStrictEqual(valueOf(outer), {
    exit: run(inner, { seed: 3 }).exit,
    now: 60_000,
    fiber: 0,
  });
});

Deno.test("run() can be run within other fibers, and runs synchronous effects", () => {
  const program = Effect.sync(() =>
    Effect.runSync(Effect.andThen(Effect.yieldNow, Effect.succeed(3)))
  );
  for (const strategy of strategies) {
    strictEqual(valueOf(program, { strategy }), 3);
  }
});

Deno.test("maxTime stops a run, and says what its fibers wait in", () => {
  const program = Effect.repeat(Effect.sleep("1 minute"), Schedule.forever);
  const { exit, sickness, time } = run(program, { maxTime: "1 hour" });
  ok(Exit.hasInterrupts(exit));
  strictEqual(Duration.toMinutes(time), 60);
  ok(sickness?._tag === "TimeLimit");
  strictEqual(sickness.fibers[0]?.waitsIn, "Effect.sleep");
  strictEqual(Duration.toDays(run(program).time), 1);
});

Deno.test("maxSteps stops a run in which no time passes, by steps and by operations", () => {
  const spins = Effect.forever(Effect.yieldNow);
  const counts = Effect.forever(Effect.void, { disableYield: true });
  for (const program of [spins, counts]) {
    for (const strategy of strategies) {
      const { sickness, steps, time } = run(program, {
        maxSteps: 50,
        strategy,
      });
      strictEqual(sickness?._tag, "Livelock");
      ok(steps <= (program === spins ? 50 : 2));
      strictEqual(Duration.toMillis(time), 0);
    }
  }
  const polls = Effect.repeat(Effect.sleep(1), { times: 99 });
  valueOf(polls, { maxSteps: 50 });
});

Deno.test("stepCost lets a program get on that looks at the clock until it moves", () => {
  const program = Effect.raceFirst(
    Effect.forever(Effect.yieldNow),
    Effect.sleep(10),
  );
  strictEqual(run(program, { maxSteps: 1000 }).sickness?._tag, "Livelock");
  const { exit, steps, time } = run(program, { stepCost: 0.01 });
  ok(Exit.isSuccess(exit));
  ok(steps >= 1000);
  ok(Duration.toMillis(time) >= 10 && Duration.toMillis(time) < 10.1);
});

Deno.test("maxSteps stops a run whose waits are too short to move its clock", () => {
  const program = Effect.andThen(
    Effect.sleep(9e15),
    Effect.forever(Effect.sleep(0.25), { disableYield: true }),
  );
  for (const strategy of strategies) {
    const { sickness } = run(program, {
      maxTime: Duration.infinity,
      maxSteps: 50,
      strategy,
    });
    strictEqual(sickness?._tag, "Livelock");
  }
});

Deno.test("maxTime stops a run whose time passes with its steps", () => {
  const spins = Effect.forever(Effect.yieldNow);
  for (const strategy of strategies) {
    const { sickness, time } = run(spins, {
      maxTime: 10,
      stepCost: 1,
      strategy,
    });
    strictEqual(sickness?._tag, "TimeLimit");
    strictEqual(Duration.toMillis(time), 11);
  }
});

Deno.test("timerJitter makes timers late, by chance and by no more", () => {
  const delays = (seed: number) =>
    valueOf(
      Effect.forEach(
        Array.from({ length: 200 }),
        () =>
          Effect.map(
            Effect.timed(Effect.sleep(10)),
            ([taken]) => Duration.toMillis(taken),
          ),
      ),
      { timerJitter: 5, seed },
    );
  const first = delays(1);
  ok(first.every((ms) => ms >= 10 && ms <= 15));
  ok(Math.max(...first) - Math.min(...first) > 4);
  ok(first.join() !== delays(2).join());
});

Deno.test("run() refuses bad options by name and value", () => {
  const bad: ReadonlyArray<readonly [unknown, string]> = [
    [{ seed: 0.5 }, '"seed" must be a whole number, at least 0, was 0.5'],
    [{ seed: -1 }, '"seed" must be a whole number, at least 0, was -1'],
    [{ maxSteps: 0 }, '"maxSteps" must be a whole number, at least 1, was 0'],
    [
      { maxTime: -1 },
      '"maxTime" must be a duration such as 1000 or "1 second", not negative, was -1',
    ],
    [
      { timerJitter: NaN },
      '"timerJitter" must be a duration such as 1000 or "1 second", not negative, was NaN',
    ],
    [{ stepCost: Infinity }, '"stepCost" must be finite, was Infinity'],
    [{ leaks: "no" }, '"leaks" must be "fail" or "allow", was "no"'],
    [
      { strategy: "fair" },
      '"strategy" must be "live", "random", "preemptive", { pct } or { exhaustive }, was "fair"',
    ],
    [
      { strategy: { pct: 0 } },
      '"strategy.pct" must be a whole number, at least 1, was 0',
    ],
    [
      { strategy: { exhaustive: -1 } },
      '"strategy.exhaustive" must be a whole number, at least 0, was -1',
    ],
    [
      { faults: { chance: 2 } },
      '"faults.chance" must be a number from 0 to 1, was 2',
    ],
    [
      { faults: { until: -1 } },
      '"faults.until" must be a duration such as 1000 or "1 second", not negative, was -1',
    ],
  ];
  for (const [options, message] of bad) {
    throws(
      () => Simulation.run(Effect.void, options as Simulation.Options),
      { name: "RangeError", message },
    );
  }
});
