/**
 * Deadlines that are all equally far away.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { Alarm } from "../internal/alarm.ts";

/** Something that must end in time. */
export interface Deadline {
  /** When it is over. */
  readonly at: number;
  /** What then happens. */
  readonly miss: () => void;
}

/** Rings for those that were not taken back in time: one timer for all of them, which costs nothing while none is due. */
export class Deadlines {
  /** In the order in which they are due, for a set keeps the order in which it was filled. */
  private readonly pending = new Set<Deadline>();
  private readonly alarm: Alarm;

  constructor(
    context: Context.Context<never>,
    private readonly millis: number,
  ) {
    this.alarm = new Alarm(context, Effect.sync(() => this.ring()));
  }

  /** Begins to wait for this long. */
  add(miss: () => void): Deadline {
    const now = this.alarm.time.now();
    const deadline = { at: now + this.millis, miss };
    if (this.pending.size === 0) this.alarm.set(deadline.at, now);
    this.pending.add(deadline);
    return deadline;
  }

  /** It was met. */
  remove(deadline: Deadline): void {
    this.pending.delete(deadline);
  }

  /** Forgets them all, and the timer. */
  clear(): void {
    this.pending.clear();
    this.alarm.set(Infinity, 0);
  }

  private ring(): void {
    const now = this.alarm.time.now();
    for (const deadline of this.pending) {
      if (deadline.at > now) return this.alarm.set(deadline.at, now);
      this.pending.delete(deadline);
      deadline.miss();
    }
  }
}
