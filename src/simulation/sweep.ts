/**
 * Capacity planning: one program at many settings, with intervals.
 *
 * @module
 */
import * as Arr from "effect/Array";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { millis, positive, refuse, span, whole } from "../internal/check.ts";
import type { Sample } from "./collector.ts";
import { alone, type Crew, crewOf } from "./crew.ts";
import { measuresOf, paired } from "./estimate.ts";
import type { Estimate, Result } from "./measures.ts";
import { readMeasure } from "./reading.ts";
import { type Model, ModelFailed } from "./sweep_model.ts";

/** When there are replications enough. */
export interface Precision {
  /** Which measure, as `response.mean`, `pool.pending.mean` or `lost.rate`. */
  readonly of: string;
  /** How wide its interval of 95% may be, on either side, as a part of its mean: above 0. */
  readonly within: number;
}

/** What to try, and how long. */
export interface SweepOptions<P> {
  /** The settings, at least one; plain data if other threads are to run the model. */
  readonly points: ReadonlyArray<P>;
  /** How long each replication lasts, in virtual time. A program that ends earlier is measured until then. */
  readonly horizon: Duration.Input;
  /** What of it is not measured, until the model has left the state that it starts in; nothing if omitted. */
  readonly warmup?: Duration.Input | undefined;
  /**
   * How many replications a setting gets, at least 2; 10 if omitted. All settings get the same chance, replication by
   * replication, so that their differences are sharp.
   */
  readonly replications?: number | undefined;
  /**
   * Lets a setting have fewer replications, or up to ten times as many, until this holds. It is looked at after every five:
   * a sequential procedure, whose intervals are as true as theirs if the first few are not too few.
   */
  readonly precision?: Precision | undefined;
  /** What all chance comes from, a whole number; 1 if omitted. Replication `n` has the seed `seed + n`, from 0. */
  readonly seed?: number | undefined;
  /**
   * How many threads at most; as many as there are cores if omitted. The numbers do not depend on it. A model without a module
   * is run in this thread, whatever it says.
   */
  readonly workers?: number | undefined;
  /** Told of every replication that is done, and how many there may be at most. */
  readonly onProgress?:
    | ((done: number, total: number) => Effect.Effect<void>)
    | undefined;
}

/** Times are in seconds. */
interface Settings<P> {
  readonly points: ReadonlyArray<P>;
  readonly horizon: number;
  readonly warmup: number;
  /** How many replications a setting has at most. */
  readonly most: number;
  readonly precision: Precision | undefined;
  readonly seed: number;
  readonly workers: number;
}

/** After how many replications it is looked whether there are enough. */
const together = 5;
/** How many times as many replications a wanted precision may take. */
const patience = 10;

/**
 * Runs a model at every setting, many times, each until the horizon, and measures. Fails with the first replication of a
 * setting that was sick or failed. Throws a `RangeError` that names a bad option.
 *
 * With a module, replications are spread over threads of its own, in which waiting is cheaper; without, they are run one by
 * one in this thread, and other fibers go on in between. Either way the numbers are the same.
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
    return Effect.map(replications(point, settings, told), (samples) => {
      total -= most - samples.length;
      return { point, measures: measuresOf(samples) };
    });
  };
  const { module } = model;
  if (module !== undefined) points.forEach(cloneable);
  return Effect.scoped(Effect.gen(function* () {
    const crew = module === undefined
      ? alone(model)
      : yield* crewOf(module, Math.min(workers, total));
    return yield* Effect.forEach(points, measured(crew), {
      concurrency: crew.size === 1 ? 1 : "unbounded",
    });
  }));
};

/**
 * How much more of a measure there is at one setting than at another, replication by replication: as the same chance is behind
 * both, the interval is narrower than theirs. Replications that the other has not are left out. Throws a `RangeError` if there
 * is no such measure, or it is no estimate.
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
  const [these = [], those = []] = readMeasure("measure", measure, [one, other])
    .map(({ values }) => values);
  if (these.length === 0 || those.length === 0) {
    refuse("measure", "an estimate", measure);
  }
  return paired(these, those);
};

function check<P>(options: SweepOptions<P>): Settings<P> {
  const { points, precision, replications = 10, seed = 1 } = options;
  const { workers = navigator.hardwareConcurrency } = options;
  if (points.length === 0) refuse("points", "at least one", "[]");
  const horizon = span("horizon", options.horizon);
  const warmup = millis("warmup", options.warmup ?? 0);
  if (warmup >= horizon) {
    refuse("warmup", "shorter than the horizon", options.warmup);
  }
  if (precision !== undefined) positive("precision.within", precision.within);
  whole("replications", replications, 2);
  return {
    points,
    horizon: horizon / 1000,
    warmup: warmup / 1000,
    most: precision === undefined ? replications : patience * replications,
    precision,
    seed: whole("seed", seed, 0),
    workers: whole("workers", workers, 1),
  };
}

/** Refuses a setting that cannot go to another thread. */
function cloneable(point: unknown, i: number): void {
  try {
    structuredClone(point);
  } catch {
    refuse(`points[${i}]`, "plain data, as it goes to other threads", point);
  }
}

/** Replications at a setting, as many as it takes. */
function replications<P>(
  point: P,
  { horizon, most, precision, seed, warmup }: Settings<P>,
  { run, size }: Crew,
): Effect.Effect<ReadonlyArray<Sample>, ModelFailed> {
  return Effect.gen(function* () {
    const samples: Array<Sample> = [];
    while (samples.length < most) {
      const next = precision === undefined
        ? most
        : Math.min(most, samples.length + together);
      const answers = yield* Effect.forEach(
        Arr.range(samples.length, next - 1),
        (n) => run({ point, seed: seed + n, horizon, warmup }),
        { concurrency: size },
      );
      for (const answer of answers) {
        if ("detail" in answer) {
          return yield* new ModelFailed({ point, ...answer });
        }
        samples.push(answer.sample);
      }
      if (precision !== undefined && isPrecise(samples, precision)) break;
    }
    return samples;
  });
}

function isPrecise(
  samples: ReadonlyArray<Sample>,
  { of, within }: Precision,
): boolean {
  const result = { point: undefined, measures: measuresOf(samples) };
  const [{ halfWidth = NaN, mean } = { mean: NaN }] = readMeasure(
    "precision.of",
    of,
    [result],
  );
  return halfWidth <= within * Math.abs(mean);
}
