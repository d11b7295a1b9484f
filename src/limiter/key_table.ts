/**
 * The keys of one limiter: whose state lies where, and which of them can be forgotten.
 *
 * @module
 */
import { KeyHeap } from "./key_heap.ts";
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
  /** When keys are as good as new, or earlier. */
  private readonly heap = new KeyHeap();
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
    this.heap.push(key, shelf.meter.idleAt());
    this.place(key, shelf);
  }

  /** Looks at the key whose bound is first, if it was reached: forgets it, or puts its bound off. */
  step(now: number): void {
    if (this.heap.bound > now) return;
    const { first } = this.heap;
    const idle = this.firstIdleAt() <= now;
    // Putting off its bound may have brought another key forward.
    if (idle && this.heap.first === first) this.forgetFirst();
  }

  /** When the first of all keys is as good as new. */
  nextIdleAt(): number {
    while (this.heap.size > 0) {
      const { first } = this.heap;
      const idleAt = this.firstIdleAt();
      if (this.heap.first === first) return idleAt;
    }
    return Infinity;
  }

  /** Forgets the key whose bound is first. */
  forgetFirst(): void {
    const key = this.heap.first;
    this.heap.pop();
    this.forget(key);
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
    this.heap.remove(key);
    this.forget(key);
  }

  /** When a key was reset, as far as it matters. */
  resetAt(key: string): number {
    return this.resets.get(key)?.at ?? -Infinity;
  }

  private forget(key: string): void {
    const place = this.places.get(key)!;
    this.places.delete(key);
    this.leave(this.shelves[Math.floor(place / perShelf)]!, place);
  }

  /** When the key whose bound is first is as good as new; its bound is put off until then. */
  private firstIdleAt(): number {
    const place = this.places.get(this.heap.first)!;
    const idleAt = this.pointAt(place).meter.idleAt();
    this.heap.putOff(idleAt);
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
}
