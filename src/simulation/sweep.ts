/**
 * Capacity planning: one program at many settings, with intervals.
 *
 * @module
 */
import * as Arr from "effect/Array";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import {
  millis,
  plain,
  positive,
  refuse,
  span,
  whole,
} from "../internal/check.ts";
import type { Sample } from "./collector.ts";
import { alone, type Crew, crewOf } from "./crew.ts";
import { alike, measuresOf, paired } from "./estimate.ts";
import type { Estimate, Result } from "./measures.ts";
import { readMeasure } from "./reading.ts";
import { show } from "./show.ts";
import { type Model, ModelFailed, unmistakable } from "./sweep_model.ts";

/** When there are replications enough. */
export interface Precision {
  /**
   * Which measure, as `response.mean`, `pool.pending.mean` or `lost.rate`. It has to be known at every setting: of what may not
   * happen at some, count none (`Monitor.count("lost", 0)`).
   */
  readonly of: string;
  /** How wide its interval of 95% may be, on either side, as a part of its mean: above 0. */
  readonly within: number;
}

/** What to try, and how long. */
export interface SweepOptions<P> {
  /** The settings, at least one; plain data, as JSON has it, if other threads are to run the model. */
  readonly points: ReadonlyArray<P>;
  /** How long each replication lasts, in virtual time. A program that ends earlier is measured until then. */
  readonly horizon: Duration.Input;
  /** What of it is not measured, until the model has left the state that it starts in; nothing if omitted. */
  readonly warmup?: Duration.Input | undefined;
  /**
   * How many replications a setting gets, from 2 to a million; 10 if omitted. All settings get the same chance, replication by
   * replication, so that their differences are sharp.
   */
  readonly replications?: number | undefined;
  /**
   * Lets a setting have up to ten times as many replications, until this holds: it is looked at after the first of them, and
   * after every five more. To stop when it looks well makes intervals a little too narrow (some 94 of 100 have the true mean),
   * the less so the more replications come first; and what happened in none of these is taken to be 0.
   */
  readonly precision?: Precision | undefined;
  /** What all chance comes from, a whole number; 1 if omitted. Replication `n` has the seed `seed + n`, from 0. */
  readonly seed?: number | undefined;
  /**
   * How many threads at most; as many as there are cores if omitted. The numbers do not depend on it. A model without a module
   * is run in this thread, whatever it says.
   */
  readonly workers?: number | undefined;
  /** Told of every replication that is done, and how many there may be at most; again when that becomes less. */
  readonly onProgress?:
    | ((done: number, total: number) => Effect.Effect<void>)
    | undefined;
}

/** Times are in seconds. */
interface Settings<P> {
  readonly points: ReadonlyArray<P>;
  readonly horizon: number;
  readonly warmup: number;
  /** How many replications a setting has at first, and at most. */
  readonly first: number;
  readonly most: number;
  readonly precision: Precision | undefined;
  readonly seed: number;
  readonly workers: number;
}

/** After how many more replications it is looked again whether there are enough. */
const batch = 5;
/** How many times as many replications a wanted precision may take. */
const mostTimes = 10;

/**
 * Runs a model at every setting, many times, each until the horizon, and measures. Fails with the first replication of a
 * setting that was sick or failed; if several settings do, with the one that is known first. Throws a `RangeError` that names a
 * bad option. A precision that is not reached is logged as a warning.
 *
 * With a module, replications are spread over threads of its own, in which waiting is cheaper, and which need `--allow-read`;
 * without, they are run one by one in this thread, and other fibers go on in between. Either way the numbers are the same.
 *
 * @example One server that is busy four fifths of the time
 * ```ts
 * import { Limiter, WorkerPool } from "@weir/weir";
 * import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { ok } from "node:assert/strict";
 *
 * const model = Simulation.model((workers: number) =>
 *   Workload.arrivals("jobs", Workload.exponential("1 second")).pipe(
 *     Workload.serve(() =>
 *       Workload.sleep("work", Workload.exponential("800 millis")).pipe(
 *         WorkerPool.run(),
 *         Monitor.time("response"),
 *       )
 *     ),
 *     Effect.provide(
 *       WorkerPool.layer({ workers }).pipe(Layer.provide(Limiter.layerUnlimited)),
 *     ),
 *   )
 * );
 *
 * const [one, two] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [1, 2], horizon: "2 hours", warmup: "10 minutes" }),
 * );
 * const slower = Simulation.difference(one!, two!, "response.mean");
 * ok(slower.mean - slower.halfWidth > 1);
 * ```
 */
