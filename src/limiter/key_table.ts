/**
 * The keys of one limiter: whose state lies where, and which of them can be forgotten.
 *
 * @module
 */
import { Heap, type Timed } from "../internal/heap.ts";
import { KeyHeap } from "./key_heap.ts";
import type { Meter } from "./meter.ts";
import type { Quota } from "./quota.ts";
import { Shelf } from "./shelf.ts";

/** Slots a shelf can have; a key's place is its shelf and its slot in one number, small for the first shelf. */
const perShelf = 2 ** 26;

/** A key that is paused. It is as good as new at `at`, or later. */
interface Pause extends Timed {
  readonly key: string;
  until: number;
  /** Whether its bound is still in the heap of bounds. */
  bounded: boolean;
}

/** When a key was reset: in time, and among the resets of its table, for much can happen in one moment. */
export interface Reset {
  readonly at: number;
  readonly era: number;
}

/**
 * Keys are forgotten by a heap of lower bounds. A charge only ever puts off the time at which a key is as good as new, so a
 * bound is looked at again when it is reached, and not before: no charge touches the heap, and nothing stops to sweep.
 *
 * A pause may be ended before its time, so paused keys have a heap of their own, from which each can be taken out. They leave
 * the heap of bounds when that comes to them, and return as their pause ends.
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
  private readonly paused = new Map<string, Pause>();
  private readonly pauses = new Heap<Pause>();
  /** How many resets there were, of any key. */
  era = 0;
  /** When keys were reset, and until when a charge from before could still be given back. */
  private readonly resets = new Map<string, Reset & { until: number }>();

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

  /** Until when a key is paused. */
  pausedUntil(key: string): number {
    if (this.paused.size === 0) return -Infinity;
    return this.paused.get(key)?.until ?? -Infinity;
  }

  /** Pauses a key that is known; the longest pause wins. */
  pause(key: string, until: number): void {
    let pause = this.paused.get(key);
    if (pause === undefined) {
      pause = { key, until, at: until, place: -1, bounded: true };
      this.paused.set(key, pause);
    }
    this.pauses.remove(pause);
    pause.until = Math.max(pause.until, until);
    pause.at = Math.max(pause.until, this.idleAt(key));
    this.pauses.push(pause);
  }

  /** Ends the pause of a key. */
  resume(key: string): void {
    const pause = this.paused.get(key);
    if (pause === undefined) return;
    this.paused.delete(key);
    this.pauses.remove(pause);
    if (!pause.bounded) this.heap.push(key, this.idleAt(key));
  }

  /** Ends a pause that is over, and looks at the key whose bound is first, if it was reached: forgets it, or puts its bound off. */
  step(now: number): void {
    const pause = this.pauses.peek();
    if (pause !== undefined && pause.at <= now) this.resume(pause.key);
    if (this.heap.bound > now || this.skipPaused()) return;
    const { first } = this.heap;
    const idle = this.firstIdleAt() <= now;
    // Putting off its bound may have brought another key forward.
    if (idle && this.heap.first === first) this.forgetUnpaused();
  }

  /** When the first of all keys is as good as new; the first of those that are paused, no sooner than its pause is over. */
  nextIdleAt(now: number): number {
    for (;;) {
      const unpaused = this.nextUnpausedAt();
      const pause = this.pauses.peek();
      if (pause === undefined || unpaused <= now || unpaused < pause.at) {
        return unpaused;
      }
      if (pause.at > now) return pause.at;
      this.resume(pause.key);
    }
  }

  /** Forgets the key that {@linkcode nextIdleAt} spoke of. */
  forgetFirst(now: number): void {
    const unpaused = this.nextUnpausedAt();
    const pause = this.pauses.peek();
    if (
      pause === undefined || unpaused <= now || unpaused < pause.at
    ) return this.forgetUnpaused();
    // What it was given back may have left its bound behind.
    if (pause.bounded) this.heap.remove(pause.key);
    this.forget(pause.key);
  }

  /** Forgets what a key was charged, and for as long as that could matter, of `most` keys, that its charges are void. */
  reset(key: string, now: number, most: number): void {
    const place = this.places.get(key);
    const until = Math.max(
      this.resets.get(key)?.until ?? -Infinity,
      place === undefined ? -Infinity : this.idleAt(key),
    );
    this.resets.delete(key);
    this.era++;
    if (until > now) this.resets.set(key, { at: now, era: this.era, until });
    for (const [first, { until }] of this.resets) {
      if (until > now && this.resets.size <= most) break;
      this.resets.delete(first);
    }
    if (place === undefined) return;
    if (this.pausedUntil(key) > now) {
      this.pointAt(place).meter.clear();
    } else {
      this.heap.remove(key);
      this.forget(key);
    }
  }

  /** When a key was reset, as far as it matters. */
  lastReset(key: string): Reset | undefined {
    return this.resets.get(key);
  }

  private forgetUnpaused(): void {
    const key = this.heap.first;
    this.heap.pop();
    this.forget(key);
  }

  private forget(key: string): void {
    const pause = this.paused.get(key);
    if (pause !== undefined) {
      this.paused.delete(key);
      this.pauses.remove(pause);
    }
    const place = this.places.get(key)!;
    this.places.delete(key);
    this.leave(this.shelves[Math.floor(place / perShelf)]!, place);
  }

  /** When the first of the keys that are not paused is as good as new. */
  private nextUnpausedAt(): number {
    while (this.heap.size > 0) {
      if (this.skipPaused()) continue;
      const { first } = this.heap;
      const idleAt = this.firstIdleAt();
      if (this.heap.first === first) return idleAt;
    }
    return Infinity;
  }

  /** Takes out the key whose bound is first, if it is paused. */
  private skipPaused(): boolean {
    if (this.paused.size === 0) return false;
    const pause = this.paused.get(this.heap.first);
    if (pause === undefined) return false;
    this.heap.pop();
    pause.bounded = false;
    return true;
  }

  /** When the key whose bound is first is as good as new; its bound is put off until then. */
  private firstIdleAt(): number {
    const idleAt = this.idleAt(this.heap.first);
    this.heap.putOff(idleAt);
    return idleAt;
  }

  /** When a key is as good as new, but for a pause. */
  private idleAt(key: string): number {
    return this.pointAt(this.places.get(key)!).meter.idleAt();
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
