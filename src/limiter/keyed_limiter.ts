/**
 * One limit for each of many clients, in bounded memory.
 *
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import * as Layer from "effect/Layer";
 *
 * const PerClient = KeyedLimiter.layer(
 *   Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 * ```
 *
 * Waits of different keys do not block each other, and callers of one key are served as a `Limiter` serves them. Where a
 * quota above the keys is given, keys that wait for it are served in turn.
 *
 * Over a store that answers by and by, `maxWait` bounds the wait for a quota or a slot, not the time of the store's answers:
 * with 0 a caller still hears what the store says to it and to those before. An interrupt ends any of these waits at once, and
 * what a call under way turns out to have taken goes back.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import { atMost, millis, refuse } from "../internal/check.ts";
import { allowInstantKeys } from "../internal/instant.ts";
import { asking } from "../internal/turn.ts";
import { KeyedCore } from "./keyed_core.ts";
import type { KeyedOptions } from "./ledger.ts";
import type * as Limiter from "./limiter.ts";
import { showLimiter } from "./metrics.ts";
import { type Quota, unlimited } from "./quota.ts";
import { layerMemory, LimiterStore, type Service as Store } from "./store.ts";
import { checked } from "./tier.ts";

/** One limiter for each key, made on first use and forgotten when it is as good as new. */
export interface Service {
  /**
   * The limiter of one client. Costs nothing to ask for and holds nothing; waits of different keys do not block each other.
   * Of its `stats`, `waiting` and `running` are the client's own; `admitted` and `denied` count all keys, for nothing else is
   * remembered of a key that is as good as new.
   */
  readonly for: (key: string) => Limiter.Service;
  /** What a client is held to: the tiers of its quota, then those of the `shared` one. The same object as long as they are the same. */
  readonly quotaOf: (key: string) => Quota;
  /** What goes on now, over all keys. */
  readonly stats: Effect.Effect<Stats>;
}

/** What goes on in a keyed limiter. */
export interface Stats extends Limiter.Stats {
  /** Keys that are remembered, by all limiters of the store. */
  readonly keys: number;
}

const /** @internal */ Key: Context.ServiceClass<
  KeyedLimiter,
  "@weir/weir/KeyedLimiter",
  Service
> = Context.Service<KeyedLimiter, Service>()("@weir/weir/KeyedLimiter");

/** The keyed limiter that the patterns ask for. */
export class KeyedLimiter extends Key {}

/** What {@linkcode make} and {@linkcode layer} may be told. */
export interface Options {
  /** Tells this limiter's keys from those of others in one store; `"default"` if omitted. A second one of a name is refused with a `RangeError`. */
  readonly name?: string | undefined;
  /** A quota above the keys, charged together with each. Keys that wait for it take turns, whoever came first. */
  readonly shared?: Quota | undefined;
  /** At most this many effects of one key run inside `limit` at once, in this process. No bound if omitted. */
  readonly concurrency?: number | undefined;
}

/** The quota of each key: one for all, or by key, for clients that pay for more. A client that changes plan keeps what was counted. */
export type QuotaByKey = Quota | ((key: string) => Quota);

/**
 * Builds a keyed limiter: `quota` for each key. It holds its name in the store from then on; the layer gives the name back.
 * Throws a `RangeError` that names a bad option.
 *
 * @example Clients that pay for more
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const free = Quota.slidingWindow({ limit: 1, window: "1 minute" });
 * const paid = Quota.slidingWindow({ limit: 100, window: "1 minute" });
 *
 * const program = Effect.gen(function* () {
 *   const clients = yield* KeyedLimiter.make((key) =>
 *     key.startsWith("paid:") ? paid : free
 *   );
 *   yield* clients.for("anna").acquire();
 *   strictEqual((yield* clients.for("anna").tryAcquire())._tag, "Denied");
 *   yield* clients.for("paid:ben").acquire({ cost: 99 });
 *   strictEqual((yield* clients.for("paid:ben").tryAcquire())._tag, "Allowed");
 * });
 * await Effect.runPromise(
 *   Effect.provide(program, LimiterStore.layerMemory()),
 * );
 * ```
 */
