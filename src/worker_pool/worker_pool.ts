/**
 * Workers that run jobs from one bounded queue.
 *
 * A pool runs and forgets: a job lives in its handle.
 *
 * ```ts
 * import { Limiter, Quota, WorkerPool } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 *
 * const fetchUser = (id: number) => Effect.succeed(`user ${id}`);
 *
 * const program = Effect.gen(function* () {
 *   const first = yield* fetchUser(1).pipe(WorkerPool.run({ priority: 1 }));
 *   const job = yield* fetchUser(2).pipe(WorkerPool.submit());
 *   return [first, yield* job.await];
 * });
 *
 * const Live = WorkerPool.layer({ workers: 8 }).pipe(
 *   Layer.provide(
 *     Limiter.layer(Quota.tokenBucket({ rate: 10, per: "1 second" })),
 *   ),
 * );
 * ```
 *
 * A job that waits for another one of its own pool keeps its worker meanwhile, so when all workers do that, none is left to
 * run what they wait for: such work needs a pool of its own. Jobs have the `AsyncLocalStorage` stores that were there when the
 * pool was made; what Effect's own services hold is their submitter's.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import { millis, whole } from "../internal/check.ts";
import { asking } from "../internal/turn.ts";
import { Limiter } from "../limiter/mod.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Job } from "./handle.ts";
import { poolMetrics } from "./metrics.ts";

export * from "./handle.ts";

/** What goes on in a pool. Counts start when it is built. */
export interface Stats {
  /** How many workers there are. */
  readonly workers: number;
  /** Jobs in the queue. */
  readonly pending: number;
  /** Jobs that run, or wait for the limiter. */
  readonly running: number;
  /** Jobs that succeeded so far. */
  readonly completed: number;
  /** Jobs that failed, died or were not started in time so far. */
  readonly failed: number;
  /** Jobs that were cancelled, or interrupted themselves, so far; also submissions that were interrupted while they waited for room. */
  readonly cancelled: number;
}

/**
 * Runs jobs. Each is run by one worker, when the limiter lets it, in a fiber of its own with the services, span and log
 * annotations of its submitter. By priority, then first in, first out. Whatever a job does, its worker lives on; one that
 * dies while nobody waits for its result, or only to cancel it, is logged at Effect's `UnhandledLogLevel`.
 *
 * `maxWait` is the time until the job starts, in the queue and at the limiter. Without it a full queue suspends the caller. A
 * bad option is a defect: a `RangeError` that names it and its value.
 */
export interface Service {
  /** Runs an effect on a worker and waits for its result. Interrupting the caller cancels it, and waits for its finalizers. */
  readonly run: <
    A,
    E,
    R,
    const O extends Limiter.TurnOptions = Limiter.NoOptions,
  >(
    self: Effect.Effect<A, E, R>,
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ) => Effect.Effect<A, E | Limiter.TurnError<O>, R>;
  /** Puts an effect in the queue and gives its handle. Fails where the queue has no room in time; later refusals fail the job. */
  readonly submit: <
    A,
    E,
    R,
    const O extends Limiter.TurnOptions = Limiter.NoOptions,
  >(
    self: Effect.Effect<A, E, R>,
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ) => Effect.Effect<
    Job<A, E | Limiter.TurnError<O>>,
    Limiter.TurnError<O>,
    R
  >;
  /** Changes the number of workers: a whole number, at least 1. Those too many stop when their job is done. */
  readonly resize: (workers: number) => Effect.Effect<void>;
  /** Waits until nothing is queued and nothing runs. */
  readonly awaitIdle: Effect.Effect<void>;
  /** What goes on now. */
  readonly stats: Effect.Effect<Stats>;
}

const /** @internal */ Key: Context.ServiceClass<
  WorkerPool,
  "@weir/weir/WorkerPool",
  Service
> = Context.Service<WorkerPool, Service>()("@weir/weir/WorkerPool");

/** The pool. For several, make keys of your own: `Context.Service<Mail, WorkerPool.Service>()("app/Mail")` and {@linkcode make}. */
export class WorkerPool extends Key {}

/** How much at once. */
export interface Options {
  /** How many jobs run at once: a whole number, at least 1. */
  readonly workers: number;
  /** How many jobs the queue holds besides those that a free worker is about to take: a whole number, at least 1; 1000 if omitted. */
  readonly capacity?: number | undefined;
  /** What the metrics call it; `"default"` if omitted. */
  readonly name?: string | undefined;
  /**
   * How long the end of the scope may let queued and running jobs go on, not negative; then they are cancelled. Not at all
   * if omitted. From the end on, whoever submits or waits to is interrupted. A job that closes its own pool goes on.
   */
  readonly drain?: Duration.Input | undefined;
}

/**
 * Builds a pool. Throws a `RangeError` that names a bad option.
 *
 * @example A second pool beside the first
 * ```ts
 * import { Limiter, WorkerPool } from "@weir/weir";
 * import * as Context from "effect/Context";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * class Mail extends Context.Service<Mail, WorkerPool.Service>()("app/Mail") {
 *   static readonly layer = Layer.effect(this, WorkerPool.make({ workers: 2 }));
 * }
 *
 * const program = Effect.flatMap(Mail, (mail) => mail.run(Effect.succeed("sent")));
 * const Live = Mail.layer.pipe(Layer.provide(Limiter.layerUnlimited));
 * strictEqual(await Effect.runPromise(Effect.provide(program, Live)), "sent");
 * ```
 */
