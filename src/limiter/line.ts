/**
 * Those who wait for one limit, and those who run under it.
 *
 * @module
 */
import { Lanes } from "../internal/lanes.ts";
import type { Refusal } from "./lobby.ts";
import { earlier, type Waiter } from "./waiter.ts";

/** One limit's callers, who wait for an `A`. */
export class Line<A> {
  running = 0;
  /** Those who need no slot, and those who need one. */
  readonly open: Lanes<Waiter<A, Refusal>> = new Lanes();
  readonly slotted: Lanes<Waiter<A, Refusal>> = new Lanes();

  constructor(private readonly concurrency: number) {}

  get waiting(): number {
    return this.open.size + this.slotted.size;
  }

  /** Whether no slot is free. */
  get full(): boolean {
    return this.running >= this.concurrency;
  }

  /** What those ask for who come before a newcomer of this priority, who needs a slot or none. */
  demand(priority: number, slot: boolean): number {
    return this.open.demand(priority) +
      (slot ? this.slotted.demand(priority) : 0);
  }

  /** Who comes first of those whom only a quota holds back. */
  next(): Waiter<A, Refusal> | undefined {
    return this.waiting === 0 ? undefined : earlier(
      this.open.head,
      this.full ? undefined : this.slotted.head,
    );
  }
}
