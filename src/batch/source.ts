/**
 * The items of a collection, taken as they are needed.
 *
 * @module
 */

/** Takes items from an iterable, and closes its iterator if some are left. */
export class Source<A> {
  /** How many were taken. */
  taken = 0;
  /** Whether no more are to be taken. */
  done = false;
  private iterator: Iterator<A> | undefined;
  /** Whether the iterator waits for more to be taken. */
  private open = false;

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

  /** Gives no more. */
  stop(): void {
    this.done = true;
  }

  /** Closes the iterator, if it was left before its end. */
  close(): void {
    this.done = true;
    if (this.open) this.iterator?.return?.();
  }

  private pull(): IteratorResult<A> {
    this.iterator ??= this.items[Symbol.iterator]();
    // One that throws is at its end.
    this.open = false;
    const next = this.iterator.next();
    this.open = next.done !== true;
    if (!this.open) this.done = true;
    return next;
  }
}