export const sweep = <P>(
  model: Model<P>,
  options: SweepOptions<P>,
): Effect.Effect<ReadonlyArray<Result<P>>, ModelFailed> => {
  const settings = check(options);
  const { most, points, workers } = settings;
  const { onProgress = () => Effect.void } = options;
  let done = 0;
  let total = points.length * most;
  const measured = ({ run, size }: Crew) => (point: P) => {
    const told: Crew = {
      size,
      run: (job) => Effect.tap(run(job), () => onProgress(++done, total)),
    };
    return Effect.gen(function* () {
      const result = yield* replications(point, settings, told);
      const { count } = result.replications;
      if (count < most) {
        total -= most - count;
        yield* onProgress(done, total);
      }
      return result;
    });
  };
  const { module } = model;
  if (module !== undefined) {
    points.forEach((point, i) => plain(`points[${i}]`, point));
    unmistakable(model);
  }
  return Effect.scoped(Effect.gen(function* () {
    const crew = module === undefined
      ? alone(model)
      : yield* crewOf(model, module, Math.min(workers, total));
    return yield* Effect.forEach(points, measured(crew), {
      concurrency: crew.size === 1 ? 1 : "unbounded",
    });
  }));
};

/**
 * How much more of a measure there is at one setting than at another, replication by replication: as the same chance is behind
 * both, the interval is narrower than theirs. Replications that the other has not are left out. Quantiles are to 0.1% of
 * themselves, by which their difference may be off. Throws a `RangeError` if the two have other seeds, horizons or warm-ups, if
 * there is no such measure, or it is no estimate.
 *
 * @example Two policies, one day
 * ```ts
 * import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { ok } from "node:assert/strict";
 *
 * const model = Simulation.model((handicap: number) =>
 *   Workload.draw("work", Workload.exponential("1 second")).pipe(
 *     Effect.tap((work) => Monitor.tally("work", handicap + Duration.toSeconds(work))),
 *     Effect.delay("1 second"),
 *     Effect.forever,
 *   )
 * );
 * const [fast, slow] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [0, 0.1], horizon: "10 minutes" }),
 * );
 * const { halfWidth, mean } = Simulation.difference(slow!, fast!, "work.mean");
 * ok(Math.abs(mean - 0.1) < 1e-9 && halfWidth < 1e-9);
 * ```
 */
export const difference = (
  one: Result<unknown>,
  other: Result<unknown>,
  measure: string,
): Estimate => {
  alike("other", one.replications, other.replications);
  const [these = [], those = []] = readMeasure("measure", measure, [one, other])
    .map(({ values }) => values);
  if (these.length === 0 || those.length === 0) {
    refuse("measure", "an estimate, and measured at both", measure);
  }
  return paired(these, those);
};

function check<P>(options: SweepOptions<P>): Settings<P> {
  const { points, precision, replications = 10, seed = 1 } = options;
  const { workers = navigator.hardwareConcurrency } = options;
  if (!Array.isArray(points) || points.length === 0) {
    refuse("points", "an array of at least one", points);
  }
  const horizon = span("horizon", options.horizon);
  const warmup = millis("warmup", options.warmup ?? 0);
  if (warmup >= horizon) {
    refuse("warmup", "shorter than the horizon", options.warmup);
  }
  if (precision !== undefined) positive("precision.within", precision.within);
  whole("replications", replications, 2, 1e6);
  const most = precision === undefined
    ? replications
    : mostTimes * replications;
  return {
    points,
    horizon: horizon / 1000,
    warmup: warmup / 1000,
    first: replications,
    most,
    precision,
    seed: whole("seed", seed, 0, Number.MAX_SAFE_INTEGER - most),
    workers: whole("workers", workers, 1),
  };
}

/** Measures a setting, in as many replications as it takes. */
function replications<P>(
  point: P,
  { first, horizon, most, precision, seed, warmup }: Settings<P>,
  { run, size }: Crew,
): Effect.Effect<Result<P>, ModelFailed> {
  return Effect.gen(function* () {
    const samples: Array<Sample> = [];
    while (true) {
      const next = samples.length === 0
        ? first
        : Math.min(most, samples.length + batch);
      const answers = yield* Effect.forEach(
        Arr.range(samples.length, next - 1),
        (n) =>
          run({ point, seed: seed + n, hasSeries: n === 0, horizon, warmup }),
        { concurrency: size },
      );
      for (const answer of answers) {
        if ("detail" in answer) {
          return yield* new ModelFailed({ point, ...answer });
        }
        samples.push(answer.sample);
      }
      const count = samples.length;
      const result: Result<P> = {
        point,
        replications: { count, seed, horizon, warmup },
        measures: measuresOf(samples),
      };
      const isEnough = precision === undefined || isPrecise(result, precision);
      if (!isEnough && count < most) continue;
      if (!isEnough) {
        const { of, within } = precision;
        yield* Effect.logWarning(
          `"${of}" at ${
            show(point)
          } is not known to ${within} of it after ${most} replications`,
        );
      }
      return result;
    }
  });
}

function isPrecise(
  result: Result<unknown>,
  { of, within }: Precision,
): boolean {
  const [{ halfWidth, mean } = { halfWidth: undefined, mean: NaN }] =
    readMeasure("precision.of", of, [result]);
  if (halfWidth === undefined) refuse("precision.of", "an estimate", of);
  return halfWidth <= within * Math.abs(mean);
}
