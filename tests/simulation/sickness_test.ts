/**
 * Runs that are sick: deadlocks, leaks, and ways out of the simulation.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Deferred from "effect/Deferred";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Queue from "effect/Queue";
import * as Semaphore from "effect/Semaphore";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

const run = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.Options,
): Promise<Simulation.Run<A, E>> =>
  Effect.runPromise(Simulation.run(program, options));

/** What fibers say of themselves. */
function shown(
  fibers: ReadonlyArray<Simulation.FiberInfo>,
): ReadonlyArray<ReadonlyArray<unknown>> {
  return fibers.map(({ id, name, since, waitsIn }) => [
    ...[id, name, waitsIn, Duration.toMillis(since)],
  ]);
}

Deno.test("Deadlock names each fiber, what it waits in, and since when", async () => {
  const philosopher = Effect.fn("philosopher")(function* (
    left: Semaphore.Semaphore,
    right: Semaphore.Semaphore,
  ) {
    yield* left.withPermits(1)(
      Effect.andThen(Effect.sleep(10), right.withPermits(1)(Effect.void)),
    );
  });
  const program = Effect.gen(function* () {
    const [a, b] = [yield* Semaphore.make(1), yield* Semaphore.make(1)];
    yield* Effect.forkChild(philosopher(a, b));
    yield* Effect.forkChild(philosopher(b, a));
    yield* Effect.sleep(5);
    yield* Effect.never.pipe(Effect.withSpan("dinner"));
  });
  const { exit, sickness, time } = await run(program);
  ok(sickness?._tag === "Deadlock");
  deepStrictEqual(shown(sickness.fibers), [
    [0, "dinner", "Effect.never", 5],
    [1, "philosopher", "Semaphore.take", 10],
    [2, "philosopher", "Semaphore.take", 10],
  ]);
  strictEqual(Duration.toMillis(time), 10);
  ok(Exit.hasInterrupts(exit));
});

Deno.test("Deadlock calls waits by Effect's names, by the names of functions, or by their source", async () => {
  const fiber = Effect.forkChild(Effect.never);
  const waits: ReadonlyArray<readonly [string, Effect.Effect<unknown>]> = [
    ["Deferred.await", Effect.flatMap(Deferred.make(), Deferred.await)],
    ["Latch.await", Effect.flatMap(Latch.make(), (latch) => latch.await)],
    ["Queue.take", Effect.flatMap(Queue.bounded(1), Queue.take)],
    ["Fiber.await", Effect.flatMap(fiber, Fiber.await)],
    ["Fiber.join", Effect.flatMap(fiber, Fiber.join)],
    ["Effect.all", Effect.all([Effect.never], { concurrency: 2 })],
    ["Effect.race", Effect.race(Effect.never, Effect.never)],
    ["Effect.never", Effect.sleep(Infinity)],
    ["theirTurn", Effect.callback(function theirTurn() {})],
    ["`(_resume)=>{}`", Effect.callback((_resume) => {})],
  ];
  for (const [label, program] of waits) {
    const { sickness } = await run(program);
    ok(sickness?._tag === "Deadlock");
    strictEqual(sickness.fibers[0]?.waitsIn, label);
  }
});

Deno.test("LeakedFibers names what outlives the program, unless leaks are allowed", async () => {
  const heartbeat = Effect.fn("heartbeat")(function* () {
    for (;;) yield* Effect.sleep("1 second");
  });
  const program = Effect.gen(function* () {
    yield* Effect.forkDetach(heartbeat());
    yield* Effect.forkDetach(Effect.yieldNow);
    yield* Effect.sleep("3 seconds");
    return "done";
  });
  for (const strategy of ["live", "random", "preemptive"] as const) {
    const { exit, sickness, time } = await run(program, { strategy });
    deepStrictEqual(exit, Exit.succeed("done"));
    ok(sickness?._tag === "LeakedFibers");
    deepStrictEqual(shown(sickness.fibers), [
      [1, "heartbeat", "Effect.sleep", 3000],
    ]);
    strictEqual(Duration.toMillis(time), 3000);
    const allowed = await run(program, { strategy, leaks: "allow" });
    strictEqual(allowed.sickness, undefined);
  }
});

Deno.test("fibers that end by themselves when the program ends are no leak", async () => {
  const program = Effect.gen(function* () {
    const done = yield* Deferred.make<void>();
    yield* Effect.forkDetach(
      Effect.ensuring(Deferred.await(done), Effect.yieldNow),
    );
    yield* Effect.yieldNow;
    yield* Deferred.succeed(done, undefined);
  });
  for (let seed = 0; seed < 50; seed++) {
    const { sickness } = await run(program, { strategy: "preemptive", seed });
    strictEqual(sickness, undefined);
  }
});

