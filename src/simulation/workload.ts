/**
 * Who comes when, and how long it takes.
 *
 * Each name has chance of its own, which the seed of the run and the name lead to: two policies that are given the same seed
 * meet the same day, and their difference is sharper than either (common random numbers). In a live program all chance comes
 * from Effect's `Random`. Arrivals are streams: whole groups come at once by `Stream.flatMap`, several kinds of clients by
 * `Stream.merge`.
 *
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 *
 * const day = Workload.arrivals("requests", Workload.exponential("1 second")).pipe(
 *   Workload.serve(() => Workload.sleep("service", Workload.constant("300 millis"))),
 * );
 * ```
 *
 * @module
 */
import * as Arr from "effect/Array";
import * as Cause from "effect/Cause";
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { constVoid, dual } from "effect/Function";
import * as Stream from "effect/Stream";
import { forkFrom } from "../internal/async_scope.ts";
import { millis, positive, refuse } from "../internal/check.ts";
import { timeIn } from "../internal/time.ts";
import type { Distribution } from "./distribution.ts";
import { millisOf } from "./quantiles.ts";
import { drawIn } from "./streams.ts";

export * from "./distribution.ts";

/**
 * Draws how long something takes, with the chance of a name. Dies of a `RangeError` if that is infinite or below 0.
 *
 * @example The same day for whoever asks for it
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import { deepStrictEqual } from "node:assert/strict";
 * import * as Effect from "effect/Effect";
 *
 * const size = Workload.draw("size", Workload.exponential("1 second"));
 * const day = Simulation.run(Effect.all([size, size]), { seed: 7 });
 *
 * const [one, other] = await Effect.runPromise(Effect.all([day, day]));
 * deepStrictEqual(one.exit, other.exit);
 * ```
 */
export const draw = (
  name: string,
  distribution: Distribution,
): Effect.Effect<Duration.Duration> =>
  Effect.withFiber((fiber) => {
    const millis = millisOf(distribution)(drawIn(fiber, name)());
    return Effect.succeed(Duration.millis(possible("distribution", millis)));
  });

/**
 * Sleeps for as long as it draws. Dies of a `RangeError` if that is infinite or below 0.
 *
 * @example
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const { time } = await Effect.runPromise(
 *   Simulation.run(Workload.sleep("service", Workload.constant("3 seconds"))),
 * );
 * strictEqual(Duration.toSeconds(time), 3);
 * ```
 */
export const sleep = (
  name: string,
  distribution: Distribution,
): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const millis = millisOf(distribution)(drawIn(fiber, name)());
    return timeIn(fiber.context).sleep(possible("distribution", millis));
  });

/**
 * Whether something happens that happens in such a part of the cases, from 0 to 1, with the chance of a name (a Bernoulli
 * trial). Throws a `RangeError` if the probability is none.
 *
 * @example One call in five fails
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const call = Effect.flatMap(
 *   Workload.bernoulli("failure", 0.2),
 *   (fails) => fails ? Effect.fail("refused" as const) : Effect.void,
 * );
 * await Effect.runPromise(Simulation.run(Effect.retry(call, { times: 100 })));
 * ```
 */
export const bernoulli = (
  name: string,
  probability: number,
): Effect.Effect<boolean> => {
  if (!(probability >= 0 && probability <= 1)) {
    refuse("probability", "a number from 0 to 1", probability);
  }
  return Effect.withFiber((fiber) =>
    Effect.succeed(drawIn(fiber, name)() < probability)
  );
};

/**
 * Arrivals with such gaps, numbered from 1, without end. They do not wait for whoever takes them: what comes meanwhile comes at
 * once. Throws a `RangeError` if the gap is nothing on average, and dies of one if a gap is infinite or below 0.
 *
 * @example The first three of a Poisson process
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Exit from "effect/Exit";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const three = Workload.arrivals("calls", Workload.exponential("1 second")).pipe(
 *   Stream.take(3),
 *   Stream.runCollect,
 * );
 * const { exit } = await Effect.runPromise(Simulation.run(three));
 * deepStrictEqual(exit, Exit.succeed([1, 2, 3]));
 * ```
 *
 * @example Bursts of ten at once, one a minute on average
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 * import { strictEqual } from "node:assert/strict";
 *
 * const bursts = Workload.arrivals("bursts", Workload.exponential("1 minute")).pipe(
 *   Stream.flatMap(() => Stream.range(1, 10)),
 * );
 * const first = Stream.take(bursts, 10);
 * const { time: start } = await Effect.runPromise(
 *   Simulation.run(Stream.runDrain(first)),
 * );
 * const { time: end } = await Effect.runPromise(
 *   Simulation.run(Workload.serve(first, () => Effect.sleep("1 second"))),
 * );
 * strictEqual(Duration.toSeconds(end), Duration.toSeconds(start) + 1);
 * ```
 */
