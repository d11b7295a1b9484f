/**
 * A limiter as a service: its shape, its keys, and their layers.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import { dual } from "effect/Function";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { atMost, millis } from "../internal/check.ts";
import { allowInstant } from "../internal/instant.ts";
import { asking, type Turn } from "../internal/turn.ts";
import { Core } from "./core.ts";
import type { Decision, Denied } from "./decision.ts";
import { defaultLimiter, showLimiter } from "./metrics.ts";
import { type Quota, unlimited } from "./quota.ts";
import { checked } from "./tier.ts";
import type {
  CostOptions,
  Exactly,
  NoOptions,
  Permit,
  TakesTurn,
  Throttle,
  ThrottleOptions,
  TurnError,
  TurnOptions,
} from "./turn.ts";

/** What goes on in a limiter. Counts start when it is built. */
export interface Stats {
  /** Callers that wait for their turn. */
  readonly waiting: number;
  /** Effects that run inside {@linkcode Service.limit} now; counted where the limiter bounds `concurrency`. */
  readonly running: number;
  /** Turns given so far. */
  readonly admitted: number;
  /** Turns refused so far: denied, timed out, too costly. */
  readonly denied: number;
}

/**
 * Decides when work may start.
 *
 * Callers are served by priority, then first in, first out; whoever is at the head keeps its place, however much it
 * asks for. Interrupting a caller that waits costs nothing and lets the next one through.
 *
 * A bad option is a defect: a `RangeError` that names it and its value.
 */
export interface Service {
  /** Waits for a turn and charges it. It counts as running nowhere: to be counted in `concurrency` use `limit`. */
  readonly acquire: <const O extends TurnOptions = NoOptions>(
    options?: Exactly<TurnOptions, O>,
  ) => Effect.Effect<Permit, TurnError<O>>;
  /** Decides now. Denied while others wait for the quota, for it never overtakes. */
  readonly tryAcquire: (
    options?: CostOptions,
  ) => Effect.Effect<Permit | Denied>;
  /** Whether `tryAcquire` would be allowed, and what is left now. Charges nothing. */
  readonly peek: (options?: CostOptions) => Effect.Effect<Decision>;
  /**
   * Runs an effect when its turn comes. Where the limiter bounds `concurrency`, quota and slot are taken together or not
   * at all, and the slot comes back when the effect ends, however it ends. Inside an effect that holds a slot, `limit` of the
   * same limiter charges the quota and takes no second slot.
   */
  readonly limit: <A, E, R, const O extends TurnOptions = NoOptions>(
    self: Effect.Effect<A, E, R>,
    options?: Exactly<TurnOptions, O>,
  ) => Effect.Effect<A, E | TurnError<O>, R>;
  /** Gives no more turns for this long, or until `resume`. The longest pause wins. What an upstream's `Retry-After` calls for. */
  readonly pause: (duration?: Duration.Input) => Effect.Effect<void>;
  /** Ends a pause. */
  readonly resume: Effect.Effect<void>;
  /** Forgets what was charged: the quota is whole again. */
  readonly reset: Effect.Effect<void>;
  /** What goes on now. */
  readonly stats: Effect.Effect<Stats>;
}

/** A limiter in the hands of who made it. */
export interface Adjustable extends Service {
  /**
   * Goes on under another quota without losing what was counted: tiers are matched by name, then by kind, then by place. A
   * smaller limit begins used up, not in debt; the log of a sliding window stays as it is. Who waits for more than the new
   * quota ever allows fails with {@linkcode CostExceedsLimit}. Dies with a `RangeError` that names a bad number.
   */
  readonly setQuota: (quota: Quota) => Effect.Effect<void>;
}

/** What {@linkcode make} and {@linkcode layer} may be told. */
export interface Options {
  /** At most this many effects run inside `limit` at once: a whole number, at least 1. No bound if omitted. */
  readonly concurrency?: number | undefined;
}

