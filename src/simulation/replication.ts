/**
 * One replication of a model.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";
import * as Logger from "effect/Logger";
import { Collector, type Sample } from "./collector.ts";
import { execute } from "./execution.ts";
import { isBad } from "./failure.ts";
import { withGlobals } from "./globals.ts";
import type { Run } from "./model.ts";
import { readBounds, readPlan } from "./plan.ts";
import type { Span } from "./records.ts";
import { drawEnd } from "./timeline.ts";

/** What there is to do. */
export interface Job extends Span {
  readonly point: unknown;
  readonly seed: number;
}

/** What came of it: plain data. */
export type Answer =
  | { readonly sample: Sample }
  | { readonly trace: string; readonly detail: string };

/** How many steps may be made while no time passes: a crowd may arrive at once. */
const maxSteps = 1_000_000;

/** What a program logs in ten thousand runs is of no use to anyone. */
const quiet = Context.make(Logger.CurrentLoggers, new Set());

/** Runs a program until the horizon, or its end if that is earlier. */
export function replicate(
  program: Effect.Effect<unknown, unknown>,
  { horizon, seed, warmup }: Job,
): Answer {
  const collector = new Collector({ horizon, warmup });
  const plan = readPlan({ seed });
  const bounds = readBounds({ maxTime: horizon * 1000, maxSteps });
  const { run, world } = withGlobals(() =>
    execute(program, plan, bounds, { collector, context: quiet })
  );
  const detail = wrongWith(run) ??
    (world.now < warmup * 1000 ? "it ended before its warm-up did" : undefined);
  return detail === undefined
    ? { sample: collector.sample(world.now) }
    : { trace: run.trace, detail };
}

function wrongWith(run: Run<unknown, unknown>): string | undefined {
  return run.sickness?._tag === "TimeLimit" || !isBad(run)
    ? undefined
    : drawEnd(run);
}
