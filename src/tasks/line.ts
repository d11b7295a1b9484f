/**
 * Who begins first: a binary heap by priority, then by age.
 *
 * @module
 */

/** What stands in line. Its rank is not to be changed while it does, but for {@linkcode Line.moved}. */
export interface Ranked {
  /** Higher first. */
  readonly priority: number;
  /** Lower first, among equals. */
  readonly runAt: number;
  /** Lower first, among those that are still equal. */
  readonly number: number;
  /** Where the line keeps it; -1 while it is in none. */
  place: number;
}

/** The first in rank first. Any of them can be taken out. */
export class Line<T extends Ranked> {
  private readonly items: Array<T> = [];

  get head(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.up(item, this.items.length - 1);
  }

  /** Takes an item out; one that is in no line stays so. */
  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.items.pop()!;
    if (last === item) return;
    this.put(last, place);
    this.moved(last);
  }

  /** Puts an item where it belongs by a rank that has changed. */
  moved(item: T): void {
    const { place } = item;
    this.up(item, place);
    if (item.place === place) this.down(item, place);
  }

  private up(item: T, i: number): void {
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const other = this.items[parent]!;
      if (isBefore(other, item)) break;
      this.put(other, i);
      i = parent;
    }
    this.put(item, i);
  }

  private down(item: T, i: number): void {
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.items.length) break;
      if (
        child + 1 < this.items.length &&
        isBefore(this.items[child + 1]!, this.items[child]!)
      ) child++;
      const other = this.items[child]!;
      if (isBefore(item, other)) break;
      this.put(other, i);
      i = child;
    }
    this.put(item, i);
  }

  private put(item: T, i: number): void {
    this.items[i] = item;
    item.place = i;
  }
}

/** Whether one begins before another. */
export function isBefore(a: Ranked, b: Ranked): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.runAt === b.runAt ? a.number < b.number : a.runAt < b.runAt;
}