/** A key for one limiter among several, and its layers. Made by {@linkcode Service}. */
export interface ServiceClass<Self, Id extends string>
  extends Context.ServiceClass<Self, Id, Service> {
  /** As {@linkcode layer}, for this key. */
  readonly layer: (quota: Quota, options?: Options) => Layer.Layer<Self>;
  /** As {@linkcode layerUnlimited}, for this key. */
  readonly layerUnlimited: Layer.Layer<Self>;
  /** As {@linkcode limit}, by this limiter. */
  readonly limit: TakesTurn<Self>;
  /** As {@linkcode throttle}, by this limiter. */
  readonly throttle: Throttle<Self>;
}

/**
 * Makes a key for one limiter among several.
 *
 * @example Two upstreams, two limits
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * class GitHub extends Limiter.Service<GitHub>()("app/GitHub") {}
 * class Mail extends Limiter.Service<Mail>()("app/Mail") {}
 *
 * const program = Effect.succeed("sent").pipe(GitHub.limit(), Mail.limit());
 *
 * const Live = Layer.mergeAll(
 *   GitHub.layer(Quota.slidingWindow({ limit: 5000, window: "1 hour" })),
 *   Mail.layer(Quota.tokenBucket({ rate: 14, per: "1 second" })),
 * );
 * strictEqual(await Effect.runPromise(Effect.provide(program, Live)), "sent");
 * ```
 */
export function Service<Self>(): <const Id extends string>(
  id: Id,
) => ServiceClass<Self, Id> {
  return (id) => {
    const key = Context.Service<Self, Service>()(id);
    return Object.assign(key, {
      layer: (quota: Quota, options?: Options) => layerOf(key, quota, options),
      layerUnlimited: Layer.suspend(() =>
        Layer.effect(key, measured(prepare(unlimited), key.key))
      ),
      limit: limitBy(key),
      throttle: throttleBy(key),
    });
  };
}

/**
 * Builds a limiter. Throws a `RangeError` that names a bad option.
 *
 * @example Change the quota of a running limiter
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const limiter = yield* Limiter.make(
 *     Quota.slidingWindow({ limit: 1, window: "1 hour" }),
 *   );
 *   yield* limiter.acquire();
 *   yield* limiter.setQuota(Quota.slidingWindow({ limit: 3, window: "1 hour" }));
 *   const next = yield* limiter.tryAcquire();
 *   strictEqual(next._tag === "Allowed" && next.remaining, 1);
 * });
 * await Effect.runPromise(program);
 * ```
 */
export const make = (
  quota: Quota,
  options?: Options,
): Effect.Effect<Adjustable> => {
  const build = prepare(quota, options);
  return Effect.withFiber((fiber) =>
    Effect.succeed(serviceOf(build(fiber.context)))
  );
};

/**
 * Builds a limiter without an Effect around it, on the live clock: for plain TypeScript, which runs `acquire` with
 * `Effect.runPromise`. Throws a `RangeError` that names a bad option.
 *
 * @example Without Effect in sight
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const limiter = Limiter.makeUnsafe(
 *   Quota.slidingWindow({ limit: 1, window: "1 minute" }),
 * );
 * await Effect.runPromise(limiter.acquire());
 * strictEqual(Effect.runSync(limiter.tryAcquire())._tag, "Denied");
 * ```
 */
export const makeUnsafe = (quota: Quota, options?: Options): Adjustable =>
  serviceOf(prepare(quota, options)(Context.empty()));

/** Checks what a limiter is to be made of, and tells how to make it in a context. */
function prepare(
  quota: Quota,
  options: Options = {},
): (context: Context.Context<never>) => Core {
  checked(quota.tiers);
  const concurrency = atMost("concurrency", options.concurrency);
  return (context) => new Core(quota, concurrency, context);
}

