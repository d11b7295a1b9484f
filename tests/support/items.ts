/** An iterable that remembers what was done to it. */
export class Items<A> implements Iterable<A> {
  /** When each item was taken. */
  readonly pulledAt: Array<number> = [];
  /** How often an iterator was closed before its end. */
  closed = 0;
  /** Whether an iterator was left as it was, neither at its end nor closed. */
  open = false;

  constructor(
    private readonly items: Iterable<A>,
    private readonly now: () => number,
  ) {}

  /** 0, 1, 2, and so on. */
  static endless(): Items<number> {
    return new Items(naturals(), () => 0);
  }

  [Symbol.iterator](): Iterator<A> {
    const iterator = this.items[Symbol.iterator]();
    return {
      next: () => {
        const next = iterator.next();
        this.open = next.done !== true;
        if (next.done !== true) this.pulledAt.push(this.now());
        return next;
      },
      return: () => {
        this.closed++;
        this.open = false;
        return { value: undefined, done: true };
      },
    };
  }
}

function* naturals(): Generator<number> {
  for (let n = 0;; n++) yield n;
}
