import { Limiter } from "@weir/weir";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import type * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";

/** Whether a fiber has ended. */
export function finished(fiber: Fiber.Fiber<unknown, unknown>): boolean {
  return fiber.pollUnsafe() !== undefined;
}

/** The message of the defect that an effect dies with. */
export function dying(
  effect: Effect.Effect<unknown, unknown>,
): Effect.Effect<string> {
  return Effect.map(Effect.exit(effect), (exit) => {
    const defect = Exit.isFailure(exit)
      ? exit.cause.reasons.filter(Cause.isDieReason)[0]?.defect
      : undefined;
    return defect instanceof RangeError ? defect.message : "no RangeError";
  });
}

/** Runs calls at once through a limiter, and gives the times at which they started. */
export function startTimes(
  layer: Layer.Layer<Limiter.Limiter>,
  turns: ReadonlyArray<Limiter.TurnOptions>,
  length: Duration.Input,
): Effect.Effect<
  ReadonlyArray<number>,
  Limiter.TurnError<Limiter.TurnOptions>
> {
  return Effect.gen(function* () {
    const starts: Array<number> = [];
    const call = Effect.map(Clock.currentTimeMillis, (at) => {
      starts.push(at);
    });
    const fiber = yield* Effect.forEach(
      turns,
      (turn) => Limiter.limit(call, turn),
      { concurrency: "unbounded" },
    ).pipe(Effect.provide(layer), Effect.forkChild);
    yield* TestClock.adjust(length);
    yield* Fiber.join(fiber);
    return starts;
  });
}
