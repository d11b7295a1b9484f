/**
 * What a model measures.
 *
 * Outside of a `Simulation.sweep` these cost next to nothing and do nothing, so they may stay in a program that runs live.
 * Weir's own services report by themselves what their metrics show: `limiter.wait`, `limiter.waiting`, `limiter.admitted`,
 * `limiter.denied`, `limiter.running` where there is a `concurrency`, `pool.wait`, `pool.pending`, `pool.running`,
 * `pool.completed`, `pool.failed`, `producer_consumer.pending`, `producer_consumer.running`, `batch.pending`, `batch.running`,
 * `batch.wait`, and so on; one that has a name or a key of its own as `limiter[app/GitHub].wait`. What a program tells under
 * such a name is added to that.
 *
 * ```ts
 * import { Monitor } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const call = Effect.sleep("1 second").pipe(
 *   Monitor.time("response"),
 *   Effect.tap(Monitor.count("served")),
 * );
 * ```
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import { finite, whole } from "../internal/check.ts";
import { CurrentMonitors, type Monitors } from "../internal/monitors.ts";
import { timeIn } from "../internal/time.ts";

/**
 * One value among many: a wait, a size. Durations are in seconds. Throws a `RangeError` if it is not finite.
 *
 * @example
 * ```ts
 * import { Monitor, Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const model = Simulation.model((size: number) =>
 *   Effect.andThen(Monitor.tally("size", size), Effect.sleep("1 second"))
 * );
 * const [result] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [42], horizon: "1 minute" }),
 * );
 * strictEqual(result?.measures.tallies["size"]?.mean.mean, 42);
 * ```
 */
export const tally = (
  name: string,
  value: number | Duration.Duration,
): Effect.Effect<void> => {
  const number = finite(
    "value",
    typeof value === "number" ? value : Duration.toSeconds(value),
  );
  return telling((monitors) => monitors.tally(name, number));
};

/**
 * How long an effect takes, as a tally in seconds, whether it succeeds or not.
 *
 * @example
 * ```ts
 * import { Monitor, Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const model = Simulation.model((seconds: number) =>
 *   Effect.sleep(1000 * seconds).pipe(Monitor.time("work"))
 * );
 * const [result] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [2], horizon: "1 minute" }),
 * );
 * strictEqual(result?.measures.tallies["work"]?.mean.mean, 2);
 * ```
 */
export const time: {
  /** The effect first. */
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    name: string,
  ): Effect.Effect<A, E, R>;
  /** In a pipe. */
  (
    name: string,
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
} = dual(
  2,
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    name: string,
  ): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) => {
      const monitors = Context.get(fiber.context, CurrentMonitors);
      if (monitors === undefined) return self;
      const { now } = timeIn(fiber.context);
      const start = now();
      return Effect.onExit(self, () => {
        monitors.tally(name, (now() - start) / 1000);
        return Effect.void;
      });
    }),
);

/**
 * A value that holds until it is set again: a queue, a number in flight. It is 0 before. Throws a `RangeError` if it is not
 * finite.
 *
 * @example
 * ```ts
 * import { Monitor, Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const model = Simulation.model((high: number) =>
 *   Monitor.level("water", high).pipe(
 *     Effect.andThen(Effect.sleep("1 second")),
 *     Effect.andThen(Monitor.level("water", 0)),
 *     Effect.andThen(Effect.sleep("3 seconds")),
 *   )
 * );
 * const [result] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [8], horizon: "1 minute" }),
 * );
 * strictEqual(result?.measures.levels["water"]?.mean.mean, 2);
 * ```
 */
export const level = (name: string, value: number): Effect.Effect<void> => {
  finite("value", value);
  return telling((monitors) => monitors.level(name, value));
};

/**
 * An event, or so many at once: a whole number, 1 if omitted. To count none makes it known that there is such a count, which is
 * then 0 where nothing was counted. Throws a `RangeError` if the number is none.
 *
 * @example
 * ```ts
 * import { Monitor, Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Schedule from "effect/Schedule";
 * import { strictEqual } from "node:assert/strict";
 *
 * const model = Simulation.model((millis: number) =>
 *   Effect.repeat(Monitor.count("tick"), Schedule.spaced(millis))
 * );
 * const [result] = await Effect.runPromise(
 *   Simulation.sweep(model, { points: [500], horizon: "1 minute" }),
 * );
 * strictEqual(result?.measures.counts["tick"]?.peak, 2);
 * ```
 */
export const count = (name: string, number = 1): Effect.Effect<void> => {
  whole("number", number, 0);
  return telling((monitors) => monitors.count(name, number));
};

function telling(tell: (monitors: Monitors) => void): Effect.Effect<void> {
  return Effect.withFiber((fiber) => {
    const monitors = Context.get(fiber.context, CurrentMonitors);
    if (monitors !== undefined) tell(monitors);
    return Effect.void;
  });
}
