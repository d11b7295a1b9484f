/**
 * Background tasks: status, retry, cancel, schedule, in a store that may outlive the process.
 *
 * ```ts
 * import { Limiter } from "@weir/weir";
 * import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 *
 * const CleanUp = Task.make("clean-up");
 *
 * const Live = CleanUp.toLayer(() => Effect.logInfo("cleaned up")).pipe(
 *   Layer.provideMerge(TaskManager.layer({ workers: 10 })),
 *   Layer.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
 * );
 * ```
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import { millis, span, whole } from "../internal/check.ts";
import { Limiter } from "../limiter/mod.ts";
import { Manager } from "./manager.ts";
import { allowHandlers } from "./registry.ts";
import { Runner } from "./runner.ts";
import { type Service, TaskManager } from "./service.ts";
import { TaskStore } from "./store_service.ts";
import { Timekeeper } from "./timekeeper.ts";
import { Watch } from "./watch.ts";

export * from "./query.ts";
export * from "./service.ts";

/** How this process takes part. */
export interface Options {
  /** How many tasks run at once in this process: a whole number, at least 1; 10 if omitted. */
  readonly workers?: number | undefined;
  /** How long a process that fell silent keeps its tasks; 30 seconds if omitted. */
  readonly lease?: Duration.Input | undefined;
  /** Ended tasks are kept this long; 7 days if omitted. */
  readonly keepFor?: Duration.Input | undefined;
  /** At most this many ended tasks are kept; 100,000 if omitted. */
  readonly keepCount?: number | undefined;
  /**
   * How long the end of the scope lets running tasks go on; then they are interrupted and wait for another process. Not at all
   * if omitted. What ignores that for a second is left behind, and logged.
   */
  readonly drain?: Duration.Input | undefined;
}

/**
 * Builds a task manager, which runs until the scope ends. See {@linkcode layer}. Throws a `RangeError` that names a bad option.
 *
 * @example A manager that runs nothing itself
 * ```ts
 * import { Limiter } from "@weir/weir";
 * import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const tasks = yield* TaskManager.make();
 *   const task = yield* tasks.submit(Task.make("resize"), undefined);
 *   strictEqual((yield* task.info).status, "pending");
 *   strictEqual(yield* task.cancel, true);
 * });
 * await Effect.runPromise(program.pipe(
 *   Effect.scoped,
 *   Effect.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
 * ));
 * ```
 */
export const make = (options: Options = {}): Effect.Effect<
  Service,
  never,
  TaskStore | Limiter.Limiter | Scope.Scope
> => {
  const settings = {
    workers: whole("workers", options.workers ?? 10, 1),
    lease: span("lease", options.lease ?? "30 seconds"),
    drain: millis("drain", options.drain ?? 0),
  };
  const retention = {
    keepFor: millis("keepFor", options.keepFor ?? "7 days"),
    keepCount: whole("keepCount", options.keepCount ?? 100_000, 0),
  };
  return Effect.gen(function* () {
    const store = yield* TaskStore;
    const limiter = yield* Limiter.Limiter;
    const watch = yield* Watch.start(store);
    const wake = yield* Queue.dropping<void>(1);
    const timekeeper = yield* Timekeeper.start(store, retention, wake);
    const runner = yield* Runner.start(
      ...[store, limiter, settings, timekeeper, wake] as const,
    );
    const manager = new Manager(store, watch, runner);
    allowHandlers(manager, (handler) => runner.register(handler));
    return manager;
  });
};

/**
 * Provides a task manager, which runs the tasks that have a handler: give `Task.toLayer` this layer. The limiter decides when
 * the next task may begin in this process; give it no less `concurrency` than there are `workers`, or tasks wait in its line
 * that another process could run. Throws a `RangeError` that names a bad option.
 *
 * @example Tried again until it works
 * ```ts
 * import { Limiter } from "@weir/weir";
 * import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Schedule from "effect/Schedule";
 * import * as Schema from "effect/Schema";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Flaky = Task.make("flaky", {
 *   success: Schema.Number,
 *   error: Schema.String,
 *   retry: Schedule.recurs(5),
 * });
 *
 * const Live = Flaky.toLayer((_, { attempt }) =>
 *   attempt < 3 ? Effect.fail("not yet") : Effect.succeed(attempt)
 * ).pipe(
 *   Layer.provideMerge(TaskManager.layer()),
 *   Layer.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
 * );
 *
 * const program = Effect.gen(function* () {
 *   const tasks = yield* TaskManager.TaskManager;
 *   const task = yield* tasks.submit(Flaky, undefined, { id: "flaky-1" });
 *   strictEqual(yield* task.await, 3);
 * });
 * await Effect.runPromise(Effect.provide(program, Live));
 * ```
 */
export const layer = (
  options?: Options,
): Layer.Layer<TaskManager, never, TaskStore | Limiter.Limiter> =>
  Layer.effect(TaskManager, make(options));
