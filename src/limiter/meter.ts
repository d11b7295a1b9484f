/**
 * All tiers of a quota read and charged as one.
 *
 * @module
 */
import { refuse } from "../internal/check.ts";
import type { Algorithm, Cells } from "./algorithm.ts";
import type { Charge, State, Tier } from "./model.ts";
import { algorithmOf } from "./tier.ts";

/** One tier, and where its numbers lie. */
interface Part {
  readonly tier: Tier;
  readonly algorithm: Algorithm<Tier>;
  cells: Cells;
  i: number;
}

/** The state of one client under one quota. Every step is synchronous, so no two can interleave. */
export class Meter {
  readonly parts: ReadonlyArray<Part>;
  /** The highest cost that some wait can satisfy, and the tier that says so. */
  readonly capacity: number = Infinity;
  readonly narrowest: string = "unlimited";
  /** Whether costs must be whole numbers. */
  readonly whole: boolean;
  /** The tier that the last `wait` was longest for, or the last `left` least. */
  tier = "unlimited";
  /** When that of the last `left` is whole again, if nothing else is charged. */
  resetAt: number = -Infinity;
  /** What it was given back so far. */
  refunded = 0;

  constructor(tiers: ReadonlyArray<Tier>) {
    this.parts = tiers.map((tier) => ({
      tier,
      algorithm: algorithmOf(tier),
      cells: [],
      i: 0,
    }));
    this.whole = this.parts.some(({ algorithm }) => algorithm.whole);
    for (const { algorithm, tier } of this.parts) {
      const capacity = algorithm.capacity(tier);
      if (capacity < this.capacity) {
        this.capacity = capacity;
        this.narrowest = tier.name;
      }
    }
    this.clear();
  }

  /** Refuses a cost that is no cost under this quota. */
  check(cost: number): number {
    return cost > 0 ? this.checkSettled(cost) : refuse(
      "cost",
      "a positive, finite number",
      cost,
    );
  }

  /** Refuses a corrected cost that is none; 0 is one. */
  checkSettled(cost: number): number {
    if (!(cost >= 0 && cost < Infinity)) {
      refuse("cost", "a finite number, 0 or more", cost);
    }
    return this.whole && !Number.isInteger(cost)
      ? refuse("cost", "a whole number, for a window counts it", cost)
      : cost;
  }

  clear(): void {
    for (const { algorithm, cells, i, tier } of this.parts) {
      algorithm.clear(tier, cells, i);
    }
  }

  load(state: State): void {
    for (const { algorithm, cells, i, tier } of this.parts) {
      algorithm.load(tier, cells, i, state[tier.name] ?? []);
    }
  }

  save(): State {
    return Object.fromEntries(
      this.parts.map((
        { algorithm, cells, i, tier },
      ) => [tier.name, algorithm.save(tier, cells, i)]),
    );
  }

  /**
   * Milliseconds until `cost` could start; 0 if now. Behind others who take so many units before, one after the other, never
   * too long.
   */
  wait(now: number, cost: number, ahead = 0): number {
    let longest = 0;
    for (let k = 0; k < this.parts.length; k++) {
      const { algorithm, cells, i, tier } = this.parts[k]!;
      let wait = algorithm.wait(tier, cells, i, now, cost);
      if (ahead > 0) {
        wait = Math.max(
          wait,
          algorithm.line(tier, cells, i, now, ahead + cost),
        );
      }
      if (wait > longest) {
        longest = wait;
        this.tier = tier.name;
      }
    }
    return longest;
  }

  charge(now: number, cost: number): void {
    for (let k = 0; k < this.parts.length; k++) {
      const { algorithm, cells, i, tier } = this.parts[k]!;
      algorithm.charge(tier, cells, i, now, cost);
    }
  }

  /** What is left of the tier with the least left. */
  left(now: number): number {
    let least = Infinity;
    this.tier = "unlimited";
    this.resetAt = -Infinity;
    this.refunded = 0;
    for (let k = 0; k < this.parts.length; k++) {
      const part = this.parts[k]!;
      const { algorithm, cells, i, tier } = part;
      const left = algorithm.left(tier, cells, i, now);
      if (left < least) {
        least = left;
        this.tier = tier.name;
        this.resetAt = idleAt(part);
        this.refunded = algorithm.refunded(cells, i);
      }
    }
    return least;
  }

  /** When the state equals that of a new client, if nothing else is charged. */
  idleAt(): number {
    let latest = -Infinity;
    for (const part of this.parts) latest = Math.max(latest, idleAt(part));
    return latest;
  }

  settle(now: number, charge: Charge, cost: number): void {
    for (const { algorithm, cells, i, tier } of this.parts) {
      algorithm.settle(tier, cells, i, now, charge, cost);
    }
  }

  /**
   * Takes over what another quota counted. Tiers are matched by name, then by kind, of several of a kind by place, then by
   * place alone. Debt stays debt; a smaller limit begins used up, not in debt, but a log stays as it is.
   */
  adopt(old: Meter, now: number): void {
    this.parts.forEach((part, k) => {
      const { name, _tag } = part.tier;
      const at = old.parts[k];
      const from = old.parts.find(({ tier }) => tier.name === name) ??
        (at?.tier._tag === _tag ? at : undefined) ??
        old.parts.find(({ tier }) => tier._tag === _tag) ?? at;
      if (from !== undefined) carry(from, part, now);
    });
  }
}

function idleAt({ algorithm, cells, i, tier }: Part): number {
  return algorithm.idleAt(tier, cells, i);
}

/** Charges to one tier what another counted. */
function carry(from: Part, to: Part, now: number): void {
  const { algorithm, cells, i, tier } = to;
  if (from.tier._tag === "SlidingWindow" && tier._tag === "SlidingWindow") {
    const log = from.algorithm.save(from.tier, from.cells, from.i);
    return algorithm.load(tier, cells, i, log);
  }
  const left = from.algorithm.left(from.tier, from.cells, from.i, now);
  const used = from.algorithm.capacity(from.tier) - Math.max(0, left);
  const counted = Math.min(used, algorithm.capacity(tier)) + Math.max(0, -left);
  if (counted > 0) {
    const units = algorithm.whole ? Math.ceil(counted) : counted;
    algorithm.charge(tier, cells, i, now, units);
  }
}
