/**
 * Makes a limiter's services of its core.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import { millis, whole } from "../internal/check.ts";
import { Core } from "./core.ts";
import type { Quota } from "./quota.ts";
import type { Adjustable, Options, Service } from "./shape.ts";
import { limitWithSlot } from "./slot.ts";
import { checked } from "./tier.ts";
import type { TurnOptions } from "./turn.ts";
import { plainTurn, type Turn, turnOf } from "./waiters.ts";

/** Checks what a limiter is to be made of. */
export function prepare(
  quota: Quota,
  options: Options = {},
): (context: Context.Context<never>) => Adjustable {
  checked(quota.tiers);
  const concurrency = options.concurrency === undefined
    ? Infinity
    : whole("concurrency", options.concurrency, 1);
  return (context) =>
    serviceOf(new Core(quota, concurrency, context), concurrency);
}

function serviceOf(core: Core, concurrency: number): Adjustable {
  const tryOne = Effect.sync(() => core.try(1));
  const acquire = (options?: TurnOptions) =>
    options === undefined
      ? core.turn(plainTurn)
      : Effect.suspend(() => core.turn(turnOf(options)));
  const limit = <A, E, R>(
    self: Effect.Effect<A, E, R>,
    options?: TurnOptions,
  ) =>
    concurrency === Infinity
      ? Effect.flatMap(acquire(options), () => self)
      : limitWithSlot(core, self, () =>
        options === undefined ? plainTurn : turnOf(options));
  return {
    // Which errors can come depends on the options given, which the core does not know by type.
    acquire: acquire as Service["acquire"],
    limit: limit as Service["limit"],
    tryAcquire: (options) =>
      options?.cost === undefined
        ? tryOne
        : Effect.sync(() => core.try(options.cost!)),
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
      waiting: core.waiting,
      running: core.running,
      admitted: core.admitted,
      denied: core.denied,
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
