/**
 * Makes a limiter's services of its core.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import { atMost, millis } from "../internal/check.ts";
import { Core } from "./core.ts";
import type { Quota } from "./quota.ts";
import type { Adjustable, Options, Service } from "./limiter.ts";
import { checked } from "./tier.ts";
import type { TurnOptions } from "./turn.ts";
import { asking, type Turn } from "./waiters.ts";

/** Checks what a limiter is to be made of. */
export function prepare(
  quota: Quota,
  options: Options = {},
): (context: Context.Context<never>) => Adjustable {
  checked(quota.tiers);
  const concurrency = atMost("concurrency", options.concurrency);
  return (context) => serviceOf(new Core(quota, concurrency, context));
}

function serviceOf(core: Core): Adjustable {
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
    stats: Effect.sync(() => ({
      waiting: core.line.waiting,
      running: core.line.running,
      admitted: core.lobby.admitted,
      denied: core.lobby.denied,
    })),
  };
}

function steer(
  f: (fiber: Fiber.Fiber<unknown, unknown>) => void,
): Effect.Effect<void> {
  return Effect.withFiber((fiber) => {
    f(fiber);
    return Effect.void;
  });
}