export const arrivals = (
  name: string,
  gap: Distribution,
): Stream.Stream<number> => {
  if (Duration.isZero(gap.mean)) {
    refuse("gap", "longer than nothing on average", gap.mean);
  }
  return arriving((fiber) => {
    const chance = drawIn(fiber, name);
    const millis = millisOf(gap);
    let at = 0;
    return () => at += possible("gap", millis(chance()));
  });
};

/** How often somebody arrives. */
export interface VaryingOptions {
  /** How many arrive in a second, after such a time; at least 0, and never above `maxRate`. */
  readonly rate: (elapsed: Duration.Duration) => number;
  /** The most that arrive in a second: positive. */
  readonly maxRate: number;
}

/**
 * Arrivals by chance at a rate that changes over time: a Poisson process, of which some are left out (Lewis and Shedler:
 * Simulation of Nonhomogeneous Poisson Processes by Thinning, Naval Research Logistics Quarterly 26, 1979). Throws a
 * `RangeError` if `maxRate` is not positive, and dies of one if `rate` is above it.
 *
 * @example Twice as many by day
 * ```ts
 * import { Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 *
 * const clients = Workload.arrivalsVarying("clients", {
 *   rate: (elapsed) => Duration.toHours(elapsed) % 24 < 12 ? 2 : 1,
 *   maxRate: 2,
 * });
 * ```
 */
export const arrivalsVarying = (
  name: string,
  { maxRate, rate }: VaryingOptions,
): Stream.Stream<number> => {
  positive("maxRate", maxRate);
  return arriving((fiber) => {
    const chance = drawIn(fiber, name);
    let at = 0;
    return () => {
      for (let left = 0; left < mostAtOnce; left++) {
        at += -Math.log1p(-chance()) * 1000 / maxRate;
        const now = rate(Duration.millis(at));
        if (!(now >= 0 && now <= maxRate)) {
          refuse("rate", `a number from 0 to maxRate, ${maxRate}`, now);
        }
        if (chance() * maxRate < now) return at;
      }
      return new Pause(at);
    };
  });
};

/**
 * Arrivals as they were recorded: after such times, none of them before the one ahead of it. Ends with the last. Throws a
 * `RangeError` if the times can be gone through only once, as those of a generator, and dies of one that names a time that is
 * infinite or out of order.
 *
 * @example
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 * import { strictEqual } from "node:assert/strict";
 *
 * const log = Workload.arrivalsAt(["1 second", "1 second", "1 minute"]);
 * const { time } = await Effect.runPromise(Simulation.run(Stream.runDrain(log)));
 * strictEqual(Duration.toSeconds(time), 60);
 * ```
 */
export const arrivalsAt = (
  times: Iterable<Duration.Input>,
): Stream.Stream<number> => {
  if (Object.is(times[Symbol.iterator](), times)) {
    refuse("times", "iterable more than once, such as an array", times);
  }
  return arriving(() => {
    const rest = times[Symbol.iterator]();
    let before = 0;
    let n = 0;
    return () => {
      const { done, value } = rest.next();
      if (done) return undefined;
      const at = millis(`times[${n}]`, value);
      if (at === Infinity) refuse(`times[${n}]`, "finite", value);
      if (at < before) refuse(`times[${n}]`, "not before the last one", value);
      n++;
      return before = at;
    };
  });
};

/**
 * Serves every arrival in a fiber of its own, however many there are at once: an open system. Ends when all that came were
 * served; fails with the first that fails, and interrupts the others.
 *
 * @example Three at once
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const burst = Workload.arrivalsAt([0, 0, 0]).pipe(
 *   Workload.serve(() => Effect.sleep("2 seconds")),
 * );
 * const { time } = await Effect.runPromise(Simulation.run(burst));
 * strictEqual(Duration.toSeconds(time), 2);
 * ```
 */
