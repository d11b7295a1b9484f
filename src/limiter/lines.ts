/**
 * The lines of many keys.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type { Timed } from "../internal/heap.ts";
import type { Turn } from "../internal/turn.ts";
import type { KeyedPermit } from "./keyed_permit.ts";
import { Line } from "./line.ts";
import { type Refusal, timeout } from "./lobby.ts";
import type { Refused } from "./store.ts";
import { Waiter } from "./waiter.ts";

/** A key that somebody waits for, or runs under. */
export class KeyLine extends Line<KeyedPermit> implements Timed {
  /** When its own quota lets the next one in. */
  at: number = Infinity;
  place = -1;
  /** The one that the store is being asked for now, and how often the store was asked. */
  asked: Waiting | undefined;
  calls = 0;
  /** How often something changed in the store under its key. */
  changes = 0;

  constructor(readonly key: string, concurrency: number) {
    super(concurrency);
  }

  override next(): Waiting | undefined {
    // Nobody else is put in line here.
    return super.next() as Waiting | undefined;
  }

  /** What those ask for who come before a newcomer, but for the one that the store may have charged already. */
  ahead({ priority }: Turn, slot: boolean): number {
    const { asked } = this;
    const demand = this.demand(priority, slot);
    if (asked?.line === undefined || asked.turn.priority < priority) {
      return demand;
    }
    return slot || asked.line === this.open
      ? Math.max(0, demand - asked.turn.cost)
      : demand;
  }
}

/** One who waits under a key. */
export class Waiting extends Waiter<KeyedPermit, Refusal> {
  constructor(
    readonly under: KeyLine,
    readonly slot: boolean,
    turn: Turn,
    since: number,
    resume: (end: Effect.Effect<KeyedPermit, Refusal>) => void,
  ) {
    super(turn, since, resume);
  }
}

/** The lines of all keys that somebody waits for, or runs under. */
export class Lines {
  private readonly byKey = new Map<string, KeyLine>();

  constructor(private readonly concurrency: number) {}

  get empty(): boolean {
    return this.byKey.size === 0;
  }

  get(key: string): KeyLine | undefined {
    return this.byKey.get(key);
  }

  /** The line of a key, made if there is none. */
  at(key: string): KeyLine {
    let line = this.byKey.get(key);
    if (line === undefined) {
      line = new KeyLine(key, this.concurrency);
      this.byKey.set(key, line);
    }
    return line;
  }

  /** Forgets a line that nobody waits in or runs under; one that was forgotten already may have a successor. */
  tidy(line: KeyLine): void {
    if (line.waiting + line.running > 0) return;
    if (this.byKey.get(line.key) === line) this.byKey.delete(line.key);
  }

  /** Adds up over all lines. */
  sum(count: (line: KeyLine) => number): number {
    let sum = 0;
    for (const line of this.byKey.values()) sum += count(line);
    return sum;
  }
}

/** Why one who may not go now need not wait, if that is known. */
export function hopeless(
  { since, turn: { maxWait } }: Waiting,
  { retryAfter }: Refused,
  now: number,
): Refusal | undefined {
  const millis = Duration.toMillis(retryAfter);
  if (now - since + millis > maxWait && millis < Infinity) {
    return timeout(maxWait, millis);
  }
  return maxWait === 0 ? timeout(0, undefined) : undefined;
}
