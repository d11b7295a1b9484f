/**
 * What arrived, cut into spans of time.
 *
 * @module
 */

/** What fell into a span, and its number: it begins that many steps after the first. */
export interface Span<A> {
  readonly number: number;
  readonly items: ReadonlyArray<A>;
  readonly dropped: number;
}

/**
 * Spans of one size, a step apart, over one store of items that all of them share. Times are milliseconds since the first
 * span began, and never go back.
 */
export class Spans<A> {
  private items: Array<A> = [];
  private times: Array<number> = [];
  /** The first item that some span still needs. */
  private first = 0;
  /** The first item that some span needs which was open when the last one arrived. */
  private open = 0;
  /** How many were dropped, and when: one entry between two moments at which spans begin or end. */
  private readonly drops: Array<{ readonly at: number; count: number }> = [];
  /** The number of the oldest span. */
  private number = 0;

  constructor(
    private readonly size: number,
    private readonly every: number,
    private readonly capacity: number,
  ) {}

  /** When the oldest span ends. */
  get end(): number {
    return this.number * this.every + this.size;
  }

  /** Whether the oldest span holds nothing so far. */
  get empty(): boolean {
    return this.first === this.items.length && this.drops.length === 0;
  }

  /** Adds what arrived together. */
  add(arrived: ReadonlyArray<A>, at: number): void {
    const begun = Math.floor(at / this.every) * this.every;
    if (at - begun >= this.size) return;
    this.openAt(at);
    const room = this.capacity - (this.items.length - this.open);
    const kept = Math.min(room, arrived.length);
    for (let i = 0; i < kept; i++) {
      this.items.push(arrived[i]!);
      this.times.push(at);
    }
    if (kept < arrived.length) this.drop(arrived.length - kept, at);
  }

  /** Takes the oldest span out. */
  take(): Span<A> {
    const { end, first, items, number, times } = this;
    let after = items.length;
    while (after > first && times[after - 1]! >= end) after--;
    let dropped = 0;
    for (const { at, count } of this.drops) if (at < end) dropped += count;
    const span = { number, items: items.slice(first, after), dropped };
    this.forget(++this.number * this.every);
    return span;
  }

  /** Moves on to what the oldest span needs that is open at a time. */
  private openAt(at: number): void {
    const ended = Math.floor((at - this.size) / this.every) + 1;
    const since = Math.max(0, ended) * this.every;
    const { length } = this.times;
    while (this.open < length && this.times[this.open]! < since) this.open++;
  }

  private drop(count: number, at: number): void {
    const last = this.drops.at(-1);
    if (last !== undefined && this.moments(last.at) === this.moments(at)) {
      last.count += count;
    } else {
      this.drops.push({ at, count });
    }
  }

  /** Counts the moments, up to a time, at which spans begin or end. */
  private moments(at: number): number {
    return Math.floor(at / this.every) +
      Math.floor((at - this.size) / this.every);
  }

  /** Lets go of what arrived before a time. */
  private forget(since: number): void {
    const { length } = this.times;
    while (this.first < length && this.times[this.first]! < since) this.first++;
    while (this.drops.length > 0 && this.drops[0]!.at < since) {
      this.drops.shift();
    }
    this.open = Math.max(this.open, this.first);
    // Moving what is left costs no more than what went.
    if (this.first * 2 < length) return;
    this.items = this.items.slice(this.first);
    this.times = this.times.slice(this.first);
    this.open -= this.first;
    this.first = 0;
  }
}
