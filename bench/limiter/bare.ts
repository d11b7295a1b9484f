/**
 * Limits in bare JavaScript: what the machine could do, with nothing around it.
 *
 * @module
 */

/** A token bucket. */
export class BareBucket {
  private level: number;
  private at: number = performance.now();

  constructor(
    private readonly perMilli: number,
    private readonly burst: number,
  ) {
    this.level = burst;
  }

  take(): boolean {
    const now = performance.now();
    const level = Math.min(
      this.burst,
      this.level + (now - this.at) * this.perMilli,
    );
    this.at = now;
    if (level < 1) {
      this.level = level;
      return false;
    }
    this.level = level - 1;
    return true;
  }
}

/** A log of the last `limit` charges, in a ring of numbers. */
export class BareRing {
  private readonly ring: Float64Array;
  private oldest = 0;
  private count = 0;

  constructor(private readonly limit: number, private readonly window: number) {
    this.ring = new Float64Array(limit);
  }

  take(): boolean {
    const now = performance.now();
    while (this.count > 0 && this.ring[this.oldest]! + this.window <= now) {
      this.oldest = this.oldest + 1 === this.limit ? 0 : this.oldest + 1;
      this.count--;
    }
    if (this.count === this.limit) return false;
    let newest = this.oldest + this.count;
    if (newest >= this.limit) newest -= this.limit;
    this.ring[newest] = now;
    this.count++;
    return true;
  }
}

/** A log of the last `limit` charges, as it is mostly written. */
export class BareArray {
  private readonly log: Array<number> = [];

  constructor(
    private readonly limit: number,
    private readonly window: number,
  ) {}

  take(): boolean {
    const now = performance.now();
    while (this.log.length > 0 && this.log[0]! + this.window <= now) {
      this.log.shift();
    }
    if (this.log.length === this.limit) return false;
    this.log.push(now);
    return true;
  }
}

/** A token bucket for each key. */
export class BareKeys {
  private readonly buckets = new Map<string, { level: number; at: number }>();

  constructor(
    private readonly perMilli: number,
    private readonly burst: number,
  ) {}

  take(key: string): boolean {
    const now = performance.now();
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      bucket = { level: this.burst, at: now };
      this.buckets.set(key, bucket);
    }
    const level = bucket.level + (now - bucket.at) * this.perMilli;
    bucket.level = Math.min(this.burst, level);
    bucket.at = now;
    if (bucket.level < 1) return false;
    bucket.level -= 1;
    return true;
  }
}
