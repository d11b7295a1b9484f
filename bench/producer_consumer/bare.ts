/**
 * What one would write without a library.
 *
 * @module
 */

/** A bounded ring whose two ends wait by promises, and only when it is full or empty. */
export class BareQueue<A> {
  private readonly items: Array<A | undefined>;
  private first = 0;
  private size = 0;
  private ended = false;
  private takers: Array<() => void> = [];
  private givers: Array<() => void> = [];

  constructor(private readonly capacity: number) {
    this.items = new Array(capacity);
  }

  /** Puts an item; gives a promise where it has to wait for room before it is asked again. */
  put(item: A): Promise<void> | undefined {
    if (this.size === this.capacity) {
      return new Promise((resolve) => this.givers.push(resolve));
    }
    this.items[(this.first + this.size++) % this.capacity] = item;
    this.takers = wake(this.takers);
    return undefined;
  }

  /** Takes an item; gives a promise where it has to wait for one before it is asked again, and nothing at the end. */
  take(): A | Promise<void> | undefined {
    if (this.size === 0) {
      if (this.ended) return undefined;
      return new Promise((resolve) => this.takers.push(resolve));
    }
    const item = this.items[this.first];
    this.first = (this.first + 1) % this.capacity;
    this.size--;
    this.givers = wake(this.givers);
    return item;
  }

  end(): void {
    this.ended = true;
    this.takers = wake(this.takers);
  }
}

function wake(waiting: Array<() => void>): Array<() => void> {
  if (waiting.length === 0) return waiting;
  for (const resume of waiting) resume();
  return [];
}
