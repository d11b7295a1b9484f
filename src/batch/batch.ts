/**
 * Work in batches: of a collection, of a stream, of single requests gathered, of a span of time.
 *
 * ```ts
 * import { Batch } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 *
 * const fetchUser = (id: number) => Effect.succeed({ id });
 *
 * const users = Batch.forEach([1, 2, 3], fetchUser, {
 *   batchSize: 10,
 *   concurrency: 3,
 * });
 * ```
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import type { Limiter } from "../limiter/mod.ts";
import { Each, inTurn } from "./each.ts";
import { Gatherer } from "./gatherer.ts";
import { gatherMetrics } from "./metrics.ts";
import type { GatherOptions, Options, Window, WindowOptions } from "./model.ts";
import { readPlan } from "./plan.ts";
import { cut, readGrid } from "./window.ts";

export * from "./model.ts";

/**
 * Runs `f` for every item, each when the limiter lets it, and gives the results in the order of the items. Takes items from
 * the iterable only as batches start, so it may be lazy; one that is left early is closed.
 *
 * An item that fails or dies for good ends the whole, unless there is `onFailure`: what runs is interrupted and waited for,
 * and nothing more starts. Each try of an item asks the limiter for a turn of its own, at cost 1. Throws a `RangeError` that
 * names a bad option.
 *
 * @example Two at a time, and a stand-in for whatever is missing
 * ```ts
 * import { Batch, Limiter } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const fetchUser = (id: number) =>
 *   id === 3 ? Effect.fail("NotFound") : Effect.succeed(`user ${id}`);
 *
 * const program = Batch.forEach(new Set([1, 2, 3]), fetchUser, {
 *   batchSize: 2,
 *   onFailure: () => Effect.succeed("nobody"),
 * }).pipe(Effect.provide(Limiter.layerUnlimited));
 *
 * deepStrictEqual(await Effect.runPromise(program), ["user 1", "user 2", "nobody"]);
 * ```
 */
export const forEach = <A, B, E, R, B2 = never, E2 = E, R2 = never>(
  items: Iterable<A>,
  f: (item: A, index: number) => Effect.Effect<B, E, R>,
  options: Options<A, E, B2, E2, R2> = {},
): Effect.Effect<Array<B | B2>, E2, R | R2 | Limiter.Limiter> =>
  new Each(inTurn(f, options), options).over(items);

/**
 * As {@linkcode forEach}, over a stream and in constant memory: elements are pulled only as batches start, and a batch whose
 * results nobody has read yet keeps its place. A batch starts once it is full, or the stream ends.
 *
 * @example
 * ```ts
 * import { Batch, Limiter } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Stream.range(1, 1_000_000).pipe(
 *   Batch.mapEffect((n) => Effect.succeed(n * n), { concurrency: 4 }),
 *   Stream.take(3),
 *   Stream.runCollect,
 *   Effect.provide(Limiter.layerUnlimited),
 * );
 * deepStrictEqual(await Effect.runPromise(program), [1, 4, 9]);
 * ```
 */
export const mapEffect: {
  /** Runs `f` for every element, in batches and when the limiter lets it, and gives the results in order. */
  <A, E0, R0, B, E, R, B2 = never, E2 = E, R2 = never>(
    self: Stream.Stream<A, E0, R0>,
    f: (item: A, index: number) => Effect.Effect<B, E, R>,
    options?: Options<A, E, B2, E2, R2>,
  ): Stream.Stream<B | B2, E0 | E2, R0 | R | R2 | Limiter.Limiter>;
  /** Runs `f` for every element, in batches and when the limiter lets it, and gives the results in order; in a pipe. */
  <A, B, E, R, B2 = never, E2 = E, R2 = never>(
    f: (item: A, index: number) => Effect.Effect<B, E, R>,
    options?: Options<A, E, B2, E2, R2>,
  ): <E0, R0>(
    self: Stream.Stream<A, E0, R0>,
  ) => Stream.Stream<B | B2, E0 | E2, R0 | R | R2 | Limiter.Limiter>;
} = dual(
  (args) => Stream.isStream(args[0]),
  <A, E0, R0, B, E, R, B2, E2, R2>(
    self: Stream.Stream<A, E0, R0>,
    f: (item: A, index: number) => Effect.Effect<B, E, R>,
    options: Options<A, E, B2, E2, R2> = {},
  ) => new Each(inTurn(f, options), options).overStream(self),
);

