/**
 * Quotas of all kinds.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import type { Dice } from "../../support/dice.ts";

/** One of each kind, by the name of its constructor. */
export type Quotas = Readonly<
  Record<
    "tokenBucket" | "slidingWindow" | "slidingCounter" | "fixedWindow" | "all",
    Quota.Quota
  >
>;

/** Allow 4 units at most at once, and some more in any 100 milliseconds. */
export const smallQuotas: Quotas = {
  tokenBucket: Quota.tokenBucket({ rate: 3, per: 100, burst: 4 }),
  slidingWindow: Quota.slidingWindow({ limit: 4, window: 100 }),
  slidingCounter: Quota.slidingCounter({ limit: 4, window: 100 }),
  fixedWindow: Quota.fixedWindow({ limit: 4, window: 100 }),
  all: Quota.all(
    Quota.tokenBucket({ rate: 4, per: 100, burst: 4 }),
    Quota.slidingWindow({ limit: 7, window: 300 }),
  ),
};

const limit = 12;
const window = "30 days";

/** Allow 12 units, and then as good as nothing. */
export const slowQuotas: Quotas = {
  tokenBucket: Quota.tokenBucket({ rate: 1, per: window, burst: limit }),
  slidingWindow: Quota.slidingWindow({ limit, window }),
  slidingCounter: Quota.slidingCounter({ limit, window }),
  fixedWindow: Quota.fixedWindow({ limit, window }),
  all: Quota.all(
    Quota.tokenBucket({ rate: 1, per: window, burst: limit }),
    Quota.fixedWindow({ limit: limit + 1, window }),
  ),
};

/** One of them; any if none is named. */
export function pick(
  dice: Dice,
  quotas: Quotas,
  kind?: keyof Quotas,
): Quota.Quota {
  return kind === undefined
    ? dice.pick(...Object.values(quotas))
    : quotas[kind];
}
