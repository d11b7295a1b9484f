/**
 * The items of a collection, taken as they are needed.
 *
 * @module
 */

/** Takes items from an iterable, and closes its iterator if some are left. */
export class Source<A> {
  /** Whether the last item is known to have been taken. */
  done = false;
  /** How many were taken. */
  taken = 0;
  private iterator: Iterator<A> | undefined;

  constructor(private readonly items: Iterable<A>) {}

  /** The next items: less than `count` of them only at the end. */
  take(count: number): ReadonlyArray<A> {
    const taken: Array<A> = [];
    while (taken.length < count && !this.done) {
      const next = this.pull();
      if (next.done !== true) taken.push(next.value);
    }
    this.taken += taken.length;
    return taken;
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    this.iterator?.return?.();
  }

  private pull(): IteratorResult<A> {
    // An iterator that throws is at its end.
    this.done = true;
    this.iterator ??= this.items[Symbol.iterator]();
    const next = this.iterator.next();
    this.done = next.done === true;
    return next;
  }
}
