/**
 * What a check finds, and how it reports it.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Clock from "effect/Clock";
import * as Data from "effect/Data";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as HashSet from "effect/HashSet";
import * as Logger from "effect/Logger";
import * as Random from "effect/Random";
import * as Ref from "effect/Ref";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";

/** What a check finds. */
const find = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.CheckOptions,
): Promise<Simulation.Counterexample<A, E>> =>
  Effect.runPromise(Effect.flip(Simulation.check(program, options)));

const pass = (
  program: Effect.Effect<unknown, unknown>,
  options?: Simulation.CheckOptions,
): Promise<Simulation.Checked> =>
  Effect.runPromise(Simulation.check(program, options));

/** Two fibers that each add to a number what they read, with something between. */
const adding = (between: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const count = yield* Ref.make(0);
    const add = Effect.fn("add")(function* () {
      const read = yield* Ref.get(count);
      yield* between;
      yield* Ref.set(count, read + 1);
    });
    const fibers = [
      yield* Effect.forkChild(add()),
      yield* Effect.forkChild(add()),
    ];
    yield* Effect.forEach(fibers, Fiber.join);
    strictEqual(yield* Ref.get(count), 2);
  });

Deno.test("check() labels what Effect's own scheduler shows as live", async () => {
  const found = await find(adding(Effect.yieldNow));
  deepStrictEqual(
    [found.strategy, found.deviations, found.runs, found.run.trace],
    ["live", 0, 1, "live?seed=1"],
  );
});

Deno.test("check() labels what takes another order of ready fibers as random", async () => {
  const program = Effect.gen(function* () {
    let isOpen = false;
    yield* Effect.forkChild(Effect.sync(() => {
      isOpen = true;
    }));
    const enter = yield* Effect.forkChild(
      Effect.sync(() => ok(isOpen, "shut")),
    );
    yield* Fiber.join(enter);
  });
  const found = await find(program);
  deepStrictEqual([found.strategy, found.deviations], ["random", 1]);
  strictEqual(
    found.run.trace,
    `steps?seed=${found.run.trace.match(/\d+/)?.[0]}&pick=0:1`,
  );
});

Deno.test("check() labels what takes a fiber that is stopped between operations as preemptive", async () => {
  const found = await find(adding(Effect.void));
  deepStrictEqual([found.strategy, found.deviations], ["preemptive", 1]);
  ok(found.run.exit._tag === "Failure");
  ok(found.cause instanceof Error && found.cause.name === "AssertionError");
});

Deno.test("check() draws who did what, and the line that shows it again", async () => {
  const found = await find(adding(Effect.void), {
    strategies: ["preemptive"],
    seed: 3,
  });
  strictEqual(
    found.message.replaceAll(/^(.*?)AssertionError.*?\n\n/gs, "$1…\n\n"),
    `the program dies: …

it takes a fiber that lets others go first between two operations; found after ${found.runs} ${
      found.runs === 1 ? "run" : "runs"
    }

  0 ms  #0      forks #1; forks #2; waits in Fiber.join
        #1 add  Ref.get; lets others go first
►       #2 add  Ref.get; Ref.set; ends
        #1 add  Ref.set; ends
        #0      Ref.get; dies: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:
                1 !== 2

To see it again:
    Simulation.replay(program, "${found.run.trace}")`,
  );
  strictEqual(found.timeline, found.message);
  strictEqual(found.name, "Counterexample");
  strictEqual(found._tag, "Counterexample");
});

Deno.test("check() finds each strategy's kind of error with few runs of it", async () => {
  /** The second of two fibers fails if the first one took all its steps before. */
  const overtaken = Effect.gen(function* () {
    let isDone = false;
    const slow = yield* Effect.forkChild(
      Effect.andThen(
        Effect.repeat(Effect.yieldNow, { times: 200 }),
        Effect.sync(() => {
          isDone = true;
        }),
      ),
    );
    const quick = yield* Effect.forkChild(
      Effect.andThen(Effect.yieldNow, Effect.sync(() => ok(!isDone))),
    );
    yield* Fiber.join(quick);
    yield* Fiber.join(slow);
  });
  await pass(overtaken, { strategies: ["live", "random"], runs: 100 });
  const found = await find(overtaken, { strategies: [{ pct: 1 }], runs: 20 });
  strictEqual(found.deviations, 0);
});

