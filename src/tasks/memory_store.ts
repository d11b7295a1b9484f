/**
 * Tasks in this process.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { whole } from "../internal/check.ts";
import { duration, timeIn } from "../internal/time.ts";
import { Attempts } from "./attempts.ts";
import { cursorOf, readCursor } from "./cursor.ts";
import type { NewRow, Row, ScheduleRow } from "./model.ts";
import type { Query } from "./query.ts";
import { Pulse } from "./pulse.ts";
import { type Service, TaskStoreError } from "./store_service.ts";
import { type Now, Tables } from "./tables.ts";
import { transition } from "./transitions.ts";

/** Every operation is one synchronous step: O(log n) for each task that it touches. */
export function memoryStore(
  context: Context.Context<never>,
  capacity: number,
): Service {
  const store = new MemoryStore(context, capacity);
  const { attempts, pulse, tables } = store;
  return {
    insert: (rows) => Effect.suspend(() => store.insert(rows)),
    get: (id) => Effect.sync(() => Option.fromUndefinedOr(tables.get(id)?.row)),
    list: (query) => store.list(query),
    claim: (options) => Effect.sync(() => attempts.claim(options)),
    heartbeat: (leases, lease) =>
      Effect.sync(() => attempts.heartbeat(leases, Duration.toMillis(lease))),
    progress: (lease, progress) =>
      Effect.sync(() => attempts.progress(lease, progress)),
    settle: (outcomes) => Effect.sync(() => attempts.settle(outcomes)),
    cancel: (id) => Effect.sync(() => store.cancel(id)),
    retry: (id) => Effect.suspend(() => store.retry(id)),
    promote: (limit) => Effect.sync(() => store.promote(limit)),
    reap: (limit) => Effect.sync(() => attempts.reap(limit)),
    prune: ({ keepCount, keepFor, limit }) =>
      Effect.sync(() =>
        store.prune(Duration.toMillis(keepFor), keepCount, limit)
      ),
    pause: (name, paused) => Effect.sync(() => attempts.pause(name, paused)),
    stats: Effect.sync(() => ({ ...tables.counts })),
    putSchedule: (row) => Effect.sync(() => store.putSchedule(row)),
    removeSchedule: (id) => Effect.sync(() => store.removeSchedule(id)),
    schedules: Effect.sync(() => store.listSchedules()),
    fire: (options) => Effect.suspend(() => store.fire(options)),
    events: (after, limit) => Effect.sync(() => tables.events(after, limit)),
    lastEvent: Effect.sync(() => tables.log.last),
    changes: pulse.stream,
  };
}

interface Stored {
  readonly row: Row;
  readonly existed: boolean;
}

class MemoryStore {
  readonly tables: Tables = new Tables();
  readonly pulse: Pulse = new Pulse();
  private readonly schedules = new Map<string, ScheduleRow>();
  readonly attempts: Attempts;
  private readonly now: () => Now;

  constructor(
    context: Context.Context<never>,
    private readonly capacity: number,
  ) {
    const clock = Context.get(context, Clock.Clock);
    const time = timeIn(context).now;
    this.now = () => ({ wall: clock.currentTimeMillisUnsafe(), time: time() });
    this.attempts = new Attempts(this.tables, this.pulse, this.now);
  }

  insert(
    rows: ReadonlyArray<NewRow>,
  ): Effect.Effect<ReadonlyArray<Stored>, TaskStoreError> {
    const full = this.full(rows);
    return full === undefined
      ? Effect.succeed(this.store(rows))
      : Effect.fail(full);
  }

  list(query: Query): ReturnType<Service["list"]> {
    return Effect.map(readCursor(query.cursor), (number) => {
      const limit = whole("limit", query.limit ?? 100, 1);
      const entries = this.tables.list(query, number, limit + 1);
      const hasMore = entries.length > limit;
      if (hasMore) entries.pop();
      return {
        rows: entries.map(({ row }) => row),
        cursor: hasMore ? cursorOf(entries.at(-1)!.number) : undefined,
      };
    });
  }

