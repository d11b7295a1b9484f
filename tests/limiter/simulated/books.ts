/**
 * A quota that is as good as never refilled: only what is given back lets others in, and every unit is accounted for.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok } from "node:assert/strict";
import { Dice, pause } from "../../support/dice.ts";
import { Stage, Visit } from "./caller.ts";
import type { Make } from "./limiters.ts";
import { pick, type Quotas, slowQuotas } from "./quotas.ts";

const limit = 12;

/** Whoever stays is let in as soon as enough was given back; only who was let in is charged, and no slot is lost. */
export const books = (
  make: Make = Limiter.make,
  kind?: keyof Quotas,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const quota = pick(dice, slowQuotas, kind);
    const concurrency = dice.pick(undefined, 1, 2);
    const limiter = yield* make(quota, { concurrency });
    const stage = yield* Stage.make;
    const permits = yield* Effect.replicateEffect(
      Effect.orDie(limiter.acquire({ cost: 3 })),
      limit / 3,
    );
    const kept = permits.map(() => dice.whole(0, 2));
    let free = limit - sum(kept);
    const visits: Array<Visit> = [];
    const limits = dice.happens(0.5);
    for (;;) {
      const visit = drawVisit(dice, limits);
      free -= visit.caller.turn.cost;
      if (free < 0) break;
      visits.push(visit);
    }
    yield* Effect.all([
      ...visits.map((visit) => stage.visit(limiter, visit)),
      ...permits.map((permit, n) =>
        Effect.andThen(pause(grid(dice)), permit.settle(kept[n]!))
      ),
    ], { concurrency: "unbounded", discard: true });
    // What nobody began is given back in a moment.
    yield* Effect.sleep("1 second");
    ok(stage.now() < 60_000, "somebody waited for the quota");
    for (const { admission, caller } of visits) {
      ok(
        admission !== undefined || caller.leaves !== "never" ||
          caller.turn.maxWait !== undefined || caller.asks === "tryAcquire",
        "somebody was not let in",
      );
    }
    const { admitted, running, waiting } = yield* limiter.stats;
    deepStrictEqual({ running, waiting }, { running: 0, waiting: 0 });
    const stillborn = admitted - permits.length - stage.admitted.length;
    ok(0 <= stillborn && stillborn <= visits.filter(isStillborn).length);
    const used = sum(kept) +
      sum(stage.journal.admissions.map(({ cost }) => cost)) + stillborn;
    const left = yield* limiter.peek();
    const remaining = left._tag === "Allowed" ? left.remaining : 0;
    ok(
      Math.abs(limit - used - remaining) < 0.01,
      `${used} of ${limit} were used, ${remaining} remain`,
    );
  });

const grid = (dice: Dice) => 10 * dice.whole(0, 8);

/** Times that often fall together; with calls of `limit`, or without. */
function drawVisit(dice: Dice, limits: boolean): Visit {
  const leaves = dice.happens(0.4)
    ? "never"
    : dice.pick("interrupted", "timed out", "beaten");
  const asks = limits
    ? dice.pick("limit", "limit", "acquire", "tryAcquire")
    : dice.pick("acquire", "acquire", "tryAcquire");
  const stillborn = asks === "limit" && leaves !== "never";
  const cost = stillborn ? 1 : dice.whole(1, 3);
  return new Visit({
    comes: grid(dice),
    asks,
    turn: {
      cost,
      priority: dice.pick(0, 0, 1),
      ...dice.happens(0.2) && { maxWait: dice.pick(0, 10, 30) },
    },
    takes: dice.pick(0, 10, 20),
    ends: dice.pick("succeeds", "succeeds", "fails", "dies"),
    settles: dice.happens(0.5) ? dice.whole(0, cost) : undefined,
    leaves,
    leavesAfter: dice.pick(0, 10, 20, 30),
  });
}

/** Whether one may have been let in and have left before its own first step, which it cannot know of. */
function isStillborn({ admission, caller }: Visit): boolean {
  return caller.asks === "limit" && caller.leaves !== "never" &&
    admission === undefined;
}

function sum(numbers: ReadonlyArray<number>): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}
