/**
 * Many producers, one bounded queue, many consumers: a program that ends by itself.
 *
 * The program says what flows; the layer says how much at once, and which limits hold.
 *
 * ```ts
 * import { ProducerConsumer, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Stream from "effect/Stream";
 *
 * const program = ProducerConsumer.run({
 *   producers: [Stream.range(1, 20)],
 *   consumer: (n) => Effect.log(n),
 * });
 *
 * const Live = ProducerConsumer.layer({ capacity: 10, consumers: 3 }).pipe(
 *   Layer.provide([
 *     ProducerConsumer.ProducerLimiter.layerUnlimited,
 *     ProducerConsumer.ConsumerLimiter.layer(
 *       Quota.tokenBucket({ rate: 20, per: "1 second" }),
 *     ),
 *   ]),
 * );
 * ```
 *
 * Producers wait while the queue is full, item by item in turn. An item goes to one consumer, in the order of the queue. When
 * all producers have ended the queue ends, and when it is empty the run does: nobody sends a sign, nobody guesses a delay.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
import { millis, refuse, whole } from "../internal/check.ts";
import { Limiter } from "../limiter/mod.ts";
import { Flow, type Program, type Setting } from "./flow.ts";
import { producerConsumerMetrics, Totals } from "./metrics.ts";
import type { Producer, Report, RunOptions } from "./model.ts";
import type { Overflow } from "./pipe.ts";
import { results } from "./results.ts";

export * from "./model.ts";

/** Runs producers and consumers over one bounded queue. */
export interface Service {
  /**
   * Runs until every producer has ended and the queue is empty, then says what happened. Every item is consumed exactly
   * once, dropped as `overflow` says, or handed to `onFailure`.
   *
   * A producer that fails, or an item that does where there is no `onFailure`, stops the whole and fails it: the producers
   * first, then the consumers; what is queued is dropped. Interrupting it does the same, but lets the consumers go on as
   * `drain` says, and logs how many items are dropped. All have ended, finalizers too, when it has.
   */
  readonly run: <P extends Producer, B, E, R, B2 = never, E2 = E, R2 = never>(
    options: RunOptions<P, B, E, R, B2, E2, R2>,
  ) => Effect.Effect<
    Report,
    Stream.Error<P> | E2,
    Stream.Services<P> | R | R2
  >;
  /**
   * As `run`, giving the results as they complete, in constant memory. Whoever takes slowly slows the producers down: 16
   * results wait for it, then the consumers do, each with its own. Ending the stream early stops the run as an interrupt does.
   */
  readonly stream: <
    P extends Producer,
    B,
    E,
    R,
    B2 = never,
    E2 = E,
    R2 = never,
  >(
    options: RunOptions<P, B, E, R, B2, E2, R2>,
  ) => Stream.Stream<
    B | B2,
    Stream.Error<P> | E2,
    Stream.Services<P> | R | R2
  >;
}

const /** @internal */ Key: Context.ServiceClass<
  ProducerConsumer,
  "@weir/weir/ProducerConsumer",
  Service
> = Context.Service<ProducerConsumer, Service>()("@weir/weir/ProducerConsumer");

/** The service behind {@linkcode run} and {@linkcode stream}. */
export class ProducerConsumer extends Key {}

const /** @internal */ ProducerKey: Limiter.ServiceClass<
  ProducerLimiter,
  "@weir/weir/ProducerConsumer/ProducerLimiter"
> = Limiter.Service<ProducerLimiter>()(
  "@weir/weir/ProducerConsumer/ProducerLimiter",
);

/** Decides when the next item may be produced: each asks, then waits for room; nothing more is pulled meanwhile. */
export class ProducerLimiter extends ProducerKey {}

const /** @internal */ ConsumerKey: Limiter.ServiceClass<
  ConsumerLimiter,
  "@weir/weir/ProducerConsumer/ConsumerLimiter"
> = Limiter.Service<ConsumerLimiter>()(
  "@weir/weir/ProducerConsumer/ConsumerLimiter",
);

/** Decides when the next item may be consumed: each try asks, and runs in its turn. */
export class ConsumerLimiter extends ConsumerKey {}

