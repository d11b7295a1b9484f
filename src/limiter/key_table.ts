/**
 * The keys of one limiter: whose state lies where, and which of them can be forgotten.
 *
 * @module
 */
import type { Meter } from "./meter.ts";
import type { Quota } from "./quota.ts";
import { Shelf } from "./shelf.ts";

/** Slots a shelf can have; a key's place is its shelf and its slot in one number, small for the first shelf. */
const perShelf = 2 ** 26;

/**
 * Keys are forgotten by a heap of lower bounds. A charge only ever puts off the time at which a key is as good as new, so a
 * bound is looked at again when it is reached, and not before: no charge touches the heap, and nothing stops to sweep.
 */
export class KeyTable {
  private readonly places = new Map<string, number>();
  private readonly shelves: Array<Shelf | undefined> = [];
  private readonly shelfByText = new Map<string, Shelf>();
  private readonly shelfByQuota = new WeakMap<Quota, Shelf>();
  /** A shelf that holds nothing yet, or no more, and is not among the shelves. */
  private spare: Shelf | undefined;
  /** A binary heap: keys, and times no later than those at which they are as good as new. */
  private readonly keys: Array<string> = [];
  private bounds: Float32Array = new Float32Array(16);
  /** When keys were reset, and until when a charge from before could still be given back. */
  private readonly resets = new Map<string, { at: number; until: number }>();

  get size(): number {
    return this.places.size;
  }

  has(key: string): boolean {
    return this.places.has(key);
  }

  /** Points at the state of a key, under this quota from now on; at that of a new client if there is none. */
  seek(
    key: string,
    quota: Quota,
    now: number,
  ): { known: boolean; meter: Meter } {
    const shelf = this.shelfOf(quota);
    const { meter } = shelf;
    const place = this.places.get(key);
    if (place === undefined) {
      shelf.blank();
      return { known: false, meter };
    }
    const old = this.pointAt(place);
    if (old !== shelf) this.move(key, place, old, shelf, now);
    return { known: true, meter };
  }

  /** Remembers the new client that {@linkcode seek} pointed at. */
  add(key: string, quota: Quota): void {
    const shelf = this.shelfOf(quota);
    const bound = below(shelf.meter.idleAt());
    this.place(key, shelf);
    const i = this.keys.length;
    if (i === this.bounds.length) {
      const grown = new Float32Array(Math.ceil(i * 1.25));
      grown.set(this.bounds);
      this.bounds = grown;
    }
    this.keys.push(key);
    this.up(key, bound, i);
  }

  /** Looks at the key whose bound is first, if it was reached: forgets it, or puts its bound off. */
  step(now: number): void {
    if (this.keys.length > 0 && this.bounds[0]! <= now) {
      if (this.firstIdleAt() <= now) this.forgetFirst();
    }
  }

  /** When the first of all keys is as good as new. */
  nextIdleAt(): number {
    for (;;) {
      if (this.keys.length === 0) return Infinity;
      const bound = this.bounds[0]!;
      const idleAt = this.firstIdleAt();
      if (below(idleAt) <= bound) return idleAt;
    }
  }

  /** Forgets the key whose bound is first. */
  forgetFirst(): void {
    const key = this.keys[0]!;
    const place = this.places.get(key)!;
    this.places.delete(key);
    this.leave(this.shelves[Math.floor(place / perShelf)]!, place);
    const last = this.keys.pop()!;
    if (this.keys.length > 0) {
      this.down(last, this.bounds[this.keys.length]!, 0);
    }
  }

  /** Forgets a key, and for as long as that could matter, of `most` keys, that its charges are void. */
  reset(key: string, now: number, most: number): void {
    const place = this.places.get(key);
    const until = place === undefined
      ? this.resets.get(key)?.until
      : this.pointAt(place).meter.idleAt();
    this.resets.delete(key);
    if (until !== undefined && until > now) {
      this.resets.set(key, { at: now, until });
    }
    for (const [first, { until }] of this.resets) {
      if (until > now && this.resets.size <= most) break;
      this.resets.delete(first);
    }
    if (place === undefined) return;
    this.up(key, -Infinity, this.keys.indexOf(key));
    this.forgetFirst();
  }

  /** When a key was reset, as far as it matters. */
  resetAt(key: string): number {
    return this.resets.get(key)?.at ?? -Infinity;
  }

  /** When the key whose bound is first is as good as new; its bound is put off until then. */
  private firstIdleAt(): number {
    const key = this.keys[0]!;
    const idleAt = this.pointAt(this.places.get(key)!).meter.idleAt();
    const bound = below(idleAt);
    if (bound > this.bounds[0]!) this.down(key, bound, 0);
    return idleAt;
  }

  private pointAt(place: number): Shelf {
    const shelf = this.shelves[Math.floor(place / perShelf)]!;
    shelf.point(place % perShelf);
    return shelf;
  }

  /** Takes a key to another shelf, with what was counted. */
  private move(
    key: string,
    place: number,
    from: Shelf,
    to: Shelf,
    now: number,
  ): void {
    to.blank();
    to.meter.adopt(from.meter, now);
    this.place(key, to);
    this.leave(from, place);
  }

  /** Gives a key the slot that was pointed at. */
  private place(key: string, shelf: Shelf): void {
    if (shelf === this.spare) {
      this.spare = undefined;
      const gap = this.shelves.indexOf(undefined);
      shelf.number = gap < 0 ? this.shelves.length : gap;
      this.shelves[shelf.number] = shelf;
      this.shelfByText.set(shelf.text, shelf);
    }
    this.places.set(key, shelf.number * perShelf + shelf.take());
  }

  /** Gives up a place. Of the shelves that hold nothing, only the last is kept. */
  private leave(shelf: Shelf, place: number): void {
    shelf.give(place % perShelf);
    if (shelf.used > 0) return;
    this.shelves[shelf.number] = undefined;
    this.shelfByText.delete(shelf.text);
    this.spare = shelf;
  }

  private shelfOf(quota: Quota): Shelf {
    const known = this.shelfByQuota.get(quota);
    if (
      known !== undefined &&
      (known === this.spare || this.shelves[known.number] === known)
    ) return known;
    const text = JSON.stringify(quota.tiers);
    let shelf = this.spare?.text === text
      ? this.spare
      : this.shelfByText.get(text);
    if (shelf === undefined) this.spare = shelf = new Shelf(quota, text);
    this.shelfByQuota.set(quota, shelf);
    return shelf;
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
