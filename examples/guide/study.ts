/**
 * Measures a pattern beside the way without it.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { Simulation, Workload } from "@weir/weir/simulation";
import type * as Report from "@weir/weir/simulation/report";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

/** A program at a setting. */
export type Way = (setting: number) => Effect.Effect<unknown, unknown>;

/** What is measured, and how it is drawn. */
export interface Study {
  /** Programs by what they are called: a line for each. */
  readonly ways: Readonly<Record<string, Way>>;
  /** Where on the x axis; one where the chart is over time. */
  readonly settings: ReadonlyArray<number>;
  readonly horizon: Duration.Input;
  readonly chart: Omit<Report.Chart<number>, "series">;
}

/** Runs each way at each setting, five times and in this thread, with the same chance. */
export const chartOf = (
  { chart, horizon, settings, ways }: Study,
): Effect.Effect<Report.Chart<number>, Simulation.ModelFailed> =>
  Effect.map(
    Effect.forEach(Object.entries(ways), ([name, way]) =>
      Effect.map(
        Simulation.sweep(Simulation.model(way), {
          ...{ points: settings, horizon, replications: 5 },
        }),
        (results) => [name, results] as const,
      )),
    (series) => ({ ...chart, series: Object.fromEntries(series) }),
  );

/** Gaps of those who come by chance, so many a second. */
export const perSecond = (rate: number): Workload.Distribution =>
  Workload.exponential(1000 / rate);

/** A limit of ten in any second. */
export const tenASecond: Quota.Quota = Quota.slidingWindow({
  limit: 10,
  window: "1 second",
});

/** A limit for each key, in memory. */
export const keyed = (
  quota: Quota.Quota,
): Layer.Layer<KeyedLimiter.KeyedLimiter> =>
  KeyedLimiter.layer(quota).pipe(Layer.provide(LimiterStore.layerMemory()));
