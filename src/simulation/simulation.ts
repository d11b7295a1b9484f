/**
 * Runs any Effect program in virtual time, under any interleaving of its fibers, from a seed.
 *
 * The program must be complete: everything it requires is provided inside, so that it sees the virtual world.
 *
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const program = Effect.sleep("1 hour");
 *
 * Deno.test("it ends", () =>
 *   Simulation.check(program).pipe(Effect.asVoid, Effect.runPromise));
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect";
import {
  type Checked,
  type CheckOptions,
  type Found,
  readCheck,
  search,
} from "./check.ts";
import type { Counterexample } from "./counterexample.ts";
import { execute, settle } from "./execution.ts";
import { withGlobals } from "./globals.ts";
import type { Limits, Options, Run, Trace } from "./model.ts";
import { readBounds, readPlan, readTrace } from "./plan.ts";

export * from "./counterexample.ts";
export * from "./model.ts";
export { faultPoint } from "../internal/fault_point.ts";
export type { Checked, CheckOptions } from "./check.ts";

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
