/**
 * Where keyed state lives: one atomic step over key, time and cost.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { refuse, whole } from "../internal/check.ts";
import type { Service } from "./account.ts";
import { MemoryStore } from "./memory_store.ts";

export * from "./account.ts";

const /** @internal */ Key: Context.ServiceClass<
  LimiterStore,
  "@weir/weir/LimiterStore",
  Service
> = Context.Service<LimiterStore, Service>()("@weir/weir/LimiterStore");

/** Where a keyed limiter keeps its state. */
export class LimiterStore extends Key {}

/** What {@linkcode layerMemory} may be told. */
export interface MemoryOptions {
  /** How many keys are remembered at most: a whole number, 100,000 if omitted. Keys as good as new make room. */
  readonly maxKeys?: number | undefined;
  /**
   * What happens to a new key when all are in use: `"deny"` it until the first of them is as good as new, which keeps every
   * promise, or `"evict"` that one and let its client start afresh, its pause forgotten too. `"deny"` if omitted.
   */
  readonly overflow?: "deny" | "evict" | undefined;
}

/**
 * Keeps state in this process: some 66 bytes a key for a token bucket, besides the key. A key that is as good as new is
 * forgotten, one or two at each step, so nothing ever stops to sweep; one that was given back to or came under a better plan
 * counts as in use until it would have been as good as new without: where it stands in the heap of keys is not known, and to
 * know it would cost each key its bytes and each step its time. Throws a `RangeError` that names a bad option.
 *
 * A key counts as in use until its pause is over; one that is paused for ever, until it is resumed. To pause a new key when all
 * are in use, `"deny"` closes the store: all new keys are denied until that pause is over or ended; of several such pauses the
 * longest counts. `"evict"` makes room for it as for any other.
 *
 * @example Ten thousand clients at most
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * const PerClient = KeyedLimiter.layer(
 *   Quota.slidingWindow({ limit: 100, window: "1 minute" }),
 * ).pipe(Layer.provide(LimiterStore.layerMemory({ maxKeys: 10_000 })));
 *
 * const program = Effect.gen(function* () {
 *   const clients = yield* KeyedLimiter.KeyedLimiter;
 *   yield* clients.for("10.0.0.1").acquire();
 *   strictEqual((yield* clients.stats).keys, 1);
 * });
 * await Effect.runPromise(Effect.provide(program, PerClient));
 * ```
 */
export const layerMemory = (
  options: MemoryOptions = {},
): Layer.Layer<LimiterStore> => {
  const maxKeys = whole("maxKeys", options.maxKeys ?? 100_000, 1);
  const overflow = options.overflow ?? "deny";
  if (overflow !== "deny" && overflow !== "evict") {
    refuse("overflow", '"deny" or "evict"', overflow);
  }
  return Layer.effect(
    LimiterStore,
    Effect.withFiber((fiber) =>
      Effect.succeed(new MemoryStore(fiber.context, maxKeys, overflow))
    ),
  );
};
