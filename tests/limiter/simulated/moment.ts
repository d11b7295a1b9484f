/**
 * Few fibers, for whom much happens in one moment: small enough for all orders.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { monotonic } from "../../support/dice.ts";
import type { Make } from "./limiters.ts";
import { type Quotas, slowQuotas } from "./quotas.ts";

/** A turn goes to one of the two, whole. */
export const turnHeir = (
  make: Make = Limiter.make,
  kind: keyof Quotas = "slidingWindow",
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const quota = slowQuotas[kind];
    const limiter = yield* make(quota, {});
    const got: Array<string> = [];
    const all = { cost: Quota.maxCost(quota) };
    const call = (name: string) =>
      Effect.map(limiter.acquire(all), () => void got.push(name));
    const permit = yield* limiter.acquire(all);
    const first = yield* Effect.forkChild(call("first"));
    const second = yield* Effect.forkChild(call("second"));
    yield* Effect.all([permit.settle(0), Fiber.interrupt(first)], {
      concurrency: "unbounded",
    });
    yield* Effect.sleep("1 second");
    strictEqual(got.length, 1);
    strictEqual((yield* limiter.tryAcquire())._tag, "Denied");
    if (got[0] === "first") yield* Fiber.interrupt(second);
    const { admitted, running, waiting } = yield* limiter.stats;
    deepStrictEqual([admitted, running, waiting], [2, 0, 0]);
  }).pipe(Effect.orDie);

/** A slot goes to the second if the first does not take it, and comes back. */
export const slotHeir = (make: Make = Limiter.make): Effect.Effect<void> =>
  Effect.gen(function* () {
    const limiter = yield* make(Quota.unlimited, { concurrency: 1 });
    const gate = yield* Deferred.make<void>();
    let running = 0;
    const call = (work: Effect.Effect<void>) =>
      limiter.limit(
        Effect.acquireUseRelease(
          Effect.sync(() => strictEqual(++running, 1)),
          () => work,
          () => Effect.sync(() => running--),
        ),
      );
    const holder = yield* Effect.forkChild(call(Deferred.await(gate)));
    const first = yield* Effect.forkChild(call(Effect.yieldNow));
    const second = yield* Effect.forkChild(call(Effect.void));
    yield* Effect.all([
      Deferred.succeed(gate, undefined),
      Fiber.interrupt(first),
    ], { concurrency: "unbounded" });
    yield* Fiber.joinAll([holder, second]);
    yield* Effect.sleep("1 second");
    const stats = yield* limiter.stats;
    ok(stats.running === 0 && stats.waiting === 0);
  });

/** One that is about to wait is let in by whatever is done in that moment. */
export const newcomer = (
  by: "settle" | "reset" | "resume",
  make: Make = Limiter.make,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const limiter = yield* make(slowQuotas.slidingWindow, {});
    const all = { cost: Quota.maxCost(slowQuotas.slidingWindow) };
    const permit = yield* limiter.acquire(all);
    if (by === "resume") {
      yield* permit.settle(0);
      yield* limiter.pause();
    }
    const steer = by === "settle" ? permit.settle(0) : limiter[by];
    yield* Effect.all([limiter.acquire(all), steer], {
      concurrency: "unbounded",
    });
    strictEqual(yield* monotonic, 0);
  }).pipe(Effect.orDie);