/**
 * Turns a function over many into a function over one: requests of any fibers are gathered by number and time, asked
 * together when the limiter lets the batch, and each caller gets its own answer. `run` answers in the order it was asked;
 * another number of answers is a defect. If it fails or dies, so do those who were asked for, and nobody else. For requests
 * that fail one by one answer with `Result`s: `Effect.flatMap(getUser(1), Effect.fromResult)`. Nothing is cached from one
 * batch to the next.
 *
 * A batch takes one turn of the limiter, at cost 1, and with it go those who wait when the turn comes. A request goes no later
 * than `within` after the first of its batch, unless all batches are busy or the limiter makes them wait.
 *
 * A request that is interrupted before its batch goes is not asked. Once all requests of a batch that runs are interrupted,
 * the batch is, and the last of them ends with it. Closing the scope interrupts whoever waits or asks later, and what runs.
 * Throws a `RangeError` that names a bad option.
 *
 * While the scope is open, it is in the metrics of Effect, `weir_batch_pending` and others.
 *
 * @example
 * ```ts
 * import { Batch, Limiter } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const fetchUsers = (ids: ReadonlyArray<number>) =>
 *   Effect.succeed(ids.map((id) => `user ${id} of ${ids.length}`));
 *
 * const program = Effect.gen(function* () {
 *   const getUser = yield* Batch.gather(fetchUsers, { within: "5 millis" });
 *   return yield* Effect.all([getUser(1), getUser(2)], {
 *     concurrency: "unbounded",
 *   });
 * }).pipe(Effect.scoped, Effect.provide(Limiter.layerUnlimited));
 *
 * deepStrictEqual(await Effect.runPromise(program), ["user 1 of 2", "user 2 of 2"]);
 * ```
 */
export const gather = <A, B, E, R>(
  run: (
    requests: NonEmptyReadonlyArray<A>,
  ) => Effect.Effect<ReadonlyArray<B>, E, R>,
  options: GatherOptions<A> = {},
): Effect.Effect<
  (request: A) => Effect.Effect<B, E>,
  never,
  R | Scope.Scope | Limiter.Limiter
> => {
  const plan = readPlan(options);
  const make = Effect.contextWith((
    context: Context.Context<R | Limiter.Limiter>,
  ) => Effect.succeed(new Gatherer(run, plan, context)));
  return Effect.gen(function* () {
    const gatherer = yield* make;
    // Finalizers run last to first: what is interrupted is still measured.
    yield* gatherMetrics.show(gatherer, {});
    yield* Effect.addFinalizer(() => gatherer.close);
    return (request: A) => gatherer.ask(request);
  });
};

/**
 * Cuts a stream into spans of time by when its elements arrive. By number, or number and time, use `Stream.groupedWithin` and
 * `Stream.sliding`.
 *
 * The first span begins when the stream is run, the others `every` so long after, without drift. Each is handed out when it
 * ends, also if it is empty. When the stream ends or fails, the oldest span that is still open is handed out if anything is
 * in it, and nothing after it.
 *
 * A slow reader slows the stream down: while a span that has ended was not read, no more is pulled. What is late because of
 * that falls into the span in which it arrives. So there are never more than twice `capacity` items here, and overlapping
 * spans share them. Throws a `RangeError` that names a bad option.
 *
 * @example
 * ```ts
 * import { Batch } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Stream.make("a", "b").pipe(
 *   Batch.window({ size: "10 seconds", every: "1 second" }),
 *   Stream.map(({ items }) => items),
 *   Stream.runCollect,
 * );
 * deepStrictEqual(await Effect.runPromise(program), [["a", "b"]]);
 * ```
 */
export const window: {
  /** Cuts the stream into spans of time by when its elements arrive. */
  <A, E, R>(
    self: Stream.Stream<A, E, R>,
    options: WindowOptions,
  ): Stream.Stream<Window<A>, E, R>;
  /** Cuts the stream into spans of time by when its elements arrive; in a pipe. */
  (
    options: WindowOptions,
  ): <A, E, R>(
    self: Stream.Stream<A, E, R>,
  ) => Stream.Stream<Window<A>, E, R>;
} = dual(
  (args) => Stream.isStream(args[0]),
  <A, E, R>(self: Stream.Stream<A, E, R>, options: WindowOptions) =>
    cut(self, readGrid(options)),
);