/** How much at once. */
export interface Options {
  /** How many items the queue holds: a whole number, at least 1; 1000 if omitted. Besides it, each consumer has one in hand. */
  readonly capacity?: number | undefined;
  /** How many items are consumed at once: a whole number, at least 1. */
  readonly consumers: number;
  /**
   * What a producer meets when the queue is full: it waits (`"suspend"`), its item is dropped (`"dropping"`), or the oldest is
   * (`"sliding"`). `"suspend"` if omitted.
   */
  readonly overflow?: "suspend" | "dropping" | "sliding" | undefined;
  /** How long an interrupted run may go on with what is queued and running: a duration, not negative. Not at all if omitted. */
  readonly drain?: Duration.Input | undefined;
  /** What the metrics call it, where a layer provides it; `"default"` if omitted. */
  readonly name?: string | undefined;
}

/**
 * Builds the service. Throws a `RangeError` that names a bad option.
 *
 * @example A second one, beside the default
 * ```ts
 * import { ProducerConsumer } from "@weir/weir";
 * import * as Context from "effect/Context";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Stream from "effect/Stream";
 * import { strictEqual } from "node:assert/strict";
 *
 * class Uploads
 *   extends Context.Service<Uploads, ProducerConsumer.Service>()("app/Uploads") {}
 *
 * const program = Effect.flatMap(Uploads, (uploads) =>
 *   uploads.run({
 *     producers: [Stream.make("a", "b")],
 *     consumer: (name) => Effect.succeed(`${name} is up`),
 *   }));
 *
 * const Live = Layer.effect(Uploads, ProducerConsumer.make({ consumers: 2 })).pipe(
 *   Layer.provide([
 *     ProducerConsumer.ProducerLimiter.layerUnlimited,
 *     ProducerConsumer.ConsumerLimiter.layerUnlimited,
 *   ]),
 * );
 * const report = await Effect.runPromise(Effect.provide(program, Live));
 * strictEqual(report.consumed, 2);
 * ```
 */
export const make = (
  options: Options,
): Effect.Effect<Service, never, ProducerLimiter | ConsumerLimiter> => {
  const build = prepare(options);
  return Effect.suspend(() => build(new Totals()));
};

/**
 * Provides the service. Throws a `RangeError` that names a bad option.
 *
 * @example The newest three are kept
 * ```ts
 * import { ProducerConsumer } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = ProducerConsumer.stream({
 *   producers: [Stream.range(1, 10)],
 *   consumer: (n) => Effect.succeed(n),
 * }).pipe(Stream.runCollect);
 *
 * const Live = ProducerConsumer.layer({
 *   capacity: 3,
 *   consumers: 1,
 *   overflow: "sliding",
 * }).pipe(
 *   Layer.provide([
 *     ProducerConsumer.ProducerLimiter.layerUnlimited,
 *     ProducerConsumer.ConsumerLimiter.layerUnlimited,
 *   ]),
 * );
 * deepStrictEqual(
 *   await Effect.runPromise(Effect.provide(program, Live)),
 *   [8, 9, 10],
 * );
 * ```
 */
export const layer = (
  options: Options,
): Layer.Layer<ProducerConsumer, never, ProducerLimiter | ConsumerLimiter> => {
  const build = prepare(options);
  const { name = "default" } = options;
  return Layer.effect(
    ProducerConsumer,
    Effect.suspend(() => {
      const totals = new Totals();
      return Effect.andThen(
        producerConsumerMetrics.show(
          totals,
          { producer_consumer: name },
          name === "default" ? undefined : name,
        ),
        build(totals),
      );
    }),
  );
};

/**
 * Runs producers and consumers until every producer has ended and the queue is empty, and reports what happened. How it ends
 * otherwise: {@linkcode Service.run}.
 *
 * @example What fails for good is counted, and costs no consumer
 * ```ts
 * import { ProducerConsumer } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Schedule from "effect/Schedule";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = ProducerConsumer.run({
 *   producers: [Stream.range(1, 5), Stream.make("six")],
 *   consumer: (item) =>
 *     typeof item === "string" ? Effect.fail("not a number") : Effect.succeed(item),
 *   retry: Schedule.recurs(2),
 *   onFailure: (item, cause) => Effect.logDebug("failed", item, cause),
 * });
 *
 * const Live = ProducerConsumer.layer({ consumers: 3 }).pipe(
 *   Layer.provide([
 *     ProducerConsumer.ProducerLimiter.layerUnlimited,
 *     ProducerConsumer.ConsumerLimiter.layerUnlimited,
 *   ]),
 * );
 * const { consumed, failed } = await Effect.runPromise(Effect.provide(program, Live));
 * deepStrictEqual([consumed, failed], [5, 1]);
 * ```
 */
