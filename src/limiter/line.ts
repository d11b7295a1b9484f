/**
 * Those who wait for one key.
 *
 * @module
 */
import type { Timed } from "../internal/heap.ts";
import type { KeyedPermit } from "./keyed_permit.ts";
import type { Refusal } from "./lobby.ts";
import { earlier, type Waiter, Waiters } from "./waiters.ts";

/** A key that somebody waits for, or runs under. */
export class Line implements Timed {
  /** When its own quota lets the next one in. */
  at: number = Infinity;
  place = -1;
  running = 0;
  /** Those who need no slot, and those who need one. */
  readonly open: Waiters<KeyedPermit, Refusal> = new Waiters();
  readonly slotted: Waiters<KeyedPermit, Refusal> = new Waiters();

  constructor(readonly key: string, private readonly concurrency: number) {}

  get waiting(): number {
    return this.open.size + this.slotted.size;
  }

  get full(): boolean {
    return this.running >= this.concurrency;
  }

  /** Who comes first of those whom only a quota holds back. */
  next(): Waiter<KeyedPermit, Refusal> | undefined {
    return earlier(this.open.head, this.full ? undefined : this.slotted.head);
  }
}
