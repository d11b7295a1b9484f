/**
 * What a store of tasks must do, written as plainly as can be: all tasks in one array, and everything looked for in it.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import type { TaskStore } from "@weir/weir/tasks";
import { deepStrictEqual } from "node:assert/strict";

type Mutable = { -readonly [K in keyof TaskStore.Row]: TaskStore.Row[K] };

interface Item {
  row: Mutable;
  readonly number: number;
  asked: boolean;
  lease: { readonly claim: number; until: number } | undefined;
  ended: number;
}

interface Limits {
  concurrency: number | undefined;
  quota: Quota.Quota | undefined;
  state: Quota.State | undefined;
}

const final = ["completed", "failed", "cancelled"];

export class Oracle {
  now = 0;
  items: Array<Item> = [];
  readonly events: Array<string> = [];
  private readonly lanes = new Map<string, Limits>();
  private readonly paused = new Set<string | undefined>();
  private inserted = 0;
  private claims = 0;
  private steps = 0;

  constructor(private readonly capacity: number) {}

  insert(
    rows: ReadonlyArray<TaskStore.NewRow>,
  ): ReadonlyArray<boolean> | "Full" {
    const news = new Set(
      rows.map(({ id }) => id).filter((id) => this.find(id) === undefined),
    );
    if (news.size > 0 && this.waiting + news.size > this.capacity) {
      return "Full";
    }
    return rows.map((row) => {
      if (this.find(row.id) !== undefined) return true;
      if (row.lane !== undefined) {
        const { concurrency, key, quota } = row.lane;
        const { state } = this.lanes.get(key) ?? { state: undefined };
        // Only what tiers of the same name have counted is still known.
        const kept = Object.entries(state ?? {})
          .filter(([name]) => quota?.tiers.some((tier) => tier.name === name));
        this.lanes.set(key, {
          concurrency,
          quota,
          state: Object.fromEntries(kept),
        });
      }
      const runAt = "at" in row.start
        ? row.start.at
        : this.now + row.start.delay;
      const item: Item = {
        row: {
          id: row.id,
          name: row.name,
          status: runAt > this.now ? "scheduled" : "pending",
          payload: row.payload,
          priority: row.priority,
          lane: row.lane?.key,
          attempts: 0,
          maxAttempts: row.maxAttempts,
          createdAt: this.now,
          runAt,
          startedAt: undefined,
          finishedAt: undefined,
          progress: undefined,
          result: undefined,
          error: undefined,
        },
        number: ++this.inserted,
        asked: false,
        lease: undefined,
        ended: 0,
      };
      this.items.push(item);
      this.tell(item);
      return false;
    });
  }

  /** Gives the ids, and the numbers of the claims that hold them. */
  claim(
    names: ReadonlyArray<string>,
    limit: number,
    lease: number,
  ): ReadonlyArray<readonly [string, number]> {
    const claimed: Array<readonly [string, number]> = [];
    const waiting = this.items
      .filter(({ row }) => row.status === "pending")
      .sort((a, b) =>
        b.row.priority - a.row.priority || a.row.runAt - b.row.runAt ||
        a.number - b.number
      );
    for (const item of waiting) {
      const { row } = item;
      if (claimed.length === limit) break;
      if (this.paused.has(undefined) || this.paused.has(row.name)) continue;
      if (!names.includes(row.name) || !this.admits(row.lane)) continue;
      row.status = "running";
      row.attempts++;
      row.startedAt = this.now;
      row.progress = undefined;
      item.lease = { claim: ++this.claims, until: this.now + lease };
      claimed.push([row.id, this.claims]);
      this.tell(item);
    }
    return claimed;
  }

  heartbeat(claim: number, lease: number): "lost" | "cancelled" | "held" {
    const item = this.held(claim);
    if (item === undefined) return "lost";
    item.lease!.until = this.now + lease;
    return item.asked ? "cancelled" : "held";
  }

  progress(claim: number, progress: TaskStore.Progress): boolean {
    const item = this.held(claim);
    if (item === undefined) return false;
    item.row.progress = progress;
    this.tell(item);
    return true;
  }

  settle(claim: number, outcome: TaskStore.Outcome): boolean {
    const item = this.held(claim);
    if (item === undefined) return false;
    const { row } = item;
    this.steps++;
    switch (outcome._tag) {
      case "Completed":
        row.result = outcome.result;
        row.error = undefined;
        this.move(item, "completed");
        break;
      case "Failed":
        row.error = outcome.error;
        this.move(item, "failed");
        break;
      case "Cancelled":
        this.move(item, "cancelled");
        break;
      case "Released":
        row.attempts--;
        this.move(item, item.asked ? "cancelled" : "pending");
        break;
      case "Retry":
        row.error = outcome.error;
        if (item.asked) this.move(item, "cancelled");
        else if (row.attempts === row.maxAttempts) this.move(item, "failed");
        else {
          row.runAt = this.now + outcome.delay;
          this.move(item, outcome.delay > 0 ? "scheduled" : "pending");
        }
    }
    return true;
  }

  cancel(id: string): "cancelled" | "asked" | "ended" | "missing" {
    const item = this.find(id);
    if (item === undefined) return "missing";
    if (final.includes(item.row.status)) return "ended";
    if (item.row.status === "running") {
      item.asked = true;
      return "asked";
    }
    this.steps++;
    this.move(item, "cancelled");
    return "cancelled";
  }

  retry(id: string): boolean | "Full" {
    const item = this.find(id);
    if (item === undefined) return false;
    const { row } = item;
    if (row.status !== "failed" && row.status !== "cancelled") return false;
    if (this.waiting >= this.capacity) return "Full";
    row.attempts = 0;
    row.startedAt =
      row.finishedAt =
      row.progress =
      row.error =
        undefined;
    row.runAt = this.now;
    this.move(item, "pending");
    return true;
  }

  /** Makes pending all that are due. */
  promote(): void {
    const due = this.items
      .filter(({ row }) => row.status === "scheduled" && row.runAt <= this.now)
      .sort((a, b) => a.row.runAt - b.row.runAt);
    for (const item of due) this.move(item, "pending");
  }

  /** When the next scheduled task is due. */
  get nextAt(): number | undefined {
    const times = this.items
      .filter(({ row }) => row.status === "scheduled")
      .map(({ row }) => row.runAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Takes all leases that have passed. */
  reap(): number {
    this.steps++;
    const passed = this.items
      .filter(({ lease }) => lease !== undefined && lease.until <= this.now);
    for (const item of passed) {
      const { row } = item;
      if (item.asked) this.move(item, "cancelled");
      else if (row.attempts === row.maxAttempts) {
        row.error = {
          _tag: "Attempts",
          detail: `nobody ended the last of its ${row.attempts} attempts`,
        };
        this.move(item, "failed");
      } else {
        row.runAt = this.now;
        this.move(item, "pending");
      }
    }
    return passed.length;
  }

  /** Forgets what is gone, if those were the right ones: which of several that ended in one step is left open. */
  prune(
    keepFor: number,
    keepCount: number,
    limit: number,
    isGone: (id: string) => boolean,
  ): number {
    const ended = this.items
      .filter(({ row }) => final.includes(row.status))
      .sort((a, b) => a.ended - b.ended);
    const due = ended
      .filter(({ row }, place) =>
        row.finishedAt! <= this.now - keepFor ||
        place < ended.length - keepCount
      )
      .slice(0, limit);
    const gone = this.items
      .filter(({ row }) => isGone(row.id))
      .sort((a, b) => a.ended - b.ended);
    deepStrictEqual(
      gone.map(({ ended }) => ended),
      due.map(({ ended }) => ended),
    );
    this.items = this.items.filter((item) => !gone.includes(item));
    return gone.length;
  }

  pause(name: string | undefined, paused: boolean): void {
    if (paused) this.paused.add(name);
    else this.paused.delete(name);
  }

  /** All tasks, newest first. */
  get rows(): ReadonlyArray<TaskStore.Row> {
    return this.items.map(({ row }) => ({ ...row })).reverse();
  }

  get stats(): Record<TaskStore.Status, number> {
    const count = (status: TaskStore.Status) =>
      this.items.filter(({ row }) => row.status === status).length;
    return {
      scheduled: count("scheduled"),
      pending: count("pending"),
      running: count("running"),
      completed: count("completed"),
      failed: count("failed"),
      cancelled: count("cancelled"),
    };
  }

  private get waiting(): number {
    return this.stats.scheduled + this.stats.pending;
  }

  private find(id: string): Item | undefined {
    return this.items.find(({ row }) => row.id === id);
  }

  private held(claim: number): Item | undefined {
    return this.items.find(({ lease }) => lease?.claim === claim);
  }

  private admits(key: string | undefined): boolean {
    if (key === undefined) return true;
    const lane = this.lanes.get(key)!;
    const running = this.items.filter(({ row }) =>
      row.lane === key && row.status === "running"
    );
    if (running.length >= (lane.concurrency ?? Infinity)) return false;
    if (lane.quota === undefined) return true;
    const [decision, state] = Quota.decide(lane.quota, lane.state, this.now);
    lane.state = state;
    return decision._tag === "Allowed";
  }

  private move(item: Item, to: TaskStore.Status): void {
    item.row.status = to;
    item.lease = undefined;
    item.asked = false;
    if (final.includes(to)) {
      item.row.finishedAt = this.now;
      item.ended = this.steps;
    }
    this.tell(item);
  }

  private tell({ row }: Item): void {
    this.events.push(`${row.id} ${row.status}`);
  }
}
