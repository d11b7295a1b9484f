/**
 * The token bucket, refilled continuously.
 *
 * J. Turner, "New directions in communications", IEEE Communications Magazine 24(10), 1986; the same limit as the generic
 * cell rate algorithm of ITU-T I.371. Kept as a fill level and its time rather than as GCRA's theoretical arrival time:
 * a level is never larger than the burst, so its rounding stays at some 10⁻¹⁵ of it per charge, while an arrival time grows
 * with the clock and at high rates loses whole units.
 *
 * @module
 */
import { positive, refuse } from "../internal/check.ts";
import { words } from "../internal/time.ts";
import { type Algorithm, type Cells, tolerance } from "./algorithm.ts";
import type { Charge, TokenBucket } from "./model.ts";

/** Cells: the fill level, below 0 in debt, the time it was true, and what was given back so far. */
export const tokenBucket: Algorithm<TokenBucket> = {
  width: 3,
  whole: false,
  check: (tier) => {
    positive("rate", tier.rate);
    positive("perMillis", tier.perMillis);
    if (positive("burst", tier.burst) < 1) {
      refuse("burst", "at least 1, the cost of one call", tier.burst);
    }
  },
  words: (tier) =>
    `${tier.rate} per ${words(tier.perMillis)}, burst ${tier.burst}`,
  capacity: (tier) => tier.burst,
  bound: (tier, millis) => tier.burst + tier.rate * millis / tier.perMillis,
  clear: (tier, cells, i) => {
    cells[i] = tier.burst;
    cells[i + 1] = -Infinity;
    cells[i + 2] = 0;
  },
  load: (
    tier,
    cells,
    i,
    [level = tier.burst, at = -Infinity, refunded = 0],
  ) => {
    cells[i] = level;
    cells[i + 1] = at;
    cells[i + 2] = refunded;
  },
  save: (_, cells, i) => [cells[i]!, cells[i + 1]!, cells[i + 2]!],
  wait: waitFor,
  line: waitFor,
  charge: (tier, cells, i, now, cost) => {
    cells[i] = level(tier, cells, i, now) - cost;
    if (now > cells[i + 1]!) cells[i + 1] = now;
  },
  left: level,
  refunded: (cells, i) => cells[i + 2]!,
  idleAt: (tier, cells, i) =>
    cells[i + 1]! + (tier.burst - cells[i]!) * tier.perMillis / tier.rate,
  settle: (tier, cells, i, now, charge, cost) => {
    const current = level(tier, cells, i, now);
    const back = Math.min(
      charge.cost - cost,
      room(tier, cells[i + 2]!, now, charge),
      tier.burst - current,
    );
    cells[i] = current + back;
    if (now > cells[i + 1]!) cells[i + 1] = now;
    if (back > 0) cells[i + 2]! += back;
  },
};

/** One charge waits as long as a line of so many units. */
function waitFor(
  tier: TokenBucket,
  cells: Cells,
  i: number,
  now: number,
  demand: number,
): number {
  const missing = demand - level(tier, cells, i, now);
  if (missing <= tolerance(demand)) return 0;
  const at = Math.max(now, cells[i + 1]!);
  const wait = missing * tier.perMillis / tier.rate;
  return at - now + wait;
}

function level(
  tier: TokenBucket,
  cells: ReadonlyArray<number>,
  i: number,
  now: number,
): number {
  const before = cells[i]!;
  const elapsed = now - cells[i + 1]!;
  return elapsed > 0
    ? Math.min(tier.burst, before + elapsed * tier.rate / tier.perMillis)
    : before;
}

/**
 * How much of a charge still counts: had it never been taken, the bucket would have run over by the rest. Since then the
 * level was never above what the charge left of it, or of a full bucket, and what flowed in or was given back meanwhile.
 * Exact if nothing else was taken, else never too much.
 */
function room(
  tier: TokenBucket,
  refunded: number,
  now: number,
  charge: Charge,
): number {
  const inflow = Math.max(0, now - charge.at) * tier.rate / tier.perMillis;
  const sinceFull = charge.cost - inflow;
  const { refunded: before = 0, remaining } = charge;
  // A bucket that was made anew since has forgotten what it was given back.
  const known = charge.tier === tier.name && refunded >= before;
  const sinceCharge = known
    ? tier.burst - remaining - inflow - (refunded - before)
    : 0;
  return Math.max(0, sinceFull, sinceCharge);
}