Deno.test("check() finds what takes two changes of priority, by priorities", async () => {
  /** One must be stopped within its two steps, and the other within its own. */
  const program = Effect.gen(function* () {
    const [a, b] = [yield* Ref.make(0), yield* Ref.make(0)];
    const swap = Effect.fn("swap")(function* (
      mine: Ref.Ref<number>,
      other: Ref.Ref<number>,
    ) {
      yield* Ref.set(mine, 1);
      const seen = yield* Ref.get(other);
      yield* Ref.set(mine, 2);
      return seen;
    });
    const fibers = [
      yield* Effect.forkChild(swap(a, b)),
      yield* Effect.forkChild(swap(b, a)),
    ];
    const seen = yield* Effect.forEach(fibers, Fiber.join);
    ok(seen.join() !== "1,1", "both saw the other in the middle");
  });
  await pass(program, { strategies: [{ pct: 1 }], runs: 300 });
  const found = await find(program, { strategies: [{ pct: 3 }], runs: 1000 });
  strictEqual(found.strategy, "preemptive");
});

Deno.test("check() keeps a failure that only its starter can bring about", async () => {
  const program = Effect.gen(function* () {
    let isReady = false;
    yield* Effect.forkChild(
      Effect.andThen(
        Effect.void,
        Effect.sync(() => {
          isReady = true;
        }),
      ),
      { startImmediately: true },
    );
    ok(isReady, "not ready");
    yield* Effect.yieldNow;
  });
  await pass(program, { strategies: ["live", "random"], runs: 100 });
  const found = await find(program);
  deepStrictEqual([found.strategy, found.deviations], ["preemptive", 1]);
});

Deno.test("check() tries every way with few deviations, once, and then has nothing left", async () => {
  const fork = Effect.forkChild(Effect.yieldNow);
  const program = Effect.gen(function* () {
    const fibers = [yield* fork, yield* fork];
    yield* Effect.forEach(fibers, Fiber.await);
  });
  const runs = async (exhaustive: number) => {
    const checked = await pass(program, {
      strategies: [{ exhaustive }],
      runs: 2000,
    });
    return checked;
  };
  const [none, one, two] = [await runs(0), await runs(1), await runs(2)];
  deepStrictEqual(none, { runs: 1, distinct: 1 });
  ok(one.runs > 5 && one.runs < 50, `${one.runs}`);
  ok(two.runs > 2 * one.runs && two.runs < one.runs ** 2, `${two.runs}`);
  ok(two.distinct > one.distinct);
  const found = await find(adding(Effect.void), {
    strategies: [{ exhaustive: 1 }],
  });
  deepStrictEqual([found.strategy, found.deviations], ["preemptive", 1]);
});

Deno.test("check() counts runs that differ", async () => {
  deepStrictEqual(await pass(Effect.sleep(1), { runs: 100 }), {
    runs: 100,
    distinct: 1,
  });
  const sleeps = Effect.forEach(
    [1, 2, 3],
    () => Effect.flatMap(Random.nextIntBetween(1, 1000), Effect.sleep),
  );
  const { distinct } = await pass(sleeps, { runs: 100 });
  ok(distinct > 10 && distinct <= 100, `${distinct}`);
});

Deno.test("check() reports a run that it cannot reproduce as NonDeterminism", async () => {
  let runs = 0;
  const program = Effect.suspend(() =>
    ++runs === 5 ? Effect.fail("fifth") : Effect.void
  );
  const found = await find(program);
  const { sickness } = found.run;
  ok(sickness?._tag === "NonDeterminism");
  ok(sickness.detail.includes('fails: "fifth"'), sickness.detail);
  strictEqual(found.runs, 5);
});

