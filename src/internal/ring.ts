/**
 * A queue without a bound of its own.
 *
 * @module
 */

/** First in, first out, in a ring that grows as it must. */
export class Ring<A> {
  size = 0;
  private items: Array<A | undefined> = new Array(16);
  private first = 0;

  push(item: A): void {
    if (this.size === this.items.length) this.grow();
    this.items[(this.first + this.size++) & (this.items.length - 1)] = item;
  }

  /** Takes the oldest. There must be one. */
  shift(): A {
    const { first, items } = this;
    // It was pushed, and not yet taken.
    const item = items[first] as A;
    items[first] = undefined;
    this.first = (first + 1) & (items.length - 1);
    this.size--;
    return item;
  }

  /** Takes all, oldest first. */
  drain(): Array<A> {
    return Array.from({ length: this.size }, () => this.shift());
  }

  clear(): void {
    this.items = new Array(16);
    this.first = this.size = 0;
  }

  /** The length stays a power of two, so that places wrap around by a mask. */
  private grow(): void {
    const { first, items } = this;
    this.items = [...items.slice(first), ...items.slice(0, first)];
    this.items.length = 2 * items.length;
    this.first = 0;
  }
}
