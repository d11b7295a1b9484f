/**
 * Numbers by chance, the same for the same seed in every process.
 *
 * @module
 */
import type * as Context from "effect/Context";
import type * as Random from "effect/Random";

/**
 * A stream of numbers that a seed and a name lead to. The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded through
 * splitmix32 from an FNV-1a hash.
 */
export class Chance {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5;
    const text = `${seed}/${name}`;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    const splitmix = () => {
      hash = (hash + 0x9e3779b9) | 0;
      let z = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    this.a = splitmix();
    this.b = splitmix();
    this.c = splitmix();
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A whole number below 2³². */
  uint32(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A number from 0 up to 1, of 53 bits. */
  next(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) /
      2 ** 53;
  }

  /** A whole number from 0 up to `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
}

/** Effect's `Random`, as a seed has it. */
export function randomOf(
  seed: number,
): Context.Service.Shape<typeof Random.Random> {
  const chance = new Chance(seed, "program");
  const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
  return {
    nextDoubleUnsafe: () => chance.next(),
    nextIntUnsafe: () => Math.floor(chance.next() * (max - min + 1)) + min,
  };
}
