/**
 * The timers of a run.
 *
 * @module
 */

/** Something that is due at a time. */
export interface Timer {
  /** When, in milliseconds. */
  readonly at: number;
  /** Breaks ties: the timer that was set first is due first. */
  readonly number: number;
  /** Whether it is of no more use. Set by {@linkcode Timers.cancel}. */
  cancelled: boolean;
}

/**
 * The earliest first: a 4-ary heap, with the times beside the timers, so that it mostly compares numbers that lie together.
 * Cancelled timers stay until they are due or are half of all.
 */
export class Timers<T extends Timer> {
  private times: Array<number> = [];
  private timers: Array<T> = [];
  private cancelled = 0;

  push(timer: T): void {
    this.times.push(timer.at);
    this.timers.push(timer);
    this.up(timer, this.times.length - 1);
  }

  /** The earliest timer that is not cancelled. */
  peek(): T | undefined {
    for (;;) {
      const first = this.timers[0];
      if (first === undefined || !first.cancelled) return first;
      this.shift();
      this.cancelled--;
    }
  }

  /** Takes out what {@linkcode peek} gives. */
  pop(): T | undefined {
    const first = this.peek();
    if (first !== undefined) this.shift();
    return first;
  }

  cancel(timer: T): void {
    timer.cancelled = true;
    if (++this.cancelled <= 64 || this.cancelled * 2 < this.timers.length) {
      return;
    }
    const kept = this.timers.filter((other) => !other.cancelled);
    this.times = [];
    this.timers = [];
    this.cancelled = 0;
    for (const other of kept) this.push(other);
  }

  private shift(): void {
    this.times.pop();
    const last = this.timers.pop()!;
    if (this.timers.length > 0) this.down(last);
  }

  private up(timer: T, place: number): void {
    let i = place;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if (!this.isBefore(timer, parent)) break;
      this.put(this.timers[parent]!, i);
      i = parent;
    }
    this.put(timer, i);
  }

  private down(timer: T): void {
    let i = 0;
    const { length } = this.timers;
    for (;;) {
      const first = 4 * i + 1;
      if (first >= length) break;
      let child = first;
      const end = Math.min(first + 4, length);
      for (let other = first + 1; other < end; other++) {
        if (this.isBefore(this.timers[other]!, child)) child = other;
      }
      if (this.isBefore(timer, child)) break;
      this.put(this.timers[child]!, i);
      i = child;
    }
    this.put(timer, i);
  }

  private isBefore(timer: T, place: number): boolean {
    const at = this.times[place]!;
    return timer.at < at ||
      timer.at === at && timer.number < this.timers[place]!.number;
  }

  private put(timer: T, place: number): void {
    this.times[place] = timer.at;
    this.timers[place] = timer;
  }
}