const escapes: ReadonlyArray<
  readonly [string, Effect.Effect<unknown, unknown>]
> = [
  ["Promise.then", Effect.promise(() => Promise.resolve(1))],
  ["fetch", Effect.tryPromise(() => fetch("http://127.0.0.1:1/"))],
  [
    "Promise.then",
    Effect.catchCause(
      Effect.promise(() => Promise.reject(new Error("swallowed"))),
      () => Effect.void,
    ),
  ],
  [
    "setTimeout",
    Effect.callback<void>((resume) => {
      setTimeout(() => resume(Effect.void), 1);
    }),
  ],
  [
    "setInterval",
    Effect.andThen(Effect.sync(() => setInterval(() => {}, 1)), Effect.never),
  ],
  [
    "AbortSignal.timeout",
    Effect.andThen(Effect.sync(() => AbortSignal.timeout(5)), Effect.never),
  ],
  [
    "queueMicrotask",
    Effect.callback<void>((resume) =>
      queueMicrotask(() => resume(Effect.void))
    ),
  ],
  [
    "Promise.then",
    Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(4))),
  ],
  ["Promise.then", Effect.promise(() => Deno.readTextFile("deno.json"))],
  [
    "Promise.then",
    Effect.promise(async () => {
      for await (
        const _ of Stream.toAsyncIterable(Stream.range(1, 3))
      ) { /* only reads */ }
    }),
  ],
];

for (const [i, [api, escape]] of escapes.entries()) {
  Deno.test(`RealAsync names the way out, the fiber and the place: ${api} (${i + 1})`, async () => {
    const load = Effect.fn("load")(function* () {
      yield* Effect.sleep(10);
      yield* escape;
    });
    for (const strategy of ["live", "random", "preemptive"] as const) {
      const { exit, sickness } = await run(load(), { strategy });
      ok(sickness?._tag === "RealAsync");
      strictEqual(sickness.api, api);
      deepStrictEqual([sickness.fiber.id, sickness.fiber.name], [0, "load"]);
      ok(sickness.stack.includes("sickness_test.ts"), sickness.stack);
      ok(!/effect\/4|src\/simulation/.test(sickness.stack), sickness.stack);
      ok(Exit.isFailure(exit));
    }
  });
}

for (
  const [api, escape] of [["setImmediate", Effect.yieldNow], [
    "setTimeout",
    Effect.sleep(5),
  ]] as const
) {
  Deno.test(`RealAsync sees a program that is run within: ${api}`, async () => {
    const program = Effect.sync(() => Effect.runFork(escape));
    const { sickness } = await run(program);
    ok(sickness?._tag === "RealAsync");
    deepStrictEqual([sickness.api, sickness.fiber.id], [api, 1]);
    ok(sickness.stack.includes("sickness_test.ts"), sickness.stack);
  });
}

Deno.test("RealAsync sees a native await by what it wakes after the run", async () => {
  const program = Effect.fn("sneaky")(function* () {
    let went = false;
    yield* Effect.callback<void>((resume) => {
      (async () => {
        await null;
        resume(Effect.void);
      })();
    });
    went = true;
    return went;
  });
  const { sickness } = await run(program());
  ok(sickness?._tag === "RealAsync");
  strictEqual(sickness.api, "something outside, such as a native await");
  deepStrictEqual([sickness.fiber.id, sickness.fiber.name], [0, "sneaky"]);
});

Deno.test("a fiber that is woken after its run goes no further", async () => {
  let wentOn = false;
  const program = Effect.andThen(
    Effect.callback<void>((resume) => {
      (async () => {
        await null;
        resume(Effect.void);
      })();
    }),
    Effect.sync(() => {
      wentOn = true;
    }),
  );
  await run(program);
  strictEqual(wentOn, false);
});

Deno.test("what hangs on a promise of a run never happens, and its rejection is nobody's business", async () => {
  let wentOn = false;
  const program = Effect.callback<void>(() => {
    Promise.reject(new Error("nobody's")).then(undefined, () => {
      wentOn = true;
    });
  });
  const { sickness } = await run(program);
  strictEqual(sickness?._tag, "RealAsync");
  await new Promise((resolve) => setTimeout(resolve));
  strictEqual(wentOn, false);
});