/** What a limiter can do, of its core. */
function serviceOf(core: Core): Adjustable {
  const turn = (turn: Turn) => core.turn(turn);
  const tryOne = Effect.sync(() => core.try(1));
  const service: Adjustable = {
    // Which errors can come depends on the options given, which the core does not know by type.
    acquire:
      ((options?: TurnOptions) => asking(options, turn)) as Service["acquire"],
    limit:
      (<A, E, R>(self: Effect.Effect<A, E, R>, options?: TurnOptions) =>
        asking(options, (turn) => core.limit(self, turn))) as Service["limit"],
    tryAcquire: (options) => {
      const cost = options?.cost;
      return cost === undefined ? tryOne : Effect.sync(() => core.try(cost));
    },
    peek: (options) => Effect.sync(() => core.peek(options?.cost ?? 1)),
    pause: (duration = Infinity) =>
      Effect.sync(() => core.pause(millis("duration", duration))),
    resume: steer((fiber) => core.resume(fiber)),
    reset: steer((fiber) => core.reset(fiber)),
    setQuota: (quota) =>
      steer((fiber) => {
        checked(quota.tiers);
        core.setQuota(quota, fiber);
      }),
    stats: Effect.sync(() => statsOf(core)),
  };
  allowInstant(service, () => core.takeNow());
  return service;
}

/** Builds a limiter that the metrics show under an id until the scope closes. */
function measured(
  build: (context: Context.Context<never>) => Core,
  limiter: string,
): Effect.Effect<Service, never, Scope.Scope> {
  return Effect.withFiber((fiber) => {
    const core = build(fiber.context);
    const counts = { stats: () => statsOf(core), lobby: core.lobby };
    const label = limiter === defaultLimiter ? undefined : limiter;
    return Effect.as(
      showLimiter(counts, core.concurrency, { limiter }, label),
      serviceOf(core),
    );
  });
}

function statsOf({ line, lobby }: Core): Stats {
  const { running, waiting } = line;
  const { admitted, denied } = lobby;
  return { waiting, running, admitted, denied };
}

function steer(
  f: (fiber: Fiber.Fiber<unknown, unknown>) => void,
): Effect.Effect<void> {
  return Effect.withFiber((fiber) => {
    f(fiber);
    return Effect.void;
  });
}

function layerOf<Self>(
  key: Context.Key<Self, Service>,
  quota: Quota,
  options: Options | undefined,
): Layer.Layer<Self> {
  const limiter = measured(prepare(quota, options), key.key);
  let alive = 0;
  const acquire = Effect.suspend(() =>
    ++alive === 2
      ? Effect.andThen(Effect.logWarning(twice(key.key)), limiter)
      : limiter
  );
  const release = Effect.sync(() => {
    alive--;
  });
  return Layer.effect(key, Effect.acquireRelease(acquire, () => release));
}

const twice = (id: string) =>
  `One layer of "${id}" is alive twice, as two limiters that do not know of each other: provide it once, at the edge`;

/** Runs an effect when the limiter of a key lets it. */
function limitBy<Self>(
  key: Context.Key<Self, Service>,
): TakesTurn<Self> {
  return dual(
    (args) => Effect.isEffect(args[0]),
    <A, E, R>(self: Effect.Effect<A, E, R>, options?: TurnOptions) =>
      Effect.flatMap(key, (limiter) => limiter.limit(self, options)),
  );
}

/** Lets each element of a stream through when the limiter of a key lets it. */
function throttleBy<Self>(
  key: Context.Key<Self, Service>,
): Throttle<Self> {
  return dual(
    (args) => Stream.isStream(args[0]),
    <A, E, R>(
      self: Stream.Stream<A, E, R>,
      options?: Partial<ThrottleOptions<A>>,
    ) => {
      const { cost, priority } = options ?? {};
      return Stream.mapEffect(
        self,
        (element) =>
          Effect.flatMap(key, (limiter) =>
            Effect.as(
              limiter.acquire(
                cost === undefined
                  ? { priority }
                  : { priority, cost: cost(element) },
              ),
              element,
            )),
      );
    },
  );
}
