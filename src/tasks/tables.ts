/**
 * The tables of a store in memory, and the one step by which a task moves from one to another.
 *
 * @module
 */
import { Heap } from "../internal/heap.ts";
import { Entry } from "./entry.ts";
import { EventLog } from "./event_log.ts";
import type { EventRow, NewRow } from "./model.ts";
import type { Query } from "./query.ts";
import type { Status } from "./status.ts";
import { Pending } from "./pending.ts";
import { Roll } from "./roll.ts";
import { isFinal, transition } from "./transitions.ts";

/** What time it is. */
export interface Now {
  /** Milliseconds since 1970: what is stored. */
  readonly wall: number;
  /** Monotonic milliseconds: what leases and quotas are measured by. */
  readonly time: number;
}

/** Each task, by its id, by its age, and by where it stands. */
export class Tables {
  readonly pending: Pending = new Pending();
  /** By when they are due. */
  readonly scheduled: Heap<Entry> = new Heap<Entry>();
  /** By when their leases pass. */
  readonly running: Heap<Entry> = new Heap<Entry>();
  /** In the order in which they ended. */
  readonly ended: Heap<Entry> = new Heap<Entry>();
  readonly counts: Record<Status, number> = {
    scheduled: 0,
    pending: 0,
    running: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
  };
  readonly log: EventLog = new EventLog();
  private readonly byId = new Map<string, Entry>();
  private readonly roll = new Roll();
  private inserted = 0;
  private endings = 0;

  /** How many wait. */
  get waiting(): number {
    return this.counts.scheduled + this.counts.pending;
  }

  /** How many have ended. */
  get done(): number {
    const { cancelled, completed, failed } = this.counts;
    return completed + failed + cancelled;
  }

  get(id: string): Entry | undefined {
    return this.byId.get(id);
  }

  /** Stores a task whose id is new. */
  add(row: NewRow, now: Now): Entry {
    const { start } = row;
    const runAt = Math.ceil(
      "at" in start ? start.at : now.wall + Math.max(0, start.delay),
    );
    const entry = new Entry(
      row,
      ++this.inserted,
      row.lane === undefined ? undefined : this.pending.enter(row.lane),
      runAt > now.wall ? "scheduled" : "pending",
      now.wall,
      runAt,
    );
    this.byId.set(entry.id, entry);
    this.roll.add(entry);
    this.counts[entry.status]++;
    this.place(entry, now);
    this.tell(entry, now);
    entry.since = this.log.last;
    return entry;
  }

  /** Begins the first attempt that may begin, if there is one. */
  begin(
    names: ReadonlyArray<string>,
    token: number,
    lease: number,
    now: Now,
  ): Entry | undefined {
    const entry = this.pending.take(names, now.time);
    if (entry === undefined) return undefined;
    this.stand(entry, transition(entry.status, "claim")!);
    entry.token = token;
    entry.attempts++;
    entry.startedAt = now.wall;
    entry.progress = undefined;
    this.hold(entry, now.time + lease);
    this.tell(entry, now);
    return entry;
  }

  /** Keeps the lease of a task that runs until then. */
  hold(entry: Entry, until: number): void {
    this.running.remove(entry);
    entry.at = until;
    this.running.push(entry);
  }

  /** Moves a task to where it is to stand, but not to begin. When it may begin was written before, unless it stays. */
  move(entry: Entry, to: Status, now: Now): void {
    const { lane, status: from } = entry;
    if (from === "scheduled") this.scheduled.remove(entry);
    else if (from === "pending") this.pending.remove(entry);
    else if (from === "running") {
      this.running.remove(entry);
      entry.token = 0;
      entry.asked = false;
      if (lane !== undefined) this.pending.stop(lane);
    } else {
      this.ended.remove(entry);
      if (lane !== undefined) this.pending.join(lane);
    }
    this.stand(entry, to);
    this.place(entry, now);
    this.tell(entry, now);
  }

  /** Forgets a task that has ended. */
  forget(entry: Entry): void {
    this.ended.remove(entry);
    this.counts[entry.status]--;
    this.byId.delete(entry.id);
    this.roll.forget(entry);
    if (entry.lane !== undefined) this.pending.forget(entry.lane);
  }

  /** Up to so many of those that were stored before the `number`th, newest first. */
  list(query: Query, number: number, limit: number): Array<Entry> {
    return this.roll.list(query, number, limit);
  }

  events(after: number, limit: number): ReadonlyArray<EventRow> {
    return this.log.after(after, limit, ({ id, sequence }) => {
      const entry = this.byId.get(id);
      return entry !== undefined && entry.since <= sequence;
    });
  }

  /** Tells what became of a task. */
  tell({ id, name, progress, status }: Entry, now: Now): void {
    this.log.add({ at: now.wall, id, name, status, progress });
  }

  private stand(entry: Entry, to: Status): void {
    const { status: from } = entry;
    this.counts[from]--;
    this.counts[to]++;
    entry.status = to;
    this.roll.move(entry, from);
  }

  private place(entry: Entry, now: Now): void {
    const { lane, status } = entry;
    if (status === "pending") this.pending.push(entry);
    else if (status === "scheduled") {
      entry.at = entry.runAt;
      this.scheduled.push(entry);
    } else if (isFinal(status)) {
      entry.finishedAt = now.wall;
      entry.at = ++this.endings;
      this.ended.push(entry);
      if (lane !== undefined) this.pending.leave(lane, now.time);
    }
  }
}
