/**
 * The whole decision as one pure step over plain data.
 *
 * @module
 */
import { finite } from "../internal/check.ts";
import { allowed, denied } from "./answer.ts";
import type { Quota } from "./codec.ts";
import type { Decision } from "./decision.ts";
import { Meter } from "./meter.ts";
import type { Charge, State } from "./model.ts";

/**
 * The whole decision, as one pure step: may `cost` start at `now`, and what is remembered afterwards. Denied leaves the
 * state as it was. A store makes this step atomic; a peek drops the new state. `state` of a new client is `undefined`.
 *
 * `now` is in milliseconds and may not run backwards: a smaller `now` counts as the last one. `cost` is 1 if omitted.
 * Throws a `RangeError` for a `now` that is not finite, and for a cost that is none: not positive, or not whole where a
 * window counts it.
 *
 * @example Ask, and remember
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.slidingWindow({ limit: 1, window: "1 second" });
 * const [first, state] = Quota.decide(quota, undefined, 0);
 * const [second] = Quota.decide(quota, state, 999);
 * const [third] = Quota.decide(quota, state, 1000);
 * strictEqual(first._tag, "Allowed");
 * strictEqual(second._tag, "Denied");
 * strictEqual(third._tag, "Allowed");
 * ```
 */
export const decide = (
  quota: Quota,
  state: State | undefined,
  now: number,
  cost = 1,
): readonly [decision: Decision, state: State] => {
  const meter = new Meter(quota.tiers);
  finite("now", now);
  meter.check(cost);
  const before = state ?? {};
  meter.load(before);
  if (cost > meter.capacity) return [denied(meter.narrowest, Infinity), before];
  const wait = meter.wait(now, cost);
  if (wait > 0) return [denied(meter.tier, wait), before];
  meter.charge(now, cost);
  return [allowed(meter, now), meter.save()];
};

/**
 * Corrects a charge to what the call turned out to cost; 0 gives it back. More than was charged becomes debt. A refund
 * restores what still counts: in a window all of it until it leaves, in a token bucket what the inflow since cannot have
 * made up for. So the bound holds over the corrected costs too.
 *
 * @example Give back
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.tokenBucket({ rate: 10, per: "1 second" });
 * const [taken, charged] = Quota.decide(quota, undefined, 0, 8);
 * if (taken._tag === "Denied") throw new Error("unreachable");
 * const state = Quota.settle(quota, charged, 0, { ...taken, at: 0, cost: 8 }, 3);
 * const [next] = Quota.decide(quota, state, 0, 7);
 * strictEqual(next._tag, "Allowed");
 * ```
 */
export const settle = (
  quota: Quota,
  state: State,
  now: number,
  charge: Charge,
  cost: number,
): State => {
  const meter = new Meter(quota.tiers);
  finite("now", now);
  meter.checkSettled(cost);
  meter.load(state);
  meter.settle(now, charge, cost);
  return meter.save();
};

/**
 * Whether the state equals that of a new client, and can be forgotten.
 *
 * @example A bucket that is full again
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.tokenBucket({ rate: 1, per: "1 second" });
 * const [, state] = Quota.decide(quota, undefined, 0);
 * strictEqual(Quota.isIdle(quota, state, 999), false);
 * strictEqual(Quota.isIdle(quota, state, 1000), true);
 * ```
 */
export const isIdle = (quota: Quota, state: State, now: number): boolean => {
  const meter = new Meter(quota.tiers);
  finite("now", now);
  meter.load(state);
  return meter.idleAt() <= now;
};
