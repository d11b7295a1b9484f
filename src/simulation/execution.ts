/**
 * Runs programs as plans have it.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type { Collector } from "./collector.ts";
import { type Deviation, Exploration } from "./exploration.ts";
import { isInside } from "./globals.ts";
import { teachLandmarks } from "./landmarks.ts";
import type { Run, Sickness } from "./model.ts";
import { type Bounds, orderOf, type Plan, writeTrace } from "./plan.ts";
import { type Witness, World } from "./world.ts";

/** A run, and the world that it ran in. */
export interface Execution<A, E> {
  readonly run: Run<A, E>;
  readonly world: World<A, E>;
}

/** Whom a run tells what. */
export interface Listeners {
  /** Services for the program, besides those of a run. */
  readonly context?: Context.Context<never> | undefined;
  readonly witness?: Witness | undefined;
  /** Where measures go. */
  readonly collector?: Collector | undefined;
  /** Told of what could be added to the deviations of the plan. */
  readonly offer?: ((deviation: Deviation) => void) | undefined;
  /** Told of every deviation. */
  readonly deviates?: ((deviation: Deviation) => void) | undefined;
}

/** Runs a program. Only within `withGlobals`. */
export function execute<A, E>(
  program: Effect.Effect<A, E>,
  plan: Plan,
  bounds: Bounds,
  listeners: Listeners = {},
): Execution<A, E> {
  teachLandmarks();
  const { order, way } = orderOf(plan, listeners.offer);
  if (order instanceof Exploration) order.onDeviation = listeners.deviates;
  const world = new World<A, E>(plan, bounds, order, listeners);
  world.run(program);
  const left = way?.left ?? 0;
  const sickness = world.sickness ?? (left > 0 ? doesNotFit(left) : undefined);
  const run = {
    exit: world.exit ?? Exit.interrupt(),
    ...(sickness && { sickness }),
    time: Duration.millis(world.now),
    steps: world.steps,
    fingerprint: world.fingerprint,
    trace: writeTrace(plan),
  };
  return { run, world };
}

const grace = 20;

/**
 * Looks again at what seems to be a deadlock. A native `await` cannot be seen from within; it shows when it wakes a fiber of a
 * run that is over.
 */
export function settle<A, E>(
  { run, world }: Execution<A, E>,
): Effect.Effect<Run<A, E>> {
  if (run.sickness?._tag !== "Deadlock" || isInside()) {
    return Effect.succeed(run);
  }
  return Effect.callback((resume) => {
    const timer = setTimeout(() => {
      const { late } = world;
      const sickness: Sickness = late === undefined ? run.sickness! : {
        _tag: "RealAsync",
        api: "something outside, such as a native await",
        fiber: late,
        stack: "",
      };
      resume(Effect.succeed({ ...run, sickness }));
    }, grace);
    return Effect.sync(() => clearTimeout(timer));
  });
}

function doesNotFit(left: number): Sickness {
  return {
    _tag: "NonDeterminism",
    detail:
      `the program does not go the way of its trace: ${left} of its choices did not come up`,
  };
}
