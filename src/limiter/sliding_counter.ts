/**
 * The sliding window counter: the exact window approximated from two aligned counts.
 *
 * Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017. What was used in the last window
 * is taken to have been spread evenly over it.
 *
 * @module
 */
import { positive, whole } from "../internal/check.ts";
import { words } from "../internal/time.ts";
import { type Algorithm, tolerance, windowAt } from "./algorithm.ts";
import type { SlidingCounter } from "./model.ts";

/** Cells: the number of the window, what was used of it, and what was used of the one before. */
export const slidingCounter: Algorithm<SlidingCounter> = {
  width: 3,
  whole: true,
  check: (tier) => {
    whole("limit", tier.limit, 1);
    positive("windowMillis", tier.windowMillis);
  },
  words: (tier) =>
    `${tier.limit} per ${words(tier.windowMillis)}, sliding counter`,
  capacity: (tier) => tier.limit,
  bound: (tier, millis) => tier.limit * (1 + millis / tier.windowMillis),
  clear: (_, cells, i) => {
    cells[i] = -Infinity;
    cells[i + 1] = 0;
    cells[i + 2] = 0;
  },
  load: (_, cells, i, [index = -Infinity, used = 0, previous = 0]) => {
    cells[i] = index;
    cells[i + 1] = used;
    cells[i + 2] = previous;
  },
  save: (_, cells, i) => [cells[i]!, cells[i + 1]!, cells[i + 2]!],
  wait: (tier, cells, i, now, cost) => {
    const { limit, windowMillis } = tier;
    if (cost - left(tier, cells, i, now) <= tolerance(limit)) return 0;
    const { index, previous, used } = view(tier, cells, i, now);
    // The count of a window weighs 1 − f once the share f of the next one has passed.
    const windows = used + cost <= limit
      ? 1 - (limit - used - cost) / previous
      : 1 + Math.max(0, 1 - (limit - cost) / used);
    return (index + windows) * windowMillis - now;
  },
  line: (tier, cells, i, now, demand) => {
    const { limit, windowMillis } = tier;
    if (demand - left(tier, cells, i, now) <= tolerance(limit)) return 0;
    const { index, previous, used } = view(tier, cells, i, now);
    // A window that was used up lets a line through as evenly as it goes by.
    const windows = used + demand <= limit
      ? 1 - (limit - used - demand) / previous
      : (Math.min(used, limit) + demand) / limit;
    return (index + windows) * windowMillis - now;
  },
  charge: (tier, cells, i, now, cost) => {
    const { index, previous, used } = view(tier, cells, i, now);
    cells[i] = index;
    cells[i + 1] = used + cost;
    cells[i + 2] = previous;
  },
  left,
  refunded: () => 0,
  idleAt: (tier, cells, i) =>
    cells[i + 1]! > 0
      ? (cells[i]! + 2) * tier.windowMillis
      : cells[i + 2]! > 0
      ? (cells[i]! + 1) * tier.windowMillis
      : -Infinity,
  settle: (tier, cells, i, now, charge, cost) => {
    const excess = cost - charge.cost;
    const { index, previous, used } = view(tier, cells, i, now);
    const age = index - windowAt(tier.windowMillis, charge.at);
    const current = excess > 0 || age === 0;
    cells[i] = index;
    cells[i + 1] = current ? Math.max(0, used + excess) : used;
    cells[i + 2] = !current && age === 1
      ? Math.max(0, previous + excess)
      : previous;
  },
};

/** The two counts as they stand at `now`. */
function view(
  tier: SlidingCounter,
  cells: ReadonlyArray<number>,
  i: number,
  now: number,
): { index: number; used: number; previous: number } {
  const last = cells[i]!;
  const index = Math.max(last, windowAt(tier.windowMillis, now));
  if (index === last) {
    return { index, used: cells[i + 1]!, previous: cells[i + 2]! };
  }
  return { index, used: 0, previous: index === last + 1 ? cells[i + 1]! : 0 };
}

function left(
  tier: SlidingCounter,
  cells: ReadonlyArray<number>,
  i: number,
  now: number,
): number {
  const { index, previous, used } = view(tier, cells, i, now);
  const passed = Math.max(0, now / tier.windowMillis - index);
  return tier.limit - used - previous * (1 - passed);
}
