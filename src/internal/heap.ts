/**
 * A binary heap of things in time, from which any of them can be taken out.
 *
 * @module
 */

/** What a heap holds. */
export interface Timed {
  /** When it is due. Not to be changed while it is in a heap. */
  at: number;
  /** Where the heap keeps it; -1 while it is in none. */
  place: number;
}

/** The earliest first. */
export class Heap<T extends Timed> {
  private readonly items: Array<T> = [];

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
    this.up(last, place);
    if (last.place === place) this.down(last, place);
  }

  private up(item: T, i: number): void {
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const other = this.items[parent]!;
      if (other.at <= item.at) break;
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
        this.items[child + 1]!.at < this.items[child]!.at
      ) child++;
      const other = this.items[child]!;
      if (item.at <= other.at) break;
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