Deno.test("check() reports a program that goes on from where the last run left it as NonDeterminism", async () => {
  const outside = Ref.makeUnsafe(0);
  const program = Effect.gen(function* () {
    const n = yield* Ref.updateAndGet(outside, (n) => n + 1);
    for (let i = 0; i < n; i++) yield* Effect.yieldNow;
    ok(n < 7);
  });
  const { run } = await find(program);
  strictEqual(run.sickness?._tag, "NonDeterminism");
});

Deno.test("check() keeps a failure that it makes smaller the same", async () => {
  const program = Effect.gen(function* () {
    const order: Array<number> = [];
    const fork = (id: number) =>
      Effect.forkChild(Effect.sync(() => order.push(id)));
    const fibers = [yield* fork(1), yield* fork(2)];
    yield* Effect.forEach(fibers, Fiber.join);
    if (order[0] === 1) return yield* Effect.die("usual");
    return yield* Effect.fail("reversed");
  });
  const labels = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    const { deviations, run: { exit }, strategy } = await find(program, {
      strategies: ["random"],
      seed,
    });
    labels.add(JSON.stringify([Exit.hasFails(exit), strategy, deviations]));
  }
  deepStrictEqual([...labels].sort(), [
    '[false,"live",0]',
    '[true,"random",1]',
  ]);
});

Deno.test("check() reports sickness: a deadlock, a leak, a way out", async () => {
  const stuck = Effect.flatMap(Deferred.make(), Deferred.await);
  const leaky = Effect.forkDetach(Effect.sleep("1 hour"));
  const out = Effect.promise(() => Promise.resolve());
  const sneaky = Effect.callback<void>((resume) => {
    (async () => {
      await null;
      resume(Effect.void);
    })();
  });
  for (
    const [program, tag] of [
      ...[[stuck, "Deadlock"], [leaky, "LeakedFibers"]] as const,
      ...[[out, "RealAsync"], [sneaky, "RealAsync"]] as const,
    ]
  ) {
    const found = await find<unknown, unknown>(program);
    strictEqual(found.run.sickness?._tag, tag);
    strictEqual(found.strategy, "live");
    strictEqual(found.cause, undefined);
  }
  await pass(leaky, { leaks: "allow", runs: 12 });
});

Deno.test("check() keeps what the program logs for its timeline", async () => {
  const printed: Array<unknown> = [];
  const names = ["log", "warn", "error", "group"] as const;
  const { console: terminal } = globalThis;
  const originals = names.map((name) => terminal[name]);
  for (const name of names) terminal[name] = (...args) => printed.push(args);
  try {
    const program = Effect.gen(function* () {
      yield* Effect.logWarning("about to fail");
      yield* Effect.fail("as announced");
    });
    await Effect.runPromise(Simulation.run(program));
    strictEqual(printed.length, 1);
    const { message } = await find(program);
    strictEqual(printed.length, 1);
    ok(message.includes("logs Warn: about to fail"), message);
  } finally {
    for (const [i, name] of names.entries()) terminal[name] = originals[i]!;
  }
});

Deno.test("check() leaves out the middle of a long timeline", async () => {
  const program = Effect.gen(function* () {
    for (let i = 0; i < 500; i++) yield* Effect.sleep(1 + i % 2);
    yield* Effect.fail("late");
  });
  const { message } = await find(program);
  ok(message.includes("… 441 more …"), message);
  ok(message.split("\n").length < 80);
});

Deno.test("check() lets other fibers go on, and can be interrupted", async () => {
  const program = Effect.repeat(Effect.yieldNow, { times: 1000 });
  const endless = Simulation.check(program, { runs: 1e9 });
  const exit = await Effect.runPromise(
    Effect.exit(Effect.timeout(endless, "50 millis")),
  );
  ok(Exit.isFailure(exit));
});

