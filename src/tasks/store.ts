/**
 * Where tasks live.
 *
 * ```ts
 * import { TaskStore } from "@weir/weir/tasks";
 *
 * const Store = TaskStore.layerMemory({ capacity: 10_000 });
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { whole } from "../internal/check.ts";
import { memoryStore } from "./memory_store.ts";
import type { Options } from "./store_options.ts";
import { TaskStore } from "./store_service.ts";

export * from "./model.ts";
export * from "./query.ts";
export * from "./status.ts";
export * from "./sql_store.ts";
export * from "./store_options.ts";
export * from "./store_service.ts";

/**
 * Keeps tasks in this process. They end with it. Payloads, results and errors are kept as they are, not copied: do not
 * change them afterwards. Of events the last 65,536 are kept. Throws a `RangeError` that names a bad option.
 *
 * Stored times are those of the wall clock; leases and quotas of lanes go by monotonic time, so that setting the clock loses
 * no lease.
 *
 * @example A task is stored, claimed and settled
 * ```ts
 * import { TaskStore } from "@weir/weir/tasks";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* TaskStore.TaskStore;
 *   yield* store.insert([{
 *     id: "welcome-anna",
 *     name: "send-email",
 *     payload: { to: "anna@example.com" },
 *     priority: 0,
 *     maxAttempts: 10,
 *     start: { delay: 0 },
 *     lane: undefined,
 *   }]);
 *   const lease = Duration.seconds(30);
 *   const claimed = yield* store.claim({ names: ["send-email"], limit: 10, lease });
 *   strictEqual(claimed.length, 1);
 *   const outcome = { _tag: "Completed", result: "sent" } as const;
 *   yield* store.settle([{ lease: claimed[0]!.lease, outcome }]);
 *   strictEqual((yield* store.stats).completed, 1);
 * });
 * await Effect.runPromise(Effect.provide(program, TaskStore.layerMemory()));
 * ```
 */
export const layerMemory = (options: Options = {}): Layer.Layer<TaskStore> => {
  const capacity = whole("capacity", options.capacity ?? 1_000_000, 1);
  return Layer.effect(
    TaskStore,
    Effect.withFiber((fiber) =>
      Effect.succeed(memoryStore(fiber.context, capacity))
    ),
  );
};
