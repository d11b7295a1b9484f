/**
 * Attempts in this process: how they begin, are held, and end.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type { Entry } from "./entry.ts";
import type { Claimed, Lease, Outcome } from "./model.ts";
import type { Progress } from "./status.ts";
import type { Pulse } from "./pulse.ts";
import type { Service } from "./store_service.ts";
import type { Now, Tables } from "./tables.ts";
import { outOfAttempts, transition } from "./transitions.ts";

/** Begins and ends attempts. Each step is synchronous. */
export class Attempts {
  /** Kinds that are paused; `undefined` stands for all. */
  private readonly paused = new Set<string | undefined>();
  private claims = 0;

  constructor(
    private readonly tables: Tables,
    private readonly pulse: Pulse,
    private readonly now: () => Now,
  ) {}

  claim(
    { lease, limit, names }: Parameters<Service["claim"]>[0],
  ): Array<Claimed> {
    const claimed: Array<Claimed> = [];
    const { paused, tables } = this;
    const now = this.now();
    tables.pending.step(now.time);
    if (paused.has(undefined)) return claimed;
    const kinds = paused.size === 0
      ? names
      : names.filter((name) => !paused.has(name));
    const millis = Duration.toMillis(lease);
    while (claimed.length < limit) {
      const entry = tables.begin(kinds, this.claims + 1, millis, now);
      if (entry === undefined) break;
      this.claims++;
      claimed.push(entry.claimed);
    }
    if (claimed.length > 0) this.pulse.send();
    return claimed;
  }

  heartbeat(leases: ReadonlyArray<Lease>, millis: number): {
    readonly lost: ReadonlyArray<Lease>;
    readonly cancelled: ReadonlyArray<Lease>;
  } {
    const lost: Array<Lease> = [];
    const cancelled: Array<Lease> = [];
    const until = this.now().time + millis;
    for (const lease of leases) {
      const entry = this.held(lease);
      if (entry === undefined) {
        lost.push(lease);
        continue;
      }
      this.tables.hold(entry, until);
      if (entry.asked) cancelled.push(lease);
    }
    return { lost, cancelled };
  }

  progress(lease: Lease, progress: Progress): boolean {
    const entry = this.held(lease);
    if (entry === undefined) return false;
    entry.progress = progress;
    this.tables.tell(entry, this.now());
    this.pulse.send();
    return true;
  }

  settle(
    outcomes: ReadonlyArray<
      { readonly lease: Lease; readonly outcome: Outcome }
    >,
  ): Array<Lease> {
    const lost: Array<Lease> = [];
    const now = this.now();
    for (const { lease, outcome } of outcomes) {
      const entry = this.held(lease);
      if (entry === undefined) lost.push(lease);
      else this.end(entry, outcome, now);
    }
    if (lost.length < outcomes.length) this.pulse.send();
    return lost;
  }

  reap(limit: number): number {
    const { tables } = this;
    const now = this.now();
    let reaped = 0;
    for (; reaped < limit; reaped++) {
      const entry = tables.running.peek();
      if (entry === undefined || entry.at > now.time) break;
      const to = transition("running", "reap", circumstances(entry))!;
      if (to === "failed") entry.error = outOfAttempts(entry.attempts);
      else if (to === "pending") entry.runAt = now.wall;
      tables.move(entry, to, now);
    }
    if (reaped > 0) this.pulse.send();
    return reaped;
  }

  pause(name: string | undefined, paused: boolean): void {
    if (paused) this.paused.add(name);
    else this.paused.delete(name);
    this.pulse.send();
  }

  /** The task of a lease that is still good. */
  private held({ id, token }: Lease): Entry | undefined {
    const entry = this.tables.get(id);
    return entry !== undefined && entry.token !== 0 &&
        String(entry.token) === token
      ? entry
      : undefined;
  }

  /** Ends the attempt of a task that runs. */
  private end(entry: Entry, outcome: Outcome, now: Now): void {
    const delay = outcome._tag === "Retry" ? outcome.delay : 0;
    const to = transition("running", outcome._tag, {
      ...circumstances(entry),
      delayed: delay > 0,
    })!;
    if (outcome._tag === "Completed") {
      entry.result = outcome.result;
      entry.error = undefined;
    } else if (outcome._tag === "Released") entry.attempts--;
    else if (outcome._tag !== "Cancelled") entry.error = outcome.error;
    if (outcome._tag === "Retry" && (to === "scheduled" || to === "pending")) {
      entry.runAt = Math.ceil(now.wall + delay);
    }
    this.tables.move(entry, to, now);
  }
}

function circumstances(
  { asked, attempts, maxAttempts }: Entry,
): { readonly asked: boolean; readonly spent: boolean } {
  return { asked, spent: attempts >= maxAttempts };
}
