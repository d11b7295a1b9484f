/**
 * The states of many keys under one quota, packed.
 *
 * @module
 */
import type { Cells } from "./algorithm.ts";
import { Meter } from "./meter.ts";
import type { Quota } from "./quota.ts";

const perPage = 1024;

/**
 * Each key has a slot. The numbers of a tier lie in pages, slot behind slot; a log, which grows, in an array of its own.
 * Growing copies nothing.
 */
export class Shelf {
  /** Reads and charges the slot that it was pointed at last. */
  readonly meter: Meter;
  /** Slots that are taken. */
  used = 0;
  /** Its place in the table, while it holds something. */
  number = -1;
  private readonly free: Array<number> = [];
  /** By tier: pages, or logs by slot. */
  private readonly cells: ReadonlyArray<Array<Cells>>;

  constructor(
    quota: Quota,
    /** The quota as the table tells it from others. */
    readonly text: string,
  ) {
    this.meter = new Meter(quota.tiers);
    this.cells = quota.tiers.map(() => []);
  }

  /** Points the meter at a slot. */
  point(slot: number): void {
    const { parts } = this.meter;
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k]!;
      const cells = this.cells[k]!;
      const { width } = part.algorithm;
      if (width === 0) {
        part.cells = cells[slot] ??= [];
      } else {
        const page = Math.floor(slot / perPage);
        part.cells = cells[page] ??= new Array(perPage * width).fill(0.5);
        part.i = slot % perPage * width;
      }
    }
  }

  /** Points the meter at the state of a new client, in a slot that is still free. */
  blank(): void {
    this.point(this.free.at(-1) ?? this.used);
    this.meter.clear();
  }

  /** Takes the slot that {@linkcode blank} pointed at. */
  take(): number {
    const slot = this.free.pop() ?? this.used;
    this.used++;
    return slot;
  }

  /** Gives a slot back, and drops its logs. */
  give(slot: number): void {
    this.free.push(slot);
    this.used--;
    this.meter.parts.forEach(({ algorithm }, k) => {
      if (algorithm.width === 0) this.cells[k]![slot] = [];
    });
  }
}
