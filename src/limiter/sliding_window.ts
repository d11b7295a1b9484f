/**
 * The sliding window log: every charge is remembered until it leaves the window.
 *
 * @module
 */
import { positive, refuse, whole } from "../internal/check.ts";
import { words } from "../internal/time.ts";
import type { Algorithm, Cells } from "./algorithm.ts";
import type { SlidingWindow } from "./model.ts";

/** The largest `limit`: a log of 16 bytes an entry, 256 MB. */
const mostEntries = 2 ** 24;

const head = 0;
const count = 1;
const used = 2;
const first = 3;

/**
 * Cells: head, count and sum of a ring, and the ring itself, pairs of time and cost. Costs are whole and charges of one
 * moment share an entry, so there are never more than `limit` entries; the ring doubles as it fills.
 */
export const slidingWindow: Algorithm<SlidingWindow> = {
  width: 0,
  whole: true,
  check: (tier) => {
    whole("limit", tier.limit, 1);
    positive("windowMillis", tier.windowMillis);
    if (tier.limit > mostEntries) {
      refuse(
        "limit",
        `at most ${mostEntries}, for a log remembers each; slidingCounter has no such bound`,
        tier.limit,
      );
    }
  },
  words: (tier) => `${tier.limit} per ${words(tier.windowMillis)}, sliding`,
  capacity: (tier) => tier.limit,
  bound: (tier, millis) =>
    tier.limit * (Math.floor(millis / tier.windowMillis) + 1),
  clear: (_, cells) => {
    cells.length = first;
    cells.fill(0);
  },
  load: (tier, cells, i, saved) => {
    slidingWindow.clear(tier, cells, i);
    for (let k = 0; k < saved.length; k += 2) {
      cells.push(saved[k]!, saved[k + 1]!);
      cells[count]! += 1;
      cells[used]! += saved[k + 1]!;
    }
  },
  save: (_, cells) => entries(cells),
  wait: waitFor,
  line: waitFor,
  charge: (tier, cells, _, now, cost) => {
    const at = Math.max(now, newest(cells));
    expire(tier, cells, at);
    append(tier, cells, at, cost);
  },
  left: (tier, cells, _, now) => {
    expire(tier, cells, Math.max(now, newest(cells)));
    return tier.limit - cells[used]!;
  },
  refunded: () => 0,
  idleAt: (tier, cells) => newest(cells) + tier.windowMillis,
  settle: (tier, cells, _, now, charge, cost) => {
    const at = Math.max(now, newest(cells));
    expire(tier, cells, at);
    const excess = cost - charge.cost;
    if (excess > 0) append(tier, cells, at, excess);
    else refund(cells, charge.at, -excess);
  },
};

/** One charge waits as long as a line of so many units. */
function waitFor(
  tier: SlidingWindow,
  cells: Cells,
  _: number,
  now: number,
  demand: number,
): number {
  const at = Math.max(now, newest(cells));
  expire(tier, cells, at);
  // The unit behind a whole window's worth starts one window later than the one it follows.
  const windows = Math.ceil(demand / tier.limit) - 1;
  let missing = cells[used]! + demand - (windows + 1) * tier.limit;
  let due = at;
  for (let k = 0; missing > 0; k++) {
    const j = slot(cells, k);
    missing -= cells[j + 1]!;
    due = cells[j]! + tier.windowMillis;
  }
  due += windows * tier.windowMillis;
  return due > at ? due - now : 0;
}

/** Where the entry `k` places behind the oldest begins. */
function slot(cells: ReadonlyArray<number>, k: number): number {
  return first + (cells[head]! + 2 * k) % (cells.length - first);
}

function entries(cells: ReadonlyArray<number>): Array<number> {
  const entries: Array<number> = [];
  for (let k = 0; k < cells[count]!; k++) {
    const j = slot(cells, k);
    entries.push(cells[j]!, cells[j + 1]!);
  }
  return entries;
}

function newest(cells: ReadonlyArray<number>): number {
  return cells[count] === 0
    ? -Infinity
    : cells[slot(cells, cells[count]! - 1)]!;
}

function expire(tier: SlidingWindow, cells: Cells, now: number): void {
  while (cells[count]! > 0) {
    const j = first + cells[head]!;
    if (cells[j]! + tier.windowMillis > now) return;
    cells[used]! -= cells[j + 1]!;
    cells[head] = (cells[head]! + 2) % (cells.length - first);
    cells[count]! -= 1;
  }
}

function append(
  tier: SlidingWindow,
  cells: Cells,
  at: number,
  cost: number,
): void {
  cells[used]! += cost;
  const last = slot(cells, cells[count]! - 1);
  // In debt a full log takes the excess into its newest entry, which then leaves later.
  const merge = cells[count]! > 0 &&
    (cells[last] === at || cells[count]! >= tier.limit);
  if (merge) {
    cells[last] = at;
    cells[last + 1]! += cost;
    return;
  }
  if (first + 2 * cells[count]! === cells.length) grow(cells);
  const j = slot(cells, cells[count]!);
  cells[j] = at;
  cells[j + 1] = cost;
  cells[count]! += 1;
}

function grow(cells: Cells): void {
  const kept = entries(cells);
  cells.length = first;
  cells[head] = 0;
  for (const number of kept) cells.push(number);
  const more = Math.max(4, kept.length);
  for (let k = 0; k < more; k++) cells.push(0);
}

/** Takes back what an entry of the moment `at` still holds. */
function refund(cells: Cells, at: number, cost: number): void {
  for (let k = cells[count]! - 1; k >= 0; k--) {
    const j = slot(cells, k);
    if (cells[j]! < at) return;
    if (cells[j]! > at) continue;
    const back = Math.min(cost, cells[j + 1]!);
    cells[used]! -= back;
    cells[j + 1]! -= back;
    if (cells[j + 1] === 0) remove(cells, k);
    return;
  }
}

function remove(cells: Cells, k: number): void {
  for (; k < cells[count]! - 1; k++) {
    const to = slot(cells, k);
    const from = slot(cells, k + 1);
    cells[to] = cells[from]!;
    cells[to + 1] = cells[from + 1]!;
  }
  cells[count]! -= 1;
}