export const make = (
  quota: QuotaByKey,
  options?: Options,
): Effect.Effect<Service, never, LimiterStore> => {
  const checkedOptions = prepare(quota, options);
  return Effect.flatMap(
    LimiterStore,
    (store) => Effect.map(build(checkedOptions, store), serviceOf),
  );
};

/**
 * Provides a keyed limiter: `quota` for each key. Throws a `RangeError` that names a bad option. Its counts, over all keys, are
 * metrics as those of `Limiter.layer` are, with its `name` as one more attribute.
 *
 * @example A lock for each key
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const Locks = KeyedLimiter.layer(Quota.unlimited, { concurrency: 1 }).pipe(
 *   Layer.provide(LimiterStore.layerMemory()),
 * );
 *
 * const log: Array<string> = [];
 * const write = (file: string, text: string) =>
 *   Effect.gen(function* () {
 *     log.push(`${text} begins`);
 *     yield* Effect.yieldNow;
 *     log.push(`${text} ends`);
 *   }).pipe(KeyedLimiter.limit(file));
 *
 * const program = Effect.all([write("a", "one"), write("a", "two")], {
 *   concurrency: 2,
 * });
 * await Effect.runPromise(Effect.provide(program, Locks));
 * deepStrictEqual(log, ["one begins", "one ends", "two begins", "two ends"]);
 * ```
 */
export const layer = (
  quota: QuotaByKey,
  options?: Options,
): Layer.Layer<KeyedLimiter, never, LimiterStore> => {
  const checkedOptions = prepare(quota, options);
  return Layer.effect(
    KeyedLimiter,
    Effect.flatMap(LimiterStore, (store) =>
      Effect.acquireRelease(
        build(checkedOptions, store),
        () => Effect.sync(() => namesIn(store).delete(checkedOptions.name)),
      )).pipe(Effect.flatMap((core) => measured(core, checkedOptions.name))),
  );
};

/** Provides a keyed limiter that never makes anyone wait. */
export const layerUnlimited: Layer.Layer<KeyedLimiter> = Layer.provide(
  layer(unlimited),
  layerMemory(),
);

/**
 * Runs an effect when the limiter of its key lets it. In a pipe: `call.pipe(KeyedLimiter.limit("tenant-7"))`.
 *
 * @example
 * ```ts
 * import { KeyedLimiter } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.succeed("done").pipe(
 *   KeyedLimiter.limit("tenant-7"),
 *   Effect.provide(KeyedLimiter.layerUnlimited),
 * );
 * strictEqual(await Effect.runPromise(program), "done");
 * ```
 */
export const limit: {
  /** Runs the effect when the limiter of `key` lets it. A `cost` and a `maxWait` add their errors. */
  <
    A,
    E,
    R,
    const O extends Limiter.TurnOptions = Limiter.NoOptions,
  >(
    self: Effect.Effect<A, E, R>,
    key: string,
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ): Effect.Effect<A, E | Limiter.TurnError<O>, R | KeyedLimiter>;
  /** Runs the effect when the limiter of `key` lets it; in a pipe. A `cost` and a `maxWait` add their errors. */
  <const O extends Limiter.TurnOptions = Limiter.NoOptions>(
    key: string,
    options?: Limiter.Exactly<Limiter.TurnOptions, O>,
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | Limiter.TurnError<O>, R | KeyedLimiter>;
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    key: string,
    options?: Limiter.TurnOptions,
  ) =>
    Effect.flatMap(
      KeyedLimiter,
      (limiter) => limiter.for(key).limit(self, options),
    ),
);

/** Which names the limiters of a store have. */
const names = new WeakMap<Store, Set<string>>();

function namesIn(store: Store): Set<string> {
  let set = names.get(store);
  if (set === undefined) names.set(store, set = new Set());
  return set;
}

