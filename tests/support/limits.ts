/**
 * Limits that come by chance under a pattern.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import { ok } from "node:assert/strict";
import type { Dice } from "./dice.ts";

/** A limit, as numbers. */
export interface Limit {
  readonly quota: Quota.Quota;
  readonly concurrency: number | undefined;
}

/** No limit, a bound on concurrency, a rate, or both. */
export function drawLimit(dice: Dice): Limit {
  return {
    quota: dice.happens(0.4)
      ? Quota.tokenBucket({
        rate: 1,
        per: dice.whole(1, 8),
        burst: dice.whole(2, 3),
      })
      : Quota.unlimited,
    concurrency: dice.happens(0.4) ? dice.whole(1, 2) : undefined,
  };
}

/** Whether a limit makes nobody wait. */
export const isUnlimited = ({ concurrency, quota }: Limit): boolean =>
  concurrency === undefined && quota.tiers.length === 0;

/** Builds the limiter of a limit. */
export const limiterOf = (
  { concurrency, quota }: Limit,
): Effect.Effect<Limiter.Service> => Limiter.make(quota, { concurrency });

/** Fails unless starts at these times, at these costs, are within a limit. */
export function checkRate(
  { quota }: Limit,
  starts: ReadonlyArray<{ readonly at: number; readonly cost: number }>,
): void {
  for (let first = 0; first < starts.length; first++) {
    let cost = 0;
    for (const start of starts.slice(first)) {
      cost += start.cost;
      const bound = Quota.bound(quota, start.at - starts[first]!.at);
      ok(cost <= bound + 1e-6, `${cost} units at once, where ${bound} may be`);
    }
  }
}

/** Fails unless a limiter that nobody asks any more has all its slots. */
export const checkIdle = (limiter: Limiter.Service): Effect.Effect<void> =>
  Effect.map(limiter.stats, ({ running, waiting }) => {
    ok(running === 0 && waiting === 0, "a slot or a waiter was left behind");
  });
