/**
 * The states of many keys under one quota, packed.
 *
 * @module
 */
import type { Cells } from "./algorithm.ts";
import { Meter } from "./meter.ts";
import type { Tier } from "./tier.ts";

const perPage = 1024;

/**
 * Each key has a slot; the numbers of a tier lie in pages, slot behind slot, and a log, which grows, in an array of its
 * own.
 *
 * Keys are forgotten by a heap of lower bounds: a charge only ever puts off the time at which a key is as good as new, so a
 * bound is looked at again when it is reached, and not before.
 */
export class KeyTable {
  /** The state of the key that was last sought. */
  readonly meter: Meter;
  private readonly slots = new Map<string, number>();
  private readonly free: Array<number> = [];
  /** By tier: pages, or logs by slot. */
  private readonly cells: ReadonlyArray<Array<Cells>>;
  /** A binary heap: keys, and no earlier than when they are as good as new. */
  private readonly keys: Array<string> = [];
  private bounds = new Float32Array(perPage);

  constructor(tiers: ReadonlyArray<Tier>) {
    this.meter = new Meter(tiers);
    this.cells = tiers.map(() => []);
  }

  get size(): number {
    return this.slots.size;
  }

  /** When the first key may be as good as new; never later than it is. */
  get earliest(): number {
    return this.keys.length === 0 ? Infinity : this.bounds[0]!;
  }

  /** Points the meter at the state of a key. */
  seek(key: string): boolean {
    const slot = this.slots.get(key);
    if (slot === undefined) return false;
    this.point(slot);
    return true;
  }

  /** Remembers a new key as of now, and points the meter at its state. */
  add(key: string, now: number): void {
    const slot = this.free.pop() ?? this.slots.size;
    this.slots.set(key, slot);
    this.point(slot);
    this.meter.clear();
    this.push(key, now);
  }

  /** Looks at the key that may be as good as new first. Says whether it was, and is forgotten. */
  step(now: number): boolean {
    const key = this.keys[0];
    if (key === undefined || this.bounds[0]! > now) return false;
    this.seek(key);
    const idleAt = this.meter.idleAt();
    if (idleAt <= now) return this.forgetFirst();
    this.bounds[0] = below(idleAt);
    this.down(key, this.bounds[0]!, 0);
    return false;
  }

  /** When the first key is as good as new. */
  settleFirst(now: number): number {
    for (;;) {
      const key = this.keys[0];
      if (key === undefined) return Infinity;
      this.seek(key);
      const idleAt = this.meter.idleAt();
      if (below(idleAt) <= this.bounds[0]!) return Math.max(now, idleAt);
      this.down(key, below(idleAt), 0);
    }
  }

  /** Forgets the key that {@linkcode settleFirst} found. */
  forgetFirst(): true {
    const key = this.keys[0]!;
    const slot = this.slots.get(key)!;
    this.slots.delete(key);
    this.free.push(slot);
    const last = this.keys.length - 1;
    const moved = this.keys.pop()!;
    if (last > 0) this.down(moved, this.bounds[last]!, 0);
    return true;
  }

  /** Forgets a key. */
  forget(key: string): void {
    const i = this.slots.has(key) ? this.keys.indexOf(key) : -1;
    if (i < 0) return;
    this.up(key, -Infinity, i);
    this.forgetFirst();
  }

  private point(slot: number): void {
    this.meter.parts.forEach((part, k) => {
      const cells = this.cells[k]!;
      const { width } = part.algorithm;
      if (width === 0) {
        part.cells = cells[slot] ??= [];
      } else {
        const page = Math.floor(slot / perPage);
        part.cells = cells[page] ??= new Array(perPage * width).fill(0.5);
        part.i = slot % perPage * width;
      }
    });
  }

  private push(key: string, bound: number): void {
    const i = this.keys.length;
    if (i === this.bounds.length) {
      const grown = new Float32Array(Math.ceil(i * 1.25));
      grown.set(this.bounds);
      this.bounds = grown;
    }
    this.keys.push(key);
    this.up(key, below(bound), i);
  }

  private up(key: string, bound: number, i: number): void {
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.bounds[parent]! <= bound) break;
      this.keys[i] = this.keys[parent]!;
      this.bounds[i] = this.bounds[parent]!;
      i = parent;
    }
    this.keys[i] = key;
    this.bounds[i] = bound;
  }

  private down(key: string, bound: number, i: number): void {
    const { length } = this.keys;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && this.bounds[child + 1]! < this.bounds[child]!) {
        child++;
      }
      if (bound <= this.bounds[child]!) break;
      this.keys[i] = this.keys[child]!;
      this.bounds[i] = this.bounds[child]!;
      i = child;
    }
    this.keys[i] = key;
    this.bounds[i] = bound;
  }
}

/** A number of 4 bytes that is not above one of 8. */
function below(time: number): number {
  return Math.fround(time - Math.abs(time) * 1e-7);
}
