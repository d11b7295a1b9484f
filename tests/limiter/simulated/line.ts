/**
 * Callers one after the other, let in at the times that can be foretold, whatever order their fibers have.
 *
 * @module
 */
import { Limiter, type Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import { ok } from "node:assert/strict";
import { Dice } from "../../support/dice.ts";
import { Stage, Visit } from "./caller.ts";
import { pick, type Quotas, smallQuotas } from "./quotas.ts";
import { schedule } from "./schedule.ts";
import type { Make, MakeKeyed } from "./limiters.ts";

/** What one nanosecond more or less at each step may add up to, in milliseconds. */
const rounding = 0.01;

/** By priority, first in, first out, as soon as may be; who leaves is charged nothing and holds nobody up. */
export const line = (
  make: Make = Limiter.make,
  kind?: keyof Quotas,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const quota = pick(dice, smallQuotas, kind);
    const concurrency = dice.pick(undefined, 1, 2);
    const limiter = yield* make(quota, { concurrency });
    yield* foretold(dice, limiter, quota, concurrency);
  });

/** The same under several keys at once, each as if it were alone. */
export const lines = (make: MakeKeyed): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const concurrency = dice.pick(undefined, 1, 2);
    const byKey = new Map(
      ["anna", "ben", "carl"].map((key) => [key, pick(dice, smallQuotas)]),
    );
    const clients = yield* make((key) => byKey.get(key)!, { concurrency });
    yield* Effect.forEach(
      byKey,
      ([key, quota]) => foretold(dice, clients.for(key), quota, concurrency),
      { concurrency: "unbounded", discard: true },
    );
  });

function foretold(
  dice: Dice,
  limiter: Limiter.Service,
  quota: Quota.Quota,
  concurrency: number | undefined,
): Effect.Effect<void> {
  const visits = dice.list(dice.whole(3, 8), () => drawVisit(dice));
  return Effect.gen(function* () {
    const stage = yield* Stage.make;
    yield* Effect.forEach(visits, (visit) => stage.visit(limiter, visit), {
      concurrency: "unbounded",
      discard: true,
    });
    assertForetold(visits, quota, concurrency);
  });
}

function assertForetold(
  visits: ReadonlyArray<Visit>,
  quota: Quota.Quota,
  concurrency: number | undefined,
): void {
  const requests = visits.map(({ caller, left }) => ({
    caller,
    leaves: left!,
  }));
  const expected = schedule(quota, concurrency, requests);
  for (const [n, { admission, caller }] of visits.entries()) {
    const at = admission?.at ?? Infinity;
    const { comes, turn: { maxWait = Infinity } } = caller;
    ok(
      admission === undefined || at <= comes + Number(maxWait) + rounding,
      `caller ${n} was let in at ${at}, past its patience`,
    );
    ok(
      at === expected[n] || Math.abs(at - expected[n]!) < rounding,
      `caller ${n} was let in at ${at}, not at ${expected[n]}`,
    );
  }
  for (const [n, visit] of visits.entries()) {
    if (!isRefused(visit)) continue;
    const { comes, turn: { maxWait } } = visit.caller;
    const deadline = comes + Number(maxWait);
    const { left } = visit;
    ok(
      left === comes || Math.abs(left! - deadline) < rounding,
      `caller ${n} was sent away at ${left}, not at ${deadline}`,
    );
    const others = visits.toSpliced(n, 1);
    if (others.some(givesUp)) continue;
    const patient = requests.with(n, { ...requests[n]!, leaves: Infinity });
    const turn = schedule(quota, concurrency, patient)[n]!;
    ok(
      turn > deadline - rounding,
      `caller ${n} was sent away, and could go at ${turn} within ${maxWait}`,
    );
  }
}

function isRefused({ admission, caller }: Visit): boolean {
  return admission === undefined && caller.leaves === "never" &&
    caller.turn.maxWait !== undefined;
}

/** Whether one that waited went away, for which others may have had their turn earlier. */
function givesUp(visit: Visit): boolean {
  return visit.caller.leaves !== "never" ||
    isRefused(visit) && visit.left !== visit.caller.comes;
}

/** Times that never fall together. */
function drawVisit(dice: Dice): Visit {
  const millis = (most: number) => dice.whole(1, most * 1e6) / 1e6;
  return new Visit({
    comes: millis(200),
    asks: dice.pick("acquire", "acquire", "limit", "limit", "tryAcquire"),
    turn: {
      cost: dice.whole(1, 4),
      priority: dice.pick(0, 1),
      // Who has little patience is often overtaken.
      ...dice.pick(
        {},
        {},
        {},
        { priority: dice.pick(-1, 0), maxWait: millis(200) },
        { priority: dice.pick(-1, 0), maxWait: millis(200) },
        { priority: -1, maxWait: 0 },
      ),
    },
    takes: millis(150),
    ends: "succeeds",
    settles: undefined,
    leaves: dice.happens(0.7)
      ? "never"
      : dice.pick("interrupted", "timed out", "beaten"),
    leavesAfter: millis(200),
  });
}
