/**
 * Traces lead to the same run.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Random from "effect/Random";
import * as Semaphore from "effect/Semaphore";
import fc from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";

/** Forks, waits, chance and faults, in all kinds of order. */
const program = Effect.gen(function* () {
  const semaphore = yield* Semaphore.make(2);
  const log: Array<string> = [];
  const worker = Effect.fn("worker")(function* (id: number) {
    for (let i = 0; i < 3; i++) {
      yield* semaphore.withPermits(1)(
        Effect.gen(function* () {
          yield* Effect.sleep(yield* Random.nextIntBetween(1, 5));
          yield* Simulation.faultPoint(
            `site ${i}`,
            Effect.sync(() => log.push(`fault ${id}`)),
          );
          log.push(`${id} ${Date.now()} ${Math.random()}`);
        }),
      );
      yield* Effect.yieldNow;
    }
  });
  const fibers = [];
  for (let id = 0; id < 5; id++) {
    fibers.push(yield* Effect.forkChild(worker(id)));
  }
  yield* Effect.sleep(6);
  yield* Fiber.interrupt(fibers[4]!);
  yield* Effect.forEach(fibers.slice(0, 4), Fiber.join);
  return log;
});

const options: fc.Arbitrary<Simulation.Options> = fc.record({
  seed: fc.nat(),
  strategy: fc.oneof(
    fc.constantFrom<Simulation.Strategy>("live", "random", "preemptive"),
    fc.record({ pct: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ exhaustive: fc.nat(3) }),
  ),
  timerJitter: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), {
    nil: undefined,
  }),
  stepCost: fc.option(fc.double({ min: 0, max: 0.1, noNaN: true }), {
    nil: undefined,
  }),
  faults: fc.option(
    fc.record({
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
      until: fc.option(fc.nat(20), { nil: undefined }),
    }),
    { nil: undefined },
  ),
});

Deno.test("replay() of a run's trace is the same run, whatever its options were", () => {
  fc.assert(
    fc.property(options, (options) => {
      const first = Effect.runSync(Simulation.run(program, options));
      const again = Effect.runSync(Simulation.replay(program, first.trace));
      deepStrictEqual(again, first);
    }),
    { numRuns: 200 },
  );
});

Deno.test("replay() of a counterexample's trace is the same run", async () => {
  const broken = Effect.gen(function* () {
    const log = yield* program;
    const places = [0, 1, 2].map((id) =>
      log.findIndex((entry) => entry.startsWith(`${id} `))
    );
    ok(places.join() === [...places].sort((a, b) => a - b).join(), `${places}`);
  });
  for (const seed of [1, 100, 200]) {
    const found = await Effect.runPromise(
      Effect.flip(Simulation.check(broken, { seed })),
    );
    const again = Effect.runSync(Simulation.replay(broken, found.run.trace));
    strictEqual(again.fingerprint, found.run.fingerprint);
    strictEqual(again.trace, found.run.trace);
    strictEqual(again.exit._tag, "Failure");
  }
});

Deno.test("a fingerprint tells runs apart", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    for (const strategy of ["random", "preemptive"] as const) {
      const run = Effect.runSync(Simulation.run(program, { seed, strategy }));
      seen.add(run.fingerprint);
    }
  }
  strictEqual(seen.size, 600);
});

Deno.test("replay() says so when the program does not come to the choices of a trace", () => {
  for (const choice of ["preempt=0:999", "pick=999:1", "preempt=99:1"]) {
    const { exit, sickness } = Effect.runSync(
      Simulation.replay(program, `steps?seed=1&${choice}`),
    );
    strictEqual(exit._tag, "Success");
    ok(sickness?._tag === "NonDeterminism");
    ok(sickness.detail.includes("1 of its choices"), sickness.detail);
  }
});

Deno.test("replay() refuses what is no trace, and bad options", () => {
  const bad = [
    ...["", "live", "live?", "live?seed=", "live?seed=x", "live?seed=-1"],
    ...["fair?seed=1", "pct?seed=1", "pct?seed=1&depth=1"],
    ...["steps?seed=1&pick=1", "steps?seed=1&preempt=a:b"],
    ...["live?seed=1&timerJitter=late", "live?seed=1&faults=often"],
  ];
  for (const trace of bad) {
    throws(() => Simulation.replay(program, trace), {
      name: "RangeError",
      message: `"trace" must be the trace of a run, was "${trace}"`,
    });
  }
  throws(
    () => Simulation.replay(program, "live?seed=1", { maxSteps: 0 }),
    { name: "RangeError", message: /"maxSteps" must be .* was 0/ },
  );
});
