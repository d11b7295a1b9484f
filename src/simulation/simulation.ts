/**
 * Runs any Effect program in virtual time, under any interleaving of its fibers, from a seed.
 *
 * The program must be complete: everything it requires is provided inside, and made inside, so that it sees the virtual world
 * and starts anew in every run. Layers that are provided inside do. In a run `Clock`, `Random`, `MetricRegistry`, the numbers
 * of fibers, `Date`, `performance.now`, `Math.random` and `crypto`'s random numbers are virtual; a run is one synchronous call,
 * so that nothing outside sees that. Time starts in 1970, and advances by itself to the next timer when nothing is ready.
 *
 * What cannot be virtual: functions that were taken from a global before (`const { now } = Date`), other clocks and chance
 * (`Intl`, `Temporal`, `node:crypto`), and what lasts as long as the process, as Effect's caches of hashes and its unsafe ULIDs
 * and UUIDs of version 7 do.
 *
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Ref from "effect/Ref";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const count = yield* Ref.make(0);
 *   const increment = Ref.update(count, (n) => n + 1);
 *   yield* Effect.all([increment, increment], { concurrency: 2 });
 *   strictEqual(yield* Ref.get(count), 2);
 * });
 *
 * Deno.test("no increment is lost", () => Simulation.check(program).pipe(Effect.asVoid, Effect.runPromise));
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { readCheck, search } from "./check.ts";
import type { Counterexample } from "./counterexample.ts";
import { execute, settle } from "./execution.ts";
import { withGlobals } from "./globals.ts";
import type {
  Checked,
  CheckOptions,
  Limits,
  Options,
  Run,
  Trace,
} from "./model.ts";
import { readBounds, readPlan, readTrace } from "./plan.ts";

export * from "../internal/fault_point.ts";
export * from "./counterexample.ts";
export * from "./measures.ts";
export * from "./model.ts";
export * from "./progress.ts";
export * from "./sweep.ts";
export * from "./sweep_model.ts";

/**
 * Runs a program to its end, in one go and without waiting. Does not fail: look at the run. Throws a `RangeError` that names a
 * bad option.
 *
 * A run is over when the program has ended and nothing is ready, or when it is {@linkcode Sickness | sick}. What then still
 * waits is dropped: its finalizers do not run. What seems to be a deadlock is looked at again after some real milliseconds, so
 * `Effect.runSync` will not do for it.
 *
 * @example A day in no time
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const poll = Effect.repeat(Effect.sleep("1 hour"), { times: 22 });
 *
 * const { sickness, time } = await Effect.runPromise(Simulation.run(poll));
 * strictEqual(sickness, undefined);
 * strictEqual(Duration.toHours(time), 23);
 * ```
 *
 * @example What a deadlock looks like
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Deferred from "effect/Deferred";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const wait = Effect.fn("wait")(function* () {
 *   yield* Deferred.await(yield* Deferred.make<void>());
 * });
 *
 * const { sickness } = await Effect.runPromise(Simulation.run(wait()));
 * deepStrictEqual(
 *   sickness?._tag === "Deadlock" &&
 *     sickness.fibers.map(({ id, name, waitsIn }) => [id, name, waitsIn]),
 *   [[0, "wait", "Deferred.await"]],
 * );
 * ```
 */
export const run = <A, E>(
  program: Effect.Effect<A, E>,
  options: Options = {},
): Effect.Effect<Run<A, E>> => {
  const plan = readPlan(options);
  const bounds = readBounds(options);
  return Effect.suspend(() =>
    settle(withGlobals(() => execute(program, plan, bounds)))
  );
};

/**
 * Runs a program again as a trace has it: the same run, in any process. Where the program does not come to the choices of a
 * trace, as it was changed, the run is a {@linkcode Sickness | NonDeterminism}. Throws a `RangeError` if it is no trace.
 *
 * @example
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Random from "effect/Random";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const dice = Random.nextIntBetween(1, 6);
 *
 * const first = await Effect.runPromise(Simulation.run(dice, { seed: 7 }));
 * const again = await Effect.runPromise(Simulation.replay(dice, first.trace));
 * deepStrictEqual(again, first);
 * ```
 */
export const replay = <A, E>(
  program: Effect.Effect<A, E>,
  trace: Trace,
  options: Limits = {},
): Effect.Effect<Run<A, E>> => {
  const plan = readTrace(trace);
  const bounds = readBounds(options);
  return Effect.suspend(() =>
    settle(withGlobals(() => execute(program, plan, bounds)))
  );
};

/**
 * Runs a program many times, each another way, and fails with the first run that is sick or does not succeed: reproduced, and
 * cut down to the fewest deviations from the usual. State a claim by asserting it in the program. Throws a `RangeError` that
 * names a bad option.
 *
 * The strategies take turns, each from one seed to the next. Of a run that went wrong it looks for the weakest strategy that
 * shows the same, and for the fewest deviations: all of one are tried before any of two, as far as 2,000 runs or a million
 * operations go; after that, those of the run that was found are cut down. A run that cannot be reproduced is reported as a
 * {@linkcode Sickness | NonDeterminism}. What the program logs is kept for the timeline. Other fibers go on in between, and the
 * check can be interrupted.
 *
 * @example A check and an act, and what comes between
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Ref from "effect/Ref";
 * import { ok, strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const tokens = yield* Ref.make(1);
 *   let admitted = 0;
 *   const take = Effect.gen(function* () {
 *     const left = yield* Ref.get(tokens);
 *     if (left === 0) return;
 *     yield* Ref.set(tokens, left - 1);
 *     admitted++;
 *   });
 *   yield* Effect.all([take, take], { concurrency: 2 });
 *   ok(admitted <= 1, `${admitted} admitted`);
 * });
 *
 * const found = await Effect.runPromise(Effect.flip(Simulation.check(program)));
 * strictEqual(found.strategy, "preemptive");
 * strictEqual(found.deviations, 1);
 * console.log(found.timeline);
 * ```
 *
 * @example Every way with at most two deviations
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Ref from "effect/Ref";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const count = yield* Ref.make(0);
 *   const increment = Ref.update(count, (n) => n + 1);
 *   yield* Effect.all([increment, increment], { concurrency: 2 });
 *   strictEqual(yield* Ref.get(count), 2);
 * });
 *
 * await Effect.runPromise(
 *   Simulation.check(program, { strategies: [{ exhaustive: 2 }], runs: 10_000 }),
 * );
 * ```
 */
export const check = <A, E>(
  program: Effect.Effect<A, E>,
  options: CheckOptions = {},
): Effect.Effect<Checked, Counterexample<A, E>> => {
  const plan = readCheck(options);
  return Effect.suspend(() => inSlices(search(program, plan))).pipe(
    Effect.flatMap((outcome) =>
      "explain" in outcome
        ? Effect.flatMap(
          settle(outcome.execution),
          (run) => Effect.fail(outcome.explain(run)),
        )
        : Effect.succeed(outcome)
    ),
  );
};

/** How long the runs of a check go on before they let something else happen. */
const slice = 20;

/** Goes through steps that must not be interrupted one by one, and lets other fibers go on in between. */
function inSlices<A>(steps: Generator<undefined, A>): Effect.Effect<A> {
  const go = (): A | undefined => {
    const end = performance.now() + slice;
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() > end) return undefined;
    }
  };
  const loop: Effect.Effect<A> = Effect.suspend(() => {
    const done = withGlobals(go);
    return done === undefined
      ? Effect.andThen(Effect.yieldNow, loop)
      : Effect.succeed(done);
  });
  return loop;
}
