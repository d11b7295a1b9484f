/**
 * Those who wait for one key.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type { Timed } from "../internal/heap.ts";
import type { KeyedPermit } from "./keyed_permit.ts";
import { type Refusal, timeout } from "./lobby.ts";
import type { Refused } from "./store.ts";
import { earlier, type Turn, type Waiter, Waiters } from "./waiters.ts";

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

  /** What those ask for who come before a newcomer of this priority, who needs a slot or none. */
  demand(priority: number, slot: boolean): number {
    return this.open.demand(priority) +
      (slot ? this.slotted.demand(priority) : 0);
  }

  /** Who comes first of those whom only a quota holds back. */
  next(): Waiter<KeyedPermit, Refusal> | undefined {
    return earlier(this.open.head, this.full ? undefined : this.slotted.head);
  }
}

/** The lines of all keys that somebody waits for, or runs under. */
export class Lines {
  private readonly byKey = new Map<string, Line>();

  constructor(private readonly concurrency: number) {}

  get empty(): boolean {
    return this.byKey.size === 0;
  }

  get(key: string): Line | undefined {
    return this.byKey.get(key);
  }

  /** The line of a key, made if there is none. */
  at(key: string): Line {
    let line = this.byKey.get(key);
    if (line === undefined) {
      line = new Line(key, this.concurrency);
      this.byKey.set(key, line);
    }
    return line;
  }

  /** Forgets a line that nobody waits in or runs under; one that was forgotten already may have a successor. */
  tidy(line: Line): void {
    if (line.waiting + line.running > 0) return;
    if (this.byKey.get(line.key) === line) this.byKey.delete(line.key);
  }

  /** Adds up over all lines. */
  sum(count: (line: Line) => number): number {
    let sum = 0;
    for (const line of this.byKey.values()) sum += count(line);
    return sum;
  }
}

/** Why one who may not go now need not wait, if that is known. */
export function hopeless(
  { maxWait }: Turn,
  { retryAfter }: Refused,
): Refusal | undefined {
  const millis = Duration.toMillis(retryAfter);
  if (millis > maxWait && millis < Infinity) return timeout(maxWait, millis);
  return maxWait === 0 ? timeout(0, undefined) : undefined;
}