export const serve: {
  /** The arrivals first. */
  <A, E, R, B, E2, R2>(
    self: Stream.Stream<A, E, R>,
    handler: (arrival: A) => Effect.Effect<B, E2, R2>,
  ): Effect.Effect<void, E | E2, R | R2>;
  /** In a pipe. */
  <A, B, E2, R2>(
    handler: (arrival: A) => Effect.Effect<B, E2, R2>,
  ): <E, R>(
    self: Stream.Stream<A, E, R>,
  ) => Effect.Effect<void, E | E2, R | R2>;
} = dual(
  2,
  <A, E, R, B, E2, R2>(
    self: Stream.Stream<A, E, R>,
    handler: (arrival: A) => Effect.Effect<B, E2, R2>,
  ): Effect.Effect<void, E | E2, R | R2> =>
    Effect.acquireUseRelease(
      Effect.contextWith((context: Context.Context<R | R2>) => {
        const crowd = new Crowd<E | E2, R | R2>(context);
        crowd.add(Stream.runForEach(
          self,
          (arrival) => Effect.sync(() => crowd.add(handler(arrival))),
        ));
        return Effect.succeed(crowd);
      }),
      (crowd) => crowd.gone,
      (crowd) => crowd.interrupt,
    ),
);

/** Fibers that end together. */
class Crowd<E, R> {
  private readonly fibers = new Set<Fiber.Fiber<unknown, E>>();
  private readonly fork: <A>(
    effect: Effect.Effect<A, E, R>,
  ) => Fiber.Fiber<A, E>;
  private failure: Cause.Cause<E> | undefined;
  private isClosed = false;
  private wake: () => void = constVoid;

  constructor(context: Context.Context<R>) {
    this.fork = forkFrom(context);
  }

  /** Nobody is let in who comes while the others are sent away. */
  add(effect: Effect.Effect<unknown, E, R>): void {
    if (this.isClosed) return;
    const fiber = this.fork(effect);
    this.fibers.add(fiber);
    fiber.addObserver((exit) => {
      this.fibers.delete(fiber);
      if (Exit.isFailure(exit)) this.failure ??= exit.cause;
      if (this.failure !== undefined || this.fibers.size === 0) this.wake();
    });
  }

  /** Waits until nobody is left, or one has failed. */
  readonly gone: Effect.Effect<void, E> = Effect.callback((resume) => {
    this.wake = () =>
      resume(
        this.failure === undefined
          ? Effect.void
          : Effect.failCause(this.failure),
      );
    if (this.failure !== undefined || this.fibers.size === 0) this.wake();
  });

  readonly interrupt: Effect.Effect<void> = Effect.suspend(() => {
    this.isClosed = true;
    return Fiber.interruptAll([...this.fibers]);
  });
}

/** How many come, or are left out, before others get a turn: at gaps or rates of 0 that would never end. */
const mostAtOnce = 1000;

/** Nobody arrives until then. */
class Pause {
  constructor(readonly until: number) {}
}

/** Arrivals at the times that `times` tells in each run, in milliseconds from its start, until it tells none. */
function arriving(
  times: (
    fiber: Fiber.Fiber<unknown, unknown>,
  ) => () => number | Pause | undefined,
): Stream.Stream<number> {
  return Stream.fromPull(Effect.withFiber((fiber) => {
    const { now, sleep } = timeIn(fiber.context);
    const start = now();
    const next = times(fiber);
    let number = 0;
    let at = next();
    const come: Effect.Effect<Arr.NonEmptyReadonlyArray<number>, Cause.Done> =
      Effect.suspend(() => {
        const elapsed = now() - start;
        const here: Array<number> = [];
        do {
          if (typeof at === "number") here.push(++number);
          at = next();
        } while (
          at !== undefined && timeOf(at) <= elapsed && here.length < mostAtOnce
        );
        return Arr.isArrayNonEmpty(here) ? Effect.succeed(here) : pull;
      });
    const pull = Effect.suspend(() => {
      if (at === undefined) return Cause.done();
      const wait = start + timeOf(at) - now();
      return wait > 0 ? Effect.andThen(sleep(wait), come) : come;
    });
    return Effect.succeed(pull);
  }));
}

/** A time that was drawn, in milliseconds. */
function possible(option: string, millis: number): number {
  return millis >= 0 && millis < Infinity
    ? millis
    : refuse(option, "of finite times, none below 0", millis);
}

function timeOf(at: number | Pause): number {
  return typeof at === "number" ? at : at.until;
}
