/**
 * The fixed window: a counter that starts again at every edge.
 *
 * @module
 */
import { positive, whole } from "../internal/check.ts";
import { words } from "../internal/time.ts";
import { type Algorithm, type Cells, windowAt } from "./algorithm.ts";
import type { FixedWindow } from "./model.ts";

/** Cells: the number of the window, and what was used of it. */
export const fixedWindow: Algorithm<FixedWindow> = {
  width: 2,
  whole: true,
  check: (tier) => {
    whole("limit", tier.limit, 1);
    positive("windowMillis", tier.windowMillis);
  },
  words: (tier) => `${tier.limit} per ${words(tier.windowMillis)}, fixed`,
  capacity: (tier) => tier.limit,
  bound: (tier, millis) =>
    tier.limit * (Math.ceil(millis / tier.windowMillis) + 1),
  clear: (_, cells, i) => {
    cells[i] = -Infinity;
    cells[i + 1] = 0;
  },
  load: (_, cells, i, [index = -Infinity, used = 0]) => {
    cells[i] = index;
    cells[i + 1] = used;
  },
  save: (_, cells, i) => [cells[i]!, cells[i + 1]!],
  wait: waitFor,
  line: waitFor,
  charge: (tier, cells, i, now, cost) => {
    cells[i + 1] = usedNow(tier, cells, i, now) + cost;
    cells[i] = indexNow(tier, cells, i, now);
  },
  left: (tier, cells, i, now) => tier.limit - usedNow(tier, cells, i, now),
  refunded: () => 0,
  idleAt: (tier, cells, i) =>
    cells[i + 1] === 0 ? -Infinity : (cells[i]! + 1) * tier.windowMillis,
  settle: (tier, cells, i, now, charge, cost) => {
    const excess = cost - charge.cost;
    const index = indexNow(tier, cells, i, now);
    if (excess <= 0 && windowAt(tier.windowMillis, charge.at) !== index) {
      return;
    }
    cells[i + 1] = Math.max(0, usedNow(tier, cells, i, now) + excess);
    cells[i] = index;
  },
};

/** One charge waits as long as a line of so many units. */
function waitFor(
  tier: FixedWindow,
  cells: Cells,
  i: number,
  now: number,
  demand: number,
): number {
  const used = usedNow(tier, cells, i, now);
  if (used + demand <= tier.limit) return 0;
  const edges = Math.ceil((Math.min(used, tier.limit) + demand) / tier.limit);
  const index = indexNow(tier, cells, i, now) + edges - 1;
  return index * tier.windowMillis - now;
}

function indexNow(
  tier: FixedWindow,
  cells: ReadonlyArray<number>,
  i: number,
  now: number,
): number {
  return Math.max(cells[i]!, windowAt(tier.windowMillis, now));
}

function usedNow(
  tier: FixedWindow,
  cells: ReadonlyArray<number>,
  i: number,
  now: number,
): number {
  return indexNow(tier, cells, i, now) === cells[i] ? cells[i + 1]! : 0;
}