Deno.test("check() starts from its seed", async () => {
  const program = Effect.flatMap(
    Random.next,
    (n) => n < 0.05 ? Effect.fail("low") : Effect.void,
  );
  const [one, two] = [await find(program), await find(program)];
  strictEqual(one.run.trace, two.run.trace);
  const later = await find(program, { seed: 1000 });
  ok(Number(later.run.trace.match(/seed=(\d+)/)?.[1]) >= 1000);
});

Deno.test("check() runs within a run", async () => {
  const outer = Effect.gen(function* () {
    yield* Effect.sleep(5);
    const found = yield* Effect.flip(Simulation.check(adding(Effect.void)));
    return [found.deviations, yield* Clock.currentTimeMillis];
  });
  const { exit } = await Effect.runPromise(Simulation.run(outer));
  deepStrictEqual(exit, Exit.succeed([1, 5]));
});

Deno.test("check() refuses bad options by name and value", () => {
  const bad: ReadonlyArray<readonly [unknown, string]> = [
    [{ runs: 0 }, '"runs" must be a whole number, at least 1, was 0'],
    [
      { strategies: [] },
      '"strategies" must be at least one strategy, was "none"',
    ],
    [
      { strategies: ["live", { pct: 1.5 }] },
      '"strategies.pct" must be a whole number, at least 1, was 1.5',
    ],
    [{ seed: NaN }, '"seed" must be a whole number, at least 0, was NaN'],
  ];
  for (const [options, message] of bad) {
    throws(
      () => Simulation.check(Effect.void, options as Simulation.CheckOptions),
      { name: "RangeError", message },
    );
  }
});

Deno.test("check() shows values in a line, however large they are", async () => {
  const program = Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(Effect.never);
    return {
      fiber,
      list: Array.from(
        { length: 1e6 },
        (_, i) => ({ i, deep: { er: [fiber] } }),
      ),
    };
  });
  const { message } = await find(program);
  ok(
    message.includes("ends with { fiber: [FiberImpl], list: [{…}, {…}, "),
    message,
  );
});

Deno.test("check() reproduces what fails whatever the process remembers", async () => {
  const outside = () => {};
  const program = Effect.gen(function* () {
    HashSet.make(outside);
    yield* Effect.sleep(1 + Math.random() * 10);
    yield* Effect.fail(new NotThere({ id: 3 }));
  });
  const { message, run } = await find(program);
  deepStrictEqual(run.sickness, undefined);
  ok(message.includes("fails: NotThere { id: 3 }"), message);
});

class NotThere extends Data.TaggedError("NotThere")<{ readonly id: number }> {}

Deno.test("check() reports a program that goes another way when it is watched", async () => {
  const program = Effect.gen(function* () {
    const loggers = yield* Logger.CurrentLoggers;
    if (loggers.size === 0) yield* Effect.fail("quiet");
  });
  const { message, run } = await find(program);
  deepStrictEqual(run.exit, Exit.fail("quiet"));
  ok(message.startsWith('the program fails: "quiet"'), message);
});

Deno.test("check() reports what throws as a fiber ends, with the way to it", async () => {
  const program = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.yieldNow);
    fiber.addObserver(() => {
      throw new Error("observed");
    });
    yield* Fiber.join(fiber);
  });
  const found = await find(program);
  ok(found.cause instanceof Error && found.cause.message === "observed");
  strictEqual(found.run.trace, "live?seed=1");
});

Deno.test("check() starves nobody for ever by priorities", async () => {
  const program = Effect.gen(function* () {
    const busy = yield* Effect.forkChild(Effect.forever(Effect.yieldNow));
    yield* Effect.yieldNow;
    yield* Fiber.interrupt(busy);
  });
  const strategies = [{ pct: 1 }, { pct: 2 }, { pct: 3 }];
  await pass(program, { strategies, runs: 300, maxSteps: 20_000 });
});