export const make = (
  options: Options,
): Effect.Effect<Service, never, Limiter.Limiter | Scope.Scope> => {
  const workers = whole("workers", options.workers, 1);
  const capacity = whole("capacity", options.capacity ?? 1000, 1);
  const drain = millis("drain", options.drain ?? 0);
  const pool = options.name ?? "default";
  return Effect.gen(function* () {
    const limiter = yield* Limiter.Limiter;
    const dispatcher = yield* Effect.withFiber((fiber) =>
      Effect.succeed(new Dispatcher(limiter, workers, capacity, fiber))
    );
    // Finalizers run last to first: what drains is still measured.
    const label = pool === "default" ? undefined : pool;
    yield* poolMetrics.show(dispatcher, { pool }, label);
    yield* Effect.addFinalizer(() => dispatcher.close(drain));
    return serviceOf(dispatcher);
  });
};

/**
 * Provides a pool. Throws a `RangeError` that names a bad option.
 *
 * @example Twenty jobs, five at once
 * ```ts
 * import { Limiter, WorkerPool } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* WorkerPool.WorkerPool;
 *   for (let n = 0; n < 20; n++) yield* pool.submit(Effect.succeed(n));
 *   yield* pool.awaitIdle;
 *   return yield* pool.stats;
 * });
 *
 * const Live = WorkerPool.layer({ workers: 5 }).pipe(
 *   Layer.provide(Limiter.layerUnlimited),
 * );
 * const { completed, pending } = await Effect.runPromise(
 *   Effect.provide(program, Live),
 * );
 * deepStrictEqual([completed, pending], [20, 0]);
 * ```
 */
export const layer = (
  options: Options,
): Layer.Layer<WorkerPool, never, Limiter.Limiter> =>
  Layer.effect(WorkerPool, make(options));

/**
 * Runs an effect on a worker and waits for its result; interrupting the caller cancels it. `maxWait` is the time until it
 * starts. Retry outside of it, and each try asks queue and limiter anew:
 * `call.pipe(WorkerPool.run(), Effect.retry(policy))`.
 *
 * @example
 * ```ts
 * import { Limiter, WorkerPool } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Effect.forEach(
 *   ["a", "b", "c"],
 *   (text) => Effect.sync(() => text.toUpperCase()).pipe(WorkerPool.run()),
 *   { concurrency: "unbounded" },
 * );
 *
 * const Live = WorkerPool.layer({ workers: 2 }).pipe(
 *   Layer.provide(Limiter.layerUnlimited),
 * );
 * deepStrictEqual(
 *   await Effect.runPromise(Effect.provide(program, Live)),
 *   ["A", "B", "C"],
 * );
 * ```
 */
export const run: Limiter.TakesTurn<WorkerPool> = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(self: Effect.Effect<A, E, R>, options?: Limiter.TurnOptions) =>
    Effect.flatMap(WorkerPool, (pool) => pool.run(self, options)),
);

/**
 * Puts an effect in the queue, suspended while that is full, and gives its {@linkcode Job}. `maxWait` is the time until the
 * job starts: it goes on in the queue, where it fails the job. To bound the wait for room alone, interrupt the submission,
 * `Effect.timeoutOption(submission, "1 second")`: then nothing was submitted.
 *
 * @example Hand in, look later
 * ```ts
 * import { Limiter, WorkerPool } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const job = yield* Effect.never.pipe(WorkerPool.submit({ priority: 1 }));
 *   const cancelled = yield* job.cancel;
 *   const { status } = yield* job.info;
 *   deepStrictEqual([cancelled, status], [true, "cancelled"]);
 * });
 *
 * const Live = WorkerPool.layer({ workers: 1 }).pipe(
 *   Layer.provide(Limiter.layerUnlimited),
 * );
 * await Effect.runPromise(Effect.provide(program, Live));
 * ```
 */
export const submit: {
  /** Puts the effect in the queue, suspended while that is full, and gives its {@linkcode Job}. `maxWait` goes on until the job starts. */
  <A, E, R, const O extends Limiter.TurnOptions = Limiter.NoOptions>(
    self: Effect.Effect<A, E, R>,
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ): Effect.Effect<
    Job<A, E | Limiter.TurnError<O>>,
    Limiter.TurnError<O>,
    R | WorkerPool
  >;
  /** Puts the effect in the queue, suspended while that is full, and gives its {@linkcode Job}; in a pipe. `maxWait` goes on until the job starts. */
  <const O extends Limiter.TurnOptions = Limiter.NoOptions>(
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>,
  ) => Effect.Effect<
    Job<A, E | Limiter.TurnError<O>>,
    Limiter.TurnError<O>,
    R | WorkerPool
  >;
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(self: Effect.Effect<A, E, R>, options?: Limiter.TurnOptions) =>
    Effect.flatMap(WorkerPool, (pool) => pool.submit(self, options)),
);

function serviceOf(dispatcher: Dispatcher): Service {
  return {
    // What a job gives, how it fails and what it needs is its effect's, and which refusals can come depends on the options:
    // the dispatcher knows neither by type.
    run:
      (<A, E, R>(self: Effect.Effect<A, E, R>, options?: Limiter.TurnOptions) =>
        asking(options, (turn) => dispatcher.run(self, turn))) as Service[
          "run"
        ],
    submit:
      (<A, E, R>(self: Effect.Effect<A, E, R>, options?: Limiter.TurnOptions) =>
        asking(
          options,
          (turn) => dispatcher.submit(self, turn),
        )) as Service["submit"],
    resize: (workers) =>
      Effect.sync(() => dispatcher.resize(whole("workers", workers, 1))),
    awaitIdle: dispatcher.idle,
    stats: Effect.sync(() => ({
      workers: dispatcher.workers,
      pending: dispatcher.queue.size,
      running: dispatcher.running,
      completed: dispatcher.completed,
      failed: dispatcher.failed,
      cancelled: dispatcher.cancelled,
    })),
  };
}
