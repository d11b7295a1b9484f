/**
 * One replication of a model.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Logger from "effect/Logger";
import { Collector, type Sample } from "./collector.ts";
import { execute } from "./execution.ts";
import { isBad } from "./failure.ts";
import { withGlobals } from "./globals.ts";
import { readBounds, readPlan } from "./plan.ts";
import type { Span } from "./records.ts";
import { drawEnd } from "./timeline.ts";

/** What there is to do. */
export interface Job extends Span {
  readonly point: unknown;
  readonly seed: number;
  /** Whether how things went over time is wanted, too. */
  readonly hasSeries: boolean;
}

/** What came of it: plain data. */
export type Answer =
  | { readonly sample: Sample }
  | { readonly trace: string; readonly detail: string };

/** How many steps may be made while no time passes: a crowd may arrive at once. */
const maxSteps = 1_000_000;

/** What a program logs in ten thousand runs is of no use to anyone. */
const quiet = Context.make(Logger.CurrentLoggers, new Set());

/** The clock counts nanoseconds: what happens at the horizon itself is no more measured. */
const shortestMillis = 1e-6;

/** Runs a program until the horizon, or its end if that is earlier. `goOn` is asked as time passes, and ends it if it throws. */
export function replicate<P>(
  program: (point: P) => Effect.Effect<unknown, unknown>,
  { hasSeries, horizon, point, seed, warmup }: Job,
  goOn?: () => void,
): Answer {
  const collector = new Collector({ horizon, warmup }, goOn);
  const plan = readPlan({ seed });
  const maxTime = horizon * 1000 - shortestMillis;
  const bounds = readBounds({ maxTime, maxSteps });
  // The points are those of the model.
  const atPoint = Effect.suspend(() => program(point as P));
  const { run, world } = withGlobals(() =>
    execute(atPoint, plan, bounds, { collector, context: quiet })
  );
  const isWhole = run.sickness?._tag === "TimeLimit";
  const end = isWhole ? horizon * 1000 : world.now;
  const detail = !isWhole && isBad(run) ? drawEnd(run) : tooShort(end, warmup);
  return detail === undefined
    ? { sample: collector.sample(end, hasSeries) }
    : { trace: run.trace, detail };
}

function tooShort(end: number, warmup: number): string | undefined {
  if (end > warmup * 1000) return undefined;
  return warmup === 0
    ? "it ended before any time had passed"
    : "it ended before its warm-up did";
}
