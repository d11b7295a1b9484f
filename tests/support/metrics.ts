import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Metric from "effect/Metric";

/** Runs under a registry that nobody else has. */
export const alone: <A, E, R>(
  self: Effect.Effect<A, E, R>,
) => Effect.Effect<A, E, R> = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map()),
);

/** What the registry shows of one prefix, by name without it and by one attribute; of times, how many there were and their sum. */
export const shown = (
  prefix: string,
  attribute: string,
): Effect.Effect<Record<string, unknown>> =>
  Effect.map(Metric.snapshot, (snapshot) =>
    Object.fromEntries(
      snapshot.filter(({ id }) => id.startsWith(prefix)).map((
        { attributes, id, state },
      ) => [
        `${id.replace(prefix, "")} ${attributes?.[attribute]}`,
        "value" in state
          ? state.value
          : "sum" in state
          ? [state.count, state.sum]
          : "count" in state
          ? state.count
          : undefined,
      ]),
    ));

/** What the monitors of a sweep tell of ten seconds of a program that leaves nothing to chance. */
export const monitored = <A, E>(
  program: Effect.Effect<A, E>,
): Effect.Effect<Simulation.Measures, Simulation.ModelFailed> =>
  Effect.map(
    Simulation.sweep(Simulation.model(() => program), {
      points: [0],
      horizon: "10 seconds",
      replications: 2,
    }),
    ([result]) => result!.measures,
  );