export const run = <
  P extends Producer,
  B,
  E,
  R,
  B2 = never,
  E2 = E,
  R2 = never,
>(
  options: RunOptions<P, B, E, R, B2, E2, R2>,
): Effect.Effect<
  Report,
  Stream.Error<P> | E2,
  Stream.Services<P> | R | R2 | ProducerConsumer
> => Effect.flatMap(ProducerConsumer, (service) => service.run(options));

/**
 * As {@linkcode run}, giving the results as they complete: whoever takes slowly slows the producers down, and whoever stops
 * taking stops the run. More in {@linkcode Service.stream}.
 *
 * @example Results as they complete, until there are enough
 * ```ts
 * import { ProducerConsumer } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const naturals = Stream.iterate(1, (n) => n + 1);
 *
 * const program = ProducerConsumer.stream({
 *   producers: [naturals],
 *   consumer: (n) => Effect.succeed(n * n),
 * }).pipe(Stream.take(3), Stream.runCollect);
 *
 * const Live = ProducerConsumer.layer({ consumers: 1 }).pipe(
 *   Layer.provide([
 *     ProducerConsumer.ProducerLimiter.layerUnlimited,
 *     ProducerConsumer.ConsumerLimiter.layerUnlimited,
 *   ]),
 * );
 * deepStrictEqual(await Effect.runPromise(Effect.provide(program, Live)), [1, 4, 9]);
 * ```
 */
export const stream = <
  P extends Producer,
  B,
  E,
  R,
  B2 = never,
  E2 = E,
  R2 = never,
>(
  options: RunOptions<P, B, E, R, B2, E2, R2>,
): Stream.Stream<
  B | B2,
  Stream.Error<P> | E2,
  Stream.Services<P> | R | R2 | ProducerConsumer
> =>
  Stream.unwrap(
    Effect.map(ProducerConsumer, (service) => service.stream(options)),
  );

/** Checks what a service is to be made of, and tells how to make it. */
function prepare(
  options: Options,
): (
  totals: Totals,
) => Effect.Effect<Service, never, ProducerLimiter | ConsumerLimiter> {
  const numbers = {
    capacity: whole("capacity", options.capacity ?? 1000, 1),
    consumers: whole("consumers", options.consumers, 1),
    overflow: overflowOf(options.overflow ?? "suspend"),
    drain: millis("drain", options.drain ?? 0),
  };
  return (totals) =>
    Effect.gen(function* () {
      return serviceOf({
        ...numbers,
        totals,
        producerLimiter: yield* ProducerLimiter,
        consumerLimiter: yield* ConsumerLimiter,
      });
    });
}

function overflowOf(value: Overflow): Overflow {
  return ["suspend", "dropping", "sliding"].includes(value)
    ? value
    : refuse("overflow", `"suspend", "dropping" or "sliding"`, value);
}

function serviceOf(setting: Setting): Service {
  return {
    run: (options) =>
      Effect.withFiber((fiber) => {
        const flow = new Flow(setting, programOf(options), fiber);
        return Effect.onInterrupt(flow.run(), () => flow.logLeft);
      }),
    stream: (options) => results(setting, programOf(options)),
  };
}

function programOf<P extends Producer, B, E, R, B2, E2, R2>(
  { consumer, onFailure, producers, retry, retryBudget }: RunOptions<
    P,
    B,
    E,
    R,
    B2,
    E2,
    R2
  >,
): Program<
  Stream.Success<P>,
  B | B2,
  E,
  Stream.Error<P> | E2,
  Stream.Services<P> | R | R2
> {
  return {
    // A producer is a stream of what is inferred from it.
    producers: producers as ReadonlyArray<
      Stream.Stream<
        Stream.Success<P>,
        Stream.Error<P>,
        Stream.Services<P>
      >
    >,
    consumer,
    retry,
    retryBudget,
    onFailure,
  };
}
