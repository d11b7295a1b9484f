/**
 * Callers of all kinds at once, pauses in between, and what must hold whatever happens.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../../support/dice.ts";
import { Stage, Visit } from "./caller.ts";
import type { Make } from "./limiters.ts";
import type { Journal } from "./journal.ts";
import { pick, type Quotas, smallQuotas } from "./quotas.ts";

/** The largest cost that the quotas allow. */
const limit = 4;

/** Far longer than anything in a storm takes to be as good as new. */
export const rest: Effect.Effect<void> = Effect.sleep("1 minute");

/** Bound, slots and pauses are kept, and in the end the limiter is as good as new. */
export const storm = (
  make: Make = Limiter.make,
  kind?: keyof Quotas,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const quota = pick(dice, smallQuotas, kind);
    const concurrency = dice.pick(undefined, 1, 2);
    const limiter = yield* make(quota, { concurrency });
    const stage = yield* Stage.make;
    const visits = dice.list(dice.whole(4, 10), () => drawVisit(dice));
    yield* Effect.all([
      steering(dice, limiter, stage.journal),
      ...visits.map((visit) => stage.visit(limiter, visit)),
    ], { concurrency: "unbounded", discard: true });
    stage.journal.assertKept(quota);
    const { most } = stage;
    ok(most <= (concurrency ?? Infinity), `${most} at once`);
    yield* assertNew(limiter, quota, concurrency);
  });

/** Times that often fall together, also with what the quotas do. */
export function drawVisit(dice: Dice): Visit {
  const cost = dice.happens(0.05) ? limit + 1 : dice.whole(1, limit);
  return new Visit({
    comes: 10 * dice.whole(0, 30),
    asks: dice.pick("acquire", "limit", "limit", "tryAcquire"),
    turn: {
      cost,
      priority: dice.pick(0, 0, 1),
      ...dice.happens(0.3) && { maxWait: dice.pick(0, 30, 100, 250) },
    },
    takes: dice.pick(0, 10, 50),
    ends: dice.happens(0.5)
      ? "succeeds"
      : dice.pick("fails", "dies", "interrupts itself"),
    settles: dice.happens(0.5) ? dice.whole(0, cost + 1) : undefined,
    leaves: dice.happens(0.5)
      ? "never"
      : dice.pick("interrupted", "timed out", "beaten"),
    leavesAfter: 10 * dice.whole(0, 15),
  });
}

/** Pauses one after the other, which may overlap. */
export function steering(
  dice: Dice,
  limiter: Limiter.Service,
  journal?: Journal,
): Effect.Effect<void> {
  const steps = dice.list(dice.whole(0, 3), () => {
    const lasts = dice.pick(30, 100, 150);
    const step = dice.happens(0.3)
      ? Effect.andThen(Effect.sync(() => journal?.resume()), limiter.resume)
      : Effect.map(limiter.pause(lasts), () => journal?.pause(lasts));
    return Effect.andThen(pause(10 * dice.whole(0, 10)), Effect.exit(step));
  });
  return Effect.all(steps, { discard: true });
}

/** Nothing of the past is left: neither waiters nor slots nor charges. */
export const assertNew: (
  limiter: Limiter.Service,
  quota: Quota.Quota,
  concurrency: number | undefined,
) => Effect.Effect<void> = Effect.fnUntraced(function* (
  limiter,
  quota,
  concurrency,
) {
  yield* rest;
  const { running, waiting } = yield* limiter.stats;
  deepStrictEqual({ running, waiting }, { running: 0, waiting: 0 });
  const cost = Math.min(Quota.maxCost(quota), 1000);
  const all = yield* limiter.tryAcquire({ cost });
  strictEqual(all._tag, "Allowed", "something is charged still");
  if (concurrency === undefined) return;
  yield* rest;
  const gate = yield* Deferred.make<void>();
  const fibers = yield* Effect.replicateEffect(
    Effect.forkChild(limiter.limit(Deferred.await(gate))),
    concurrency,
  );
  yield* rest;
  strictEqual((yield* limiter.stats).running, concurrency, "a slot is lost");
  yield* Deferred.succeed(gate, undefined);
  yield* Fiber.joinAll(fibers);
});
