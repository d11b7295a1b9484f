/**
 * What is kept of what was measured: memory that does not grow with time.
 *
 * @module
 */
import { LogCollapsingLowestDenseDDSketch } from "@datadog/sketches-js";
import type { Series } from "./measures.ts";
import { relativeAccuracy } from "./statistics.ts";

/** Of values that were told one by one. */
export interface TallySample {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Of a value that holds until it changes. */
export interface LevelSample {
  readonly mean: number;
  readonly max: number;
  readonly series: Series;
}

/** Of events. */
export interface CountSample {
  readonly rate: number;
  readonly peak: number;
  readonly series: Series;
}

/** Over which time is measured, in seconds. */
export interface Span {
  readonly warmup: number;
  readonly horizon: number;
}

/** Into how many parts the horizon is cut for a series. */
const parts = 360;
/** How many bins a sketch has at most: enough for values that differ by a factor of 10¹⁷. It has those that it needs. */
const binLimit = 20_000;

/** Values that were told one by one. */
export class Tally {
  private sketch = this.fresh();
  /** Tell how many zeros there were that nobody told of one by one. */
  private readonly watched = new Set<() => number>();
  /** How many there were of those that are watched no more. */
  private zerosEnded = 0;
  private zerosBefore = 0;

  tell(value: number): void {
    this.sketch.accept(value);
  }

  watchZeros(read: () => number): () => void {
    this.watched.add(read);
    return () => {
      this.watched.delete(read);
      this.zerosEnded += read();
    };
  }

  /** Forgets what came before. */
  restart(): void {
    this.sketch = this.fresh();
    this.zerosBefore = this.zeros;
  }

  /** What was told until now, which is the end. */
  sample(): TallySample {
    const { sketch } = this;
    const zeros = this.zeros - this.zerosBefore;
    if (zeros > 0) sketch.accept(0, zeros);
    const { count, max, min, sum } = sketch;
    // The library takes the value of rank ⌊q(n − 1)⌋, counted from 0; what so many are not above has the rank ⌈qn⌉ − 1.
    const at = (part: number) => {
      const rank = Math.ceil(part * count) - 0.5;
      const q = Math.min(1, rank / (count - 1));
      return Math.min(max, Math.max(min, sketch.getValueAtQuantile(q)));
    };
    return {
      count,
      mean: sum / count,
      ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      max: count === 0 ? NaN : max,
    };
  }

  private get zeros(): number {
    let sum = this.zerosEnded;
    for (const read of this.watched) sum += read();
    return sum;
  }

  private fresh(): LogCollapsingLowestDenseDDSketch {
    return new LogCollapsingLowestDenseDDSketch({ relativeAccuracy, binLimit });
  }
}

/** Sums by parts of the horizon. */
class Parts {
  readonly sums: Float64Array = new Float64Array(parts);
  private readonly width: number;

  constructor({ horizon }: Span) {
    this.width = horizon / parts;
  }

  add(at: number, amount: number): void {
    this.sums[Math.min(parts - 1, Math.floor(at / this.width))]! += amount;
  }

  /** Adds a value for as long as it held. */
  spread(from: number, to: number, value: number): void {
    if (value === 0) return;
    const { width } = this;
    let at = from;
    for (let part = Math.floor(from / width); at < to && part < parts; part++) {
      const end = Math.min(to, (part + 1) * width);
      this.sums[part]! += (end - at) * value;
      at = end;
    }
  }

  /** How much there was a second in each part, until the end. What is left of less than half a part belongs to the one before. */
  series(end: number): Series {
    const { sums, width } = this;
    const last = Math.max(0, Math.round(end / width) - 1);
    const over = sums.subarray(last + 1).reduce((sum, more) => sum + more, 0);
    return Array.from(sums.subarray(0, last + 1), (sum, part) => {
      const start = part * width;
      return part < last
        ? [start, sum / ((part + 1) * width - start)] as const
        : [start, (sum + over) / (end - start)] as const;
    });
  }
}

/** A value that holds until it changes. */
export class Level {
  private readonly parts: Parts;
  private value = 0;
  private since: number;
  private begun: number;
  private integral = 0;
  private max = -Infinity;

  /** It is 0 from where its time begins. */
  constructor(begun: number, span: Span) {
    this.since = this.begun = begun;
    this.parts = new Parts(span);
  }

  set(now: number, value: number): void {
    if (value === this.value) return;
    this.hold(now);
    this.value = value;
  }

  add(now: number, more: number): void {
    this.set(now, this.value + more);
  }

  restart(now: number): void {
    this.hold(now);
    this.begun = now;
    this.integral = 0;
    this.max = -Infinity;
  }

  sample(end: number, hasSeries: boolean): LevelSample {
    this.hold(end);
    const { begun, integral, max, parts, value } = this;
    return {
      mean: end > begun ? integral / (end - begun) : value,
      max: max === -Infinity ? value : max,
      series: hasSeries ? parts.series(end) : [],
    };
  }

  /** Lets its value have held until now. */
  private hold(now: number): void {
    const { since, value } = this;
    if (now <= since) return;
    this.integral += (now - since) * value;
    this.parts.spread(since, now, value);
    if (value > this.max) this.max = value;
    this.since = now;
  }
}

/** Events, and the most of them in a second. */
export class Count {
  private readonly parts: Parts;
  private total = 0;
  private peak = 0;
  /** When events of the last second were, in whole nanoseconds, how many at each time, and how many in all. */
  private times: Array<number> = [];
  private numbers: Array<number> = [];
  private first = 0;
  private recent = 0;

  constructor(private readonly span: Span) {
    this.parts = new Parts(span);
  }

  add(now: number, number: number): void {
    if (number === 0) return;
    const { numbers, times } = this;
    this.total += number;
    this.parts.add(now, number);
    const at = Math.round(now * 1e9);
    // A second has its beginning in it, and not its end.
    while (this.first < times.length && times[this.first]! <= at - 1e9) {
      this.recent -= numbers[this.first++]!;
    }
    if (times.at(-1) === at) numbers[numbers.length - 1]! += number;
    else {
      times.push(at);
      numbers.push(number);
    }
    this.recent += number;
    if (this.recent > this.peak) this.peak = this.recent;
    if (this.first > 1024 && 2 * this.first > times.length) {
      this.times = times.slice(this.first);
      this.numbers = numbers.slice(this.first);
      this.first = 0;
    }
  }

  restart(): void {
    this.total = 0;
    this.peak = 0;
    this.times = [];
    this.numbers = [];
    this.first = 0;
    this.recent = 0;
  }

  sample(end: number, hasSeries: boolean): CountSample {
    const { parts, peak, span, total } = this;
    return {
      rate: total / (end - span.warmup),
      peak,
      series: hasSeries ? parts.series(end) : [],
    };
  }
}
