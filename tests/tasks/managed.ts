/**
 * Task managers for tests.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";

/** What a test of tasks needs. */
export type Needs =
  | TaskManager.TaskManager
  | TaskStore.TaskStore
  | Scope.Scope;

/** Work that is told what to do by its payload. */
export const Work: Task.Task<"work", { readonly n: number }, number, string> =
  Task.make("work", {
    payload: { n: Schema.Number },
    success: Schema.Number,
    error: Schema.String,
  });

/** Runs a test with handlers, a manager, and a store of its own. */
export function managed<A, E>(
  body: Effect.Effect<A, E, Needs>,
  handlers: Layer.Layer<never, never, TaskManager.TaskManager>,
  options: TaskManager.Options = {},
  limiter: Layer.Layer<Limiter.Limiter> = Limiter.layerUnlimited,
): Effect.Effect<A, E, Scope.Scope> {
  return Effect.provide(
    body,
    handlers.pipe(
      Layer.provideMerge(TaskManager.layer(options)),
      Layer.provide(limiter),
      Layer.provideMerge(TaskStore.layerMemory()),
    ),
  );
}

/** Lets everybody get on, without any time passing. */
export const settle: Effect.Effect<void> = Effect.gen(function* () {
  for (let n = 0; n < 20; n++) {
    yield* TestClock.adjust(0);
    yield* Effect.yieldNow;
  }
});

/** Lets time pass, and then everybody get on. */
export const pass = (millis: number): Effect.Effect<void> =>
  Effect.andThen(TestClock.adjust(millis), settle);
