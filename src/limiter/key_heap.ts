/**
 * Keys by a lower bound of a time, in 12 bytes each.
 *
 * @module
 */

const perPage = 1024;

/** A binary heap of keys, the lowest bound first. It lies in pages, so growing copies nothing. */
export class KeyHeap {
  size = 0;
  private readonly keys: Array<Array<string>> = [];
  private readonly bounds: Array<Float32Array> = [];

  /** The key with the lowest bound. */
  get first(): string {
    return this.key(0);
  }

  /** The lowest bound; infinite if there is none. */
  get bound(): number {
    return this.size === 0 ? Infinity : this.boundOf(0);
  }

  push(key: string, time: number): void {
    const i = this.size++;
    if (i % perPage === 0) {
      this.keys[i / perPage] = new Array(perPage).fill("");
      this.bounds[i / perPage] = new Float32Array(perPage);
    }
    this.up(key, below(time), i);
  }

  /** Puts off the first key until a time, if that is later than its bound. */
  putOff(time: number): void {
    const bound = below(time);
    if (bound > this.boundOf(0)) this.down(this.first, bound, 0);
  }

  pop(): void {
    const i = --this.size;
    const last = this.key(i);
    const bound = this.boundOf(i);
    this.put("", 0, i);
    if (i % perPage === 0) {
      this.keys.pop();
      this.bounds.pop();
    }
    if (i > 0) this.down(last, bound, 0);
  }

  /** Takes out a key; looks for it among all. */
  remove(key: string): void {
    for (let i = 0; i < this.size; i++) {
      if (this.key(i) !== key) continue;
      this.up(key, -Infinity, i);
      return this.pop();
    }
  }

  private key(i: number): string {
    return this.keys[Math.floor(i / perPage)]![i % perPage]!;
  }

  private boundOf(i: number): number {
    return this.bounds[Math.floor(i / perPage)]![i % perPage]!;
  }

  private put(key: string, bound: number, i: number): void {
    const page = Math.floor(i / perPage);
    this.keys[page]![i % perPage] = key;
    this.bounds[page]![i % perPage] = bound;
  }

  private up(key: string, bound: number, i: number): void {
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.boundOf(parent) <= bound) break;
      this.put(this.key(parent), this.boundOf(parent), i);
      i = parent;
    }
    this.put(key, bound, i);
  }

  private down(key: string, bound: number, i: number): void {
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size && this.boundOf(child + 1) < this.boundOf(child)
      ) child++;
      if (bound <= this.boundOf(child)) break;
      this.put(this.key(child), this.boundOf(child), i);
      i = child;
    }
    this.put(key, bound, i);
  }
}

/** A number of 4 bytes that is not above one of 8. */
function below(time: number): number {
  return Math.fround(time - Math.abs(time) * 1e-7);
}
