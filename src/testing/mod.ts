/**
 * Tests of programs that wait: on a test clock, with a limiter that remembers.
 *
 * - {@linkcode testEffect}, {@linkcode testLive}: a test that is an effect.
 * - {@linkcode testProperty}: a property over whatever fast-check makes.
 * - {@linkcode recordingLimiter}: a limiter that remembers who asked it.
 *
 * ```ts ignore
 * import { testEffect } from "@weir/weir/testing";
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Fiber from "effect/Fiber";
 * import * as TestClock from "effect/testing/TestClock";
 *
 * testEffect(
 *   "two calls a minute",
 *   Effect.gen(function* () {
 *     const calls = yield* Effect.forkChild(
 *       Effect.replicateEffect(Limiter.limit(Effect.void), 3),
 *     );
 *     yield* TestClock.adjust("1 minute");
 *     yield* Fiber.join(calls);
 *   }).pipe(Effect.provide(
 *     Limiter.layer(Quota.slidingWindow({ limit: 2, window: "1 minute" })),
 *   )),
 * );
 * ```
 *
 * @module
 */

export {
  type RecordedTurn,
  type RecordingLimiter,
  recordingLimiter,
} from "./recording_limiter.ts";
export {
  type PropertyOptions,
  testEffect,
  testLive,
  testProperty,
} from "./test_effect.ts";
