/**
 * A kind of background work: its name, what it is given, what it gives, how it fails.
 *
 * ```ts
 * import { Task } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as Schedule from "effect/Schedule";
 * import * as Schema from "effect/Schema";
 *
 * const SendEmail = Task.make("send-email", {
 *   payload: { to: Schema.String },
 *   success: Schema.Struct({ messageId: Schema.String }),
 *   retry: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 5 })),
 * });
 *
 * const SendEmailLive = SendEmail.toLayer(({ to }, { id }) =>
 *   Effect.as(Effect.logInfo(`to ${to}`), { messageId: id })
 * );
 * ```
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import { named, whole } from "../internal/check.ts";
import { registerOf } from "./registry.ts";
import type { Codec, Kind, Options, Run, TypeOf } from "./kind.ts";
import { TaskManager } from "./service.ts";

export * from "./errors.ts";
export * from "./info.ts";
export * from "./kind.ts";
export * from "./status.ts";

/** A kind of work, known by `Name`, given a `Payload`, ending with an `A` or failing with an `E`, and how to run it. */
export interface Task<
  out Name extends string,
  in out Payload,
  in out A,
  in out E,
> extends Kind<Name, Payload, A, E> {
  /**
   * Runs these tasks in this process. At least once: a task whose process died runs again when its lease has passed, so
   * make it harmless to repeat. Interrupted when it is cancelled or its lease is lost.
   */
  readonly toLayer: <R>(
    handler: (payload: Payload, run: Run) => Effect.Effect<A, E, R>,
  ) => Layer.Layer<never, never, Exclude<R, Scope.Scope> | TaskManager>;
}

/**
 * Names a kind of work. Without a `payload`, `success` or `error` there is none. Throws a `RangeError` that names a bad option.
 *
 * @example
 * ```ts
 * import { Limiter } from "@weir/weir";
 * import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Schema from "effect/Schema";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Double = Task.make("double", {
 *   payload: { n: Schema.Number },
 *   success: Schema.Number,
 * });
 *
 * const Live = Double.toLayer(({ n }) => Effect.succeed(2 * n)).pipe(
 *   Layer.provideMerge(TaskManager.layer()),
 *   Layer.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
 * );
 *
 * const program = Effect.gen(function* () {
 *   const tasks = yield* TaskManager.TaskManager;
 *   const task = yield* tasks.submit(Double, { n: 21 });
 *   strictEqual(yield* task.await, 42);
 * });
 * await Effect.runPromise(Effect.provide(program, Live));
 * ```
 */
export const make = <
  const Name extends string,
  Payload extends Codec | Schema.Struct.Fields = Schema.Void,
  Success extends Codec = Schema.Void,
  Failure extends Codec = Schema.Never,
>(
  name: Name,
  options: Options<TypeOf<Payload>, Failure["Type"]> & {
    readonly payload?: Payload | undefined;
    readonly success?: Success | undefined;
    readonly error?: Failure | undefined;
  } = {},
): Task<Name, TypeOf<Payload>, Success["Type"], Failure["Type"]> => {
  const { error, lane, maxAttempts = 10, payload, retry, success } = options;
  named("name", name);
  if (lane?.concurrency !== undefined) {
    whole("lane.concurrency", lane.concurrency, 1);
  }
  // What the schemas make of it is what their types say; as JSON, for stores.
  const task: Task<Name, TypeOf<Payload>, Success["Type"], Failure["Type"]> = {
    name,
    payload: stored(payload ?? Schema.Void),
    success: stored(success ?? Schema.Void),
    error: stored(error ?? Schema.Never),
    options: { lane, retry, maxAttempts: whole("maxAttempts", maxAttempts, 1) },
    toLayer: <R>(
      handler: (
        payload: TypeOf<Payload>,
        run: Run,
      ) => Effect.Effect<Success["Type"], Failure["Type"], R>,
    ) =>
      Layer.effectDiscard(Effect.gen(function* () {
        const manager = yield* TaskManager;
        const context = yield* Effect.context<Exclude<R, Scope.Scope>>();
        yield* registerOf(manager)({
          task: task as never,
          run: (payload, run) =>
            // A scope of its own is added, which the types cannot see.
            Effect.provideContext(
              Effect.scoped(handler(payload as TypeOf<Payload>, run)),
              context as Context.Context<never>,
            ) as Effect.Effect<unknown, unknown>,
        });
      })),
  };
  return task;
};

function stored<A>(
  schema: Codec | Schema.Struct.Fields,
): Schema.Codec<A, unknown> {
  const whole = Schema.isSchema(schema) ? schema : Schema.Struct(schema);
  return Schema.toCodecJson(whole as Codec) as Schema.Codec<A, unknown>;
}
