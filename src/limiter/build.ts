/**
 * Makes a limiter's services of its core.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import type * as Scope from "effect/Scope";
import { atMost, millis } from "../internal/check.ts";
import { Core } from "./core.ts";
import { limiterMetrics } from "./metrics.ts";
import type { Quota } from "./quota.ts";
import type { Adjustable, Options, Service, Stats } from "./limiter.ts";
import { checked } from "./tier.ts";
import type { TurnOptions } from "./turn.ts";
import { asking, type Turn } from "./waiters.ts";

/** Checks what a limiter is to be made of, and tells how to make it in a context. */
export function prepare(
  quota: Quota,
  options: Options = {},
): (context: Context.Context<never>) => Core {
  checked(quota.tiers);
  const concurrency = atMost("concurrency", options.concurrency);
  return (context) => new Core(quota, concurrency, context);
}

/** What a limiter can do, of its core. */
export function serviceOf(core: Core): Adjustable {
  const turn = (turn: Turn) => core.turn(turn);
  const tryOne = Effect.sync(() => core.try(1));
  return {
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
}

/** Builds a limiter that the metrics show under an id until the scope closes. */
export function measured(
  build: (context: Context.Context<never>) => Core,
  limiter: string,
): Effect.Effect<Service, never, Scope.Scope> {
  return Effect.withFiber((fiber) => {
    const core = build(fiber.context);
    const counts = { stats: () => statsOf(core), lobby: core.lobby };
    return Effect.as(limiterMetrics.show(counts, { limiter }), serviceOf(core));
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
