/**
 * Where keyed state lives: one atomic step over key, time and cost.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { refuse, whole } from "../internal/check.ts";
import type { Charge } from "./algorithm.ts";
import type { Allowed, Denied } from "./decision.ts";
import { MemoryStore } from "./memory_store.ts";
import type { Quota } from "./quota.ts";

/** A key, and the quota it is held to. */
export interface Account {
  /** Of which limiter: one store serves many. */
  readonly limiter: string;
  /** Whose state. */
  readonly key: string;
  /** Which limit. */
  readonly quota: Quota;
}

/** A charge, as it was taken. */
export interface Taken extends Allowed, Charge {
  /** The account whose tier has the least left, by its place. */
  readonly account: number;
}

/** A refusal. */
export interface Refused extends Denied {
  /** The account that refused, by its place: the one with the longest wait. */
  readonly account: number;
}

/**
 * Keeps the state of many keys. Every operation is one atomic step of `Quota.decide` or `Quota.settle` at the store's own
 * time, over all the accounts at once: a script for Redis, a statement for SQL, a synchronous call in memory.
 *
 * The first account is a client's; one behind it is above the clients of its limiter, shared by them, and never forgotten.
 */
export interface Service {
  /** Charges `cost` to all accounts, or to none. */
  readonly take: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
  ) => Effect.Effect<Taken | Refused>;
  /** `take` without Effect, for a store that can answer in this very step: where it is given, callers are spared the rest. */
  readonly takeUnsafe?: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
  ) => Taken | Refused;
  /**
   * Whether `take` would be allowed, and what is left now. Charges nothing. If `ahead` is given, a refusal says when `cost`
   * would be allowed behind so many units that others take first; beyond the capacity it may say too soon, never too late.
   */
  readonly peek: (
    accounts: NonEmptyReadonlyArray<Account>,
    cost: number,
    ahead?: number,
  ) => Effect.Effect<Taken | Refused>;
  /** Corrects a charge on all accounts. */
  readonly settle: (
    accounts: NonEmptyReadonlyArray<Account>,
    charge: Taken,
    cost: number,
  ) => Effect.Effect<void>;
  /** Denies a client for this long; 0 ends it. The longest pause wins. */
  readonly pause: (
    account: Account,
    duration: Duration.Duration,
  ) => Effect.Effect<void>;
  /** Forgets what a client was charged: charges from before are not corrected any more. */
  readonly reset: (account: Account) => Effect.Effect<void>;
  /** How many clients' keys are remembered. */
  readonly size: Effect.Effect<number>;
}

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
   * promise, or `"evict"` that one and let its client start afresh. `"deny"` if omitted.
   */
  readonly overflow?: "deny" | "evict" | undefined;
}

/**
 * Keeps state in this process: some 66 bytes a key for a token bucket, besides the key. A key that is as good as new is
 * forgotten, one or two at each step, so nothing ever stops to sweep; one that was given back to or came under a better plan
 * counts as in use until it would have been as good as new without. Throws a `RangeError` that names a bad option.
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
    refuse("overflow", 'one of "deny" and "evict"', overflow);
  }
  return Layer.effect(
    LimiterStore,
    Effect.withFiber((fiber) =>
      Effect.succeed(new MemoryStore(fiber.context, maxKeys, overflow))
    ),
  );
};
