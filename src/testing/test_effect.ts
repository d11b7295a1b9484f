/**
 * Tests that are effects.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";

/**
 * Registers a test whose body is an effect on a fresh test clock, in a scope of its own, with Deno's sanitizers on: no timer
 * or connection may outlive it. Time moves by `TestClock.adjust` alone.
 *
 * @example A minute in no time
 * ```ts ignore
 * import { testEffect } from "@weir/weir/testing";
 * import * as Effect from "effect/Effect";
 * import * as Fiber from "effect/Fiber";
 * import * as TestClock from "effect/testing/TestClock";
 *
 * testEffect(
 *   "a nap ends",
 *   Effect.gen(function* () {
 *     const nap = yield* Effect.forkChild(Effect.sleep("1 minute"));
 *     yield* TestClock.adjust("1 minute");
 *     yield* Fiber.join(nap);
 *   }),
 * );
 * ```
 */
export function testEffect<E>(
  name: string,
  body: Effect.Effect<void, E, Scope.Scope>,
): void {
  register(name, () => runOnTestClock(body));
}

/**
 * Registers a test whose body is an effect on the live clock: for what is about the real thing. Otherwise as
 * {@linkcode testEffect}.
 *
 * @example A real timer
 * ```ts ignore
 * import { testLive } from "@weir/weir/testing";
 * import * as Effect from "effect/Effect";
 *
 * testLive("a short nap ends", Effect.sleep("1 milli"));
 * ```
 */
export function testLive<E>(
  name: string,
  body: Effect.Effect<void, E, Scope.Scope>,
): void {
  register(name, () => Effect.runPromise(Effect.scoped(body)));
}

/** How a property is tried. */
export type PropertyOptions = FastCheck.Parameters<[unknown]>;

/**
 * Registers a test that an effect holds for whatever an arbitrary of fast-check makes, each time on a fresh test clock and
 * in a scope of its own. A failing input is shrunk, and printed with the seed and path that replay it.
 *
 * fast-check and not Effect's own `Arbitrary`: it shrinks asynchronous properties, replays them by seed and path, and its
 * generators lean towards the edges, where limits break.
 *
 * @example
 * ```ts ignore
 * import { testProperty } from "@weir/weir/testing";
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as FastCheck from "fast-check";
 * import { strictEqual } from "node:assert/strict";
 *
 * testProperty(
 *   "a window admits its limit at once",
 *   FastCheck.integer({ min: 1, max: 100 }),
 *   (limit) =>
 *     Effect.gen(function* () {
 *       const limiter = yield* Limiter.make(
 *         Quota.slidingWindow({ limit, window: "1 second" }),
 *       );
 *       for (let n = 0; n < limit; n++) yield* limiter.acquire();
 *       strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
 *     }),
 *   { numRuns: 50 },
 * );
 * ```
 */
export function testProperty<A, E>(
  name: string,
  arbitrary: FastCheck.Arbitrary<A>,
  property: (value: A) => Effect.Effect<void, E, Scope.Scope>,
  options: PropertyOptions = {},
): void {
  register(name, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        arbitrary,
        (value) => runOnTestClock(property(value)),
      ),
      // The parameters that mention the value are its reporters', which read it.
      options as FastCheck.Parameters<[A]>,
    ));
}

function register(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn });
}

function runOnTestClock<E>(
  body: Effect.Effect<void, E, Scope.Scope>,
): Promise<void> {
  return Effect.runPromise(
    body.pipe(Effect.scoped, Effect.provide(TestClock.layer())),
  );
}
