/**
 * All tasks by age, and which of them stand where and are of which kind: a bit for each task, so that a rare one is found
 * among a million in less than a millisecond.
 *
 * @module
 */
import type { Entry } from "./entry.ts";
import type { Query } from "./query.ts";
import type { Status } from "./status.ts";

/** Bits by the place of a task, 32 to a number. */
type Bits = Array<number>;

/** The tasks that are remembered, the oldest first. */
export class Roll {
  /** Some of them are forgotten, but never most. */
  private entries: Array<Entry> = [];
  private forgotten = 0;
  private all: Bits = [];
  private statuses = new Map<Status, Bits>();
  private names = new Map<string, Bits>();

  add(entry: Entry): void {
    const { entries } = this;
    entry.index = entries.length;
    entries.push(entry);
    mark(this.all, entry);
    mark(bitsOf(this.names, entry.name), entry);
    mark(bitsOf(this.statuses, entry.status), entry);
  }

  /** A task stands elsewhere now. */
  move(entry: Entry, from: Status): void {
    unmark(bitsOf(this.statuses, from), entry);
    mark(bitsOf(this.statuses, entry.status), entry);
  }

  forget(entry: Entry): void {
    unmark(this.all, entry);
    unmark(bitsOf(this.names, entry.name), entry);
    unmark(bitsOf(this.statuses, entry.status), entry);
    if (2 * ++this.forgotten > this.entries.length) this.compact();
  }

  /** Up to so many of those that were stored before the `number`th, newest first. */
  list({ name, status }: Query, number: number, limit: number): Array<Entry> {
    const found: Array<Entry> = [];
    const some = status === undefined ? this.all : this.statuses.get(status);
    const named = name === undefined ? this.all : this.names.get(name);
    const last = this.before(number);
    if (some === undefined || named === undefined || last < 0) return found;
    let word = last >>> 5;
    // Those of the first 32 that are too new do not count.
    let bits = some[word]! & named[word]! & (-1 >>> (31 - (last & 31)));
    for (;;) {
      while (bits !== 0) {
        if (found.length === limit) return found;
        const bit = 31 - Math.clz32(bits);
        bits &= ~(1 << bit);
        found.push(this.entries[32 * word + bit]!);
      }
      if (--word < 0) return found;
      bits = some[word]! & named[word]!;
    }
  }

  private compact(): void {
    const left = this.list({}, Infinity, Infinity).reverse();
    this.entries = [];
    this.forgotten = 0;
    this.all = [];
    this.statuses = new Map();
    this.names = new Map();
    for (const entry of left) this.add(entry);
  }

  /** The place of the last that was stored before the `number`th. */
  private before(number: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.number < number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function bitsOf<K>(all: Map<K, Bits>, key: K): Bits {
  let bits = all.get(key);
  if (bits === undefined) {
    bits = [];
    all.set(key, bits);
  }
  return bits;
}

function mark(bits: Bits, { index }: Entry): void {
  const word = index >>> 5;
  // Without holes, so that it stays an array of small numbers.
  while (bits.length <= word) bits.push(0);
  bits[word]! |= 1 << (index & 31);
}

function unmark(bits: Bits, { index }: Entry): void {
  bits[index >>> 5]! &= ~(1 << (index & 31));
}