  cancel(id: string): "cancelled" | "asked" | "ended" | "missing" {
    const entry = this.tables.get(id);
    if (entry === undefined) return "missing";
    const to = transition(entry.status, "cancel");
    if (to === undefined) return "ended";
    this.pulse.send();
    if (to === "running") {
      entry.asked = true;
      return "asked";
    }
    this.tables.move(entry, to, this.now());
    return "cancelled";
  }

  retry(id: string): Effect.Effect<boolean, TaskStoreError> {
    const { tables } = this;
    const now = this.now();
    const entry = tables.get(id);
    const to = entry && transition(entry.status, "retry");
    if (entry === undefined || to === undefined) return Effect.succeed(false);
    if (tables.waiting >= this.capacity) return Effect.fail(this.fullFor(1));
    entry.attempts = 0;
    entry.startedAt = entry.finishedAt = undefined;
    entry.progress = entry.error = undefined;
    entry.runAt = now.wall;
    tables.move(entry, to, now);
    this.pulse.send();
    return Effect.succeed(true);
  }

  promote(limit: number): Option.Option<Duration.Duration> {
    const { tables } = this;
    const now = this.now();
    const { pending, scheduled } = tables;
    pending.step(now.time);
    let promoted = 0;
    let next = scheduled.peek();
    while (next !== undefined && next.at <= now.wall && promoted < limit) {
      tables.move(next, transition(next.status, "promote")!, now);
      promoted++;
      next = scheduled.peek();
    }
    if (promoted > 0) this.pulse.send();
    const wait = Math.min(
      (next?.at ?? Infinity) - now.wall,
      pending.nextAt - now.time,
    );
    return wait === Infinity
      ? Option.none()
      : Option.some(duration(Math.max(0, wait)));
  }

  prune(keepFor: number, keepCount: number, limit: number): number {
    const { tables } = this;
    const { wall } = this.now();
    let pruned = 0;
    for (; pruned < limit; pruned++) {
      const oldest = tables.ended.peek();
      if (oldest === undefined) break;
      // What has ended says when.
      const isOld = oldest.finishedAt! <= wall - keepFor;
      if (!isOld && tables.done <= keepCount) break;
      tables.forget(oldest);
    }
    return pruned;
  }

  putSchedule(row: ScheduleRow): void {
    this.schedules.set(row.id, row);
    this.pulse.send();
  }

  removeSchedule(id: string): boolean {
    const removed = this.schedules.delete(id);
    if (removed) this.pulse.send();
    return removed;
  }

  listSchedules(): Array<ScheduleRow> {
    return [...this.schedules.values()].sort((a, b) =>
      a.next - b.next || (a.id < b.id ? -1 : 1)
    );
  }

  fire(
    { from, id, next, rows }: Parameters<Service["fire"]>[0],
  ): Effect.Effect<boolean, TaskStoreError> {
    const schedule = this.schedules.get(id);
    if (schedule?.next !== from) return Effect.succeed(false);
    const full = this.full(rows);
    if (full !== undefined) return Effect.fail(full);
    this.store(rows);
    this.putSchedule({ ...schedule, next });
    return Effect.succeed(true);
  }

  private store(rows: ReadonlyArray<NewRow>): Array<Stored> {
    const { tables } = this;
    const now = this.now();
    const before = tables.log.last;
    const stored = rows.map((row) => {
      const existing = tables.get(row.id);
      return existing === undefined
        ? { row: tables.add(row, now).row, existed: false }
        : { row: existing.row, existed: true };
    });
    if (tables.log.last > before) this.pulse.send();
    return stored;
  }

  /** Why there is no room for these tasks, if there is none. */
  private full(rows: ReadonlyArray<NewRow>): TaskStoreError | undefined {
    const { tables } = this;
    const room = Math.max(0, this.capacity - tables.waiting);
    if (rows.length <= room) return undefined;
    const news = new Set<string>();
    for (const { id } of rows) if (tables.get(id) === undefined) news.add(id);
    return news.size > room ? this.fullFor(news.size) : undefined;
  }

  private fullFor(count: number): TaskStoreError {
    return new TaskStoreError({
      reason: "Full",
      detail: `no room for ${count} more: ${this.tables.waiting} of ` +
        `${this.capacity} tasks wait`,
    });
  }
}
