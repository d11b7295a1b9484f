/**
 * What a store in memory remembers: of a task, and of a lane.
 *
 * @module
 */
import type { Timed } from "../internal/heap.ts";
import type { Quota } from "../limiter/mod.ts";
import { Line, type Ranked } from "./line.ts";
import type { Claimed, NewRow, Row } from "./model.ts";
import type { Progress, Status } from "./status.ts";

/** A task. At any time it stands in one line or one heap: of what waits, is scheduled, runs, or has ended. */
export class Entry implements Ranked, Timed {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly payload: unknown;
  attempts = 0;
  startedAt: number | undefined = undefined;
  finishedAt: number | undefined = undefined;
  progress: Progress | undefined = undefined;
  result: unknown = undefined;
  error: unknown = undefined;
  /** Which claim holds it; 0 for none. */
  token = 0;
  /** Whether its holder is asked to cancel it. */
  asked = false;
  /** Its place by age among all. */
  index = 0;
  /** Its key in a heap: when it is due, when its lease passes, or as which it ended. */
  at = 0;
  place = -1;
  /** The event that it came with. */
  since = 0;

  constructor(
    { id, maxAttempts, name, payload, priority }: NewRow,
    readonly number: number,
    readonly lane: Lane | undefined,
    public status: Status,
    readonly createdAt: number,
    public runAt: number,
  ) {
    this.id = id;
    this.name = name;
    this.priority = priority;
    this.maxAttempts = maxAttempts;
    this.payload = payload;
  }

  /** As it stands now. */
  get row(): Row {
    return {
      id: this.id,
      name: this.name,
      status: this.status,
      payload: this.payload,
      priority: this.priority,
      lane: this.lane?.key,
      attempts: this.attempts,
      maxAttempts: this.maxAttempts,
      createdAt: this.createdAt,
      runAt: this.runAt,
      startedAt: this.startedAt,
      finishedAt: this.finishedAt,
      progress: this.progress,
      result: this.result,
      error: this.error,
    };
  }

  /** As it stands now, with the lease that holds it. */
  get claimed(): Claimed {
    const { id, row, token } = this;
    return { ...row, lease: { id, token: String(token) } };
  }
}

/** The tasks of one kind, and the lanes with tasks of this kind that have room, each as its first task. */
export class Kind {
  readonly line: Line<Entry | Queue> = new Line<Entry | Queue>();
}

/** The tasks of one kind in one lane. Never empty while it stands in line. */
export class Queue implements Ranked {
  readonly tasks: Line<Entry> = new Line<Entry>();
  place = -1;

  constructor(readonly kind: Kind) {}

  /** The task that is meant by it. */
  get first(): Entry {
    return this.tasks.peek()!;
  }

  get priority(): number {
    return this.first.priority;
  }

  get runAt(): number {
    return this.first.runAt;
  }

  get number(): number {
    return this.first.number;
  }
}

/** Tasks that share limits. */
export class Lane implements Timed {
  concurrency: number = Infinity;
  quota: Quota.Quota | undefined = undefined;
  /** What its quota remembers. */
  state: Quota.State | undefined = undefined;
  /** When its quota will be whole again, as far as is known. */
  wholeAt: number = -Infinity;
  running = 0;
  /** How many of its tasks are remembered, and how many of them have not ended. */
  tasks = 0;
  members = 0;
  /** Its pending tasks, by kind. None is empty. */
  readonly queues: Array<Queue> = [];
  /** Whether its queues stand in the lines of their kinds. */
  isOpen = true;
  at = 0;
  place = -1;

  constructor(readonly key: string) {}

  /** Its pending tasks of one kind. */
  queue(kind: Kind): Queue | undefined {
    return this.queues.find((queue) => queue.kind === kind);
  }
}