function prepare(quota: QuotaByKey, options: Options = {}): KeyedOptions {
  const { concurrency, name = "default", shared } = options;
  if (typeof quota !== "function") checked(quota.tiers);
  if (shared !== undefined) checked(shared.tiers);
  return {
    name,
    shared,
    quotaOf: typeof quota === "function" ? quota : () => quota,
    concurrency: atMost("concurrency", concurrency),
  };
}

function build(options: KeyedOptions, store: Store): Effect.Effect<KeyedCore> {
  return Effect.withFiber((fiber) => {
    if (namesIn(store).has(options.name)) {
      refuse("name", "new to the store", options.name);
    }
    namesIn(store).add(options.name);
    return Effect.succeed(new KeyedCore(options, store, fiber.context));
  });
}

function serviceOf(core: KeyedCore): Service {
  const service: Service = {
    for: (key) => new View(core, key),
    quotaOf: (key) => core.quotaOf(key),
    stats: Effect.map(
      core.store.size,
      (keys) => ({ ...statsOf(core), keys }),
    ),
  };
  allowInstantKeys(service, (key, cost) => core.tryNow(key, cost));
  return service;
}

/** The same, shown in the metrics under a name until the scope closes. */
function measured(
  core: KeyedCore,
  name: string,
): Effect.Effect<Service, never, Scope.Scope> {
  const counts = { stats: () => statsOf(core), lobby: core.queue.lobby };
  const attributes = { limiter: KeyedLimiter.key, name };
  const label = name === "default" ? "keyed" : `keyed ${name}`;
  return Effect.as(
    showLimiter(counts, core.options.concurrency, attributes, label),
    serviceOf(core),
  );
}

/** What goes on now, over all keys. */
function statsOf({ queue: { lines, lobby } }: KeyedCore): Limiter.Stats {
  const waiting = lines.sum((line) => line.waiting);
  const running = lines.sum((line) => line.running);
  const { admitted, denied } = lobby;
  return { waiting, running, admitted, denied };
}

/** The limiter of one key. Its parts are made when they are asked for, for most views are asked for one. */
class View implements Limiter.Service {
  constructor(private readonly core: KeyedCore, private readonly key: string) {}

  // Which errors can come depends on the options given, which the core does not know by type.
  get acquire(): Limiter.Service["acquire"] {
    const { core, key } = this;
    const acquire = (options?: Limiter.TurnOptions) =>
      asking(options, (turn) => core.turn(key, turn));
    return acquire as Limiter.Service["acquire"];
  }

  get limit(): Limiter.Service["limit"] {
    const { core, key } = this;
    const limit = <A, E, R>(
      self: Effect.Effect<A, E, R>,
      options?: Limiter.TurnOptions,
    ) => asking(options, (turn) => core.limit(key, self, turn));
    return limit as Limiter.Service["limit"];
  }

  get tryAcquire(): Limiter.Service["tryAcquire"] {
    const { core, key } = this;
    return (options) => core.try(key, options?.cost ?? 1);
  }

  get peek(): Limiter.Service["peek"] {
    const { core, key } = this;
    return (options) => core.peek(key, options?.cost ?? 1);
  }

  get pause(): Limiter.Service["pause"] {
    const { core, key } = this;
    return (duration = Infinity) =>
      Effect.suspend(() => core.pause(key, millis("duration", duration)));
  }

  get resume(): Effect.Effect<void> {
    return this.core.resume(this.key);
  }

  get reset(): Effect.Effect<void> {
    return this.core.reset(this.key);
  }

  get stats(): Effect.Effect<Limiter.Stats> {
    const { key } = this;
    const { lines, lobby } = this.core.queue;
    return Effect.sync(() => ({
      waiting: lines.get(key)?.waiting ?? 0,
      running: lines.get(key)?.running ?? 0,
      admitted: lobby.admitted,
      denied: lobby.denied,
    }));
  }
}
