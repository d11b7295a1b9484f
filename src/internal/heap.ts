/**
 * Binary heaps, from which any item can be taken out.
 *
 * @module
 */

/** What a heap holds. Its rank is not to be changed while it is in one, but for {@linkcode Ordered.moved}. */
export interface Placed {
  /** Where the heap keeps it; -1 while it is in none. */
  place: number;
}

/** What is due at some time. */
export interface Timed extends Placed {
  /** When it is due. */
  at: number;
}

/** The first in rank first. */
export abstract class Ordered<T extends Placed> {
  private readonly items: Array<T> = [];

  protected abstract isBefore(one: T, other: T): boolean;

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.up(item, this.items.length - 1);
  }

  /** Takes an item out; one that is in no heap stays so. */
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
      if (!this.isBefore(item, other)) break;
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
        this.isBefore(this.items[child + 1]!, this.items[child]!)
      ) child++;
      const other = this.items[child]!;
      if (!this.isBefore(other, item)) break;
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

/** The earliest first. */
export class Heap<T extends Timed> extends Ordered<T> {
  protected override isBefore(one: T, other: T): boolean {
    return one.at < other.at;
  }
}
