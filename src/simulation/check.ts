/**
 * Looks for a run that goes wrong.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Logger from "effect/Logger";
import { refuse, whole } from "../internal/check.ts";
import { Counterexample } from "./counterexample.ts";
import { execute, type Execution, type Listeners } from "./execution.ts";
import { explorerOf } from "./explorer.ts";
import { failureOf } from "./failure.ts";
import type {
  Checked,
  CheckOptions,
  Run,
  Sickness,
  Strategy,
} from "./model.ts";
import {
  type Bounds,
  type Plan,
  readBounds,
  readPlan,
  readStrategy,
  type Steering,
} from "./plan.ts";
import { formatMillis, Recorder } from "./recorder.ts";
import { Shrinker } from "./shrink.ts";
import { drawEnd, drawScenes, listScenes } from "./timeline.ts";

/** Options of a check, as they were read. */
export interface CheckPlan {
  readonly plan: Plan;
  readonly bounds: Bounds;
  readonly runs: number;
  readonly strategies: ReadonlyArray<Strategy>;
}

const portfolio: ReadonlyArray<Strategy> = [
  ...["live", "random", "preemptive"] as const,
  ...[{ pct: 1 }, { pct: 2 }, { pct: 3 }],
];

export function readCheck(options: CheckOptions): CheckPlan {
  const { runs = 1000, strategies = portfolio } = options;
  if (strategies.length === 0) {
    refuse("strategies", "at least one strategy", "none");
  }
  for (const strategy of strategies) readStrategy("strategies", strategy);
  return {
    plan: readPlan(options),
    bounds: readBounds(options),
    runs: whole("runs", runs, 1),
    strategies,
  };
}

/** A run that went wrong. */
export interface Found<A, E> {
  readonly execution: Execution<A, E>;
  /** Told what became of it at last. */
  readonly explain: (run: Run<A, E>) => Counterexample<A, E>;
}

/** Logs of a thousand runs are of no use to anyone. */
const quiet: Listeners = {
  context: Context.make(Logger.CurrentLoggers, new Set()),
};

/** Looks for a run that goes wrong. Pauses after each run. */
export function* search<A, E>(
  program: Effect.Effect<A, E>,
  { bounds, plan: base, runs, strategies }: CheckPlan,
): Generator<undefined, Checked | Found<A, E>> {
  const fingerprints = new Set<string>();
  let explorers = strategies.map((strategy) =>
    explorerOf(base, strategy, runs)
  );
  let count = 0;
  while (count < runs && explorers.length > 0) {
    for (const explorer of explorers) {
      if (count === runs) break;
      const plan = explorer.next();
      if (plan === undefined) {
        explorers = explorers.filter((other) => other !== explorer);
        continue;
      }
      const { offer } = explorer;
      const execution = execute(program, plan, bounds, { ...quiet, offer });
      count++;
      fingerprints.add(execution.run.fingerprint);
      for (const other of explorers) {
        other.learn?.(execution.world.operations, plan.steering);
      }
      if (failureOf(execution.run) !== undefined) {
        return yield* explain(program, {
          plan,
          bounds,
          execution,
          runs: count,
        });
      }
      yield;
    }
  }
  return { runs: count, distinct: fingerprints.size };
}

interface First<A, E> {
  readonly execution: Execution<A, E>;
  readonly plan: Plan;
  readonly bounds: Bounds;
  readonly runs: number;
}

/** Reproduces the first run that went wrong, makes it small, and records it. */
function* explain<A, E>(
  program: Effect.Effect<A, E>,
  { bounds, execution: first, plan, runs }: First<A, E>,
): Generator<undefined, Found<A, E>> {
  const [second, third] = [
    execute(program, plan, bounds, quiet),
    execute(program, plan, bounds, quiet),
  ];
  // The first may have filled what lasts as long as the process, as the cache of Effect's hashes does.
  const isReproduced = isSame(second.run, third.run) &&
    failureOf(second.run) === failureOf(first.run);
  if (!isReproduced) {
    const other = isSame(first.run, second.run) ? third.run : second.run;
    return {
      execution: first,
      explain: (run) => nonDeterminism({ plan, run, runs }, other),
    };
  }
  yield;
  const { deviations, plan: small, strategy } = yield* new Shrinker(
    program,
    bounds,
    second,
    plan,
    quiet,
  ).shrink();
  const recorder = new Recorder();
  const drawn = execute(program, small, bounds, recorder.listeners);
  // A program that looks at its loggers or its tracer may go another way when it is watched.
  const isDrawn = failureOf(drawn.run) === failureOf(second.run);
  return {
    execution: isDrawn ? drawn : execute(program, small, bounds, quiet),
    explain: (run) =>
      new Counterexample({
        run,
        strategy,
        deviations: deviations.length,
        runs,
        cause: causeOf(run),
        timeline: [
          `${drawEnd(run)}`,
          `${reasons[strategy]}; found after ${count(runs, "run")}`,
          ...isDrawn ? [drawScenes(recorder)] : [],
          `To see it again:\n    Simulation.replay(program, "${run.trace}")`,
        ].join("\n\n"),
        scenes: isDrawn ? listScenes(recorder) : [],
      }),
  };
}

function isSame(
  one: Run<unknown, unknown>,
  other: Run<unknown, unknown>,
): boolean {
  return one.fingerprint === other.fingerprint &&
    failureOf(one) === failureOf(other);
}

/** Reports that one plan led to two runs. */
function nonDeterminism<A, E>(
  { plan, run, runs }: {
    readonly plan: Plan;
    readonly run: Run<A, E>;
    readonly runs: number;
  },
  other: Run<A, E>,
): Counterexample<A, E> {
  const sickness = differs(run, other);
  return new Counterexample({
    run: { ...run, sickness },
    strategy: foundBy(plan.steering),
    deviations: 0,
    runs,
    cause: causeOf(run),
    timeline: `${drawEnd({ ...run, sickness })}\n\nafter ${
      count(runs, "run")
    }, with the trace ${run.trace}`,
    scenes: [],
  });
}

const reasons = {
  live: "Effect's own scheduler goes this way",
  random: "another order of ready fibers than Effect's own shows it",
  preemptive:
    "it takes a fiber that lets others go first between two operations",
} as const;

function foundBy(steering: Steering): Strategy {
  switch (steering.by) {
    case "pct":
      return { pct: steering.depth };
    case "steps":
      return { exhaustive: steering.deviations.length };
    default:
      return steering.by;
  }
}

function causeOf({ exit, sickness }: Run<unknown, unknown>): unknown {
  return Exit.isFailure(exit) && sickness === undefined
    ? Cause.squash(exit.cause)
    : undefined;
}

/** How two runs of one plan differ. */
function differs(
  first: Run<unknown, unknown>,
  second: Run<unknown, unknown>,
): Sickness {
  const tell = (run: Run<unknown, unknown>) =>
    `${drawEnd(run)} (${count(run.steps, "step")}, ${
      formatMillis(Duration.toMillis(run.time))
    })`;
  return {
    _tag: "NonDeterminism",
    detail: `the same seed led to two runs. First: ${tell(first)}. Then: ${
      tell(second)
    }. Something that runs do not share should not outlive them: make state within the program`,
  };
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
