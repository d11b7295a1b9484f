/**
 * A job as its pool remembers it.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as Inspectable from "effect/Inspectable";
import * as Option from "effect/Option";
import type { Timed } from "../internal/heap.ts";
import type { Lanes, Standing } from "../internal/lanes.ts";
import type { Turn } from "../internal/turn.ts";
import type { End } from "./end.ts";
import type { Job, JobInfo, Status } from "./handle.ts";

/** What a job knows of its pool. */
export interface Pool {
  /** When it was made, in milliseconds of the wall clock. */
  readonly createdAt: number;
  /** Ends a job. */
  readonly cancel: (job: PoolJob) => Effect.Effect<boolean>;
}

/** Until when a job may wait for its start. */
export class Deadline implements Timed {
  place = -1;

  constructor(readonly job: PoolJob, readonly at: number) {}
}

/** A job, from the moment the pool was asked for it. A full queue is made of these, so they are kept small. */
export class PoolJob implements Job<unknown, unknown>, Standing<PoolJob> {
  status: Status = "pending";
  /** Whole milliseconds of the pool's life, which V8 stores without a box; below 0 if the wall clock was set back. */
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** How it ended. */
  exit: End | undefined;
  /** Runs it; nothing while it has not come to its first wait. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined;
  /** Who waits for the end that they asked for, once it was interrupted, or will be at its first wait. */
  cancelling: Array<() => void> | undefined;
  deadline: Deadline | undefined;
  line: Lanes<PoolJob> | undefined;
  next: PoolJob | undefined;
  previous: PoolJob | undefined;
  private awaiting: Array<(end: End) => void> | undefined;

  constructor(
    private readonly pool: Pool,
    /** What it does; nothing once it ended. */
    public effect: Effect.Effect<unknown, unknown, unknown> | undefined,
    readonly turn: Turn,
    /** Its submitter's services. */
    readonly context: Context.Context<never>,
    readonly createdAt: number,
  ) {}

  /** What is printed of it: not its pool, nor its submitter's services. */
  toJSON(): { readonly _id: "Job"; readonly status: Status } {
    return { _id: "Job", status: this.status };
  }

  /** Whether it was interrupted, or will be at its first wait. */
  get interrupted(): boolean {
    return this.cancelling !== undefined;
  }

  /** Whether somebody is to be told of its end. */
  get awaited(): boolean {
    return this.awaiting !== undefined || this.interrupted;
  }

  /** Calls back when it has ended; gives what withdraws that. */
  whenEnded(callback: (end: End) => void): Effect.Effect<void> {
    if (this.awaiting === undefined) this.awaiting = [callback];
    else this.awaiting.push(callback);
    return Effect.sync(() => {
      const others = this.awaiting?.filter((other) => other !== callback);
      this.awaiting = others?.length === 0 ? undefined : others;
    });
  }

  /** Tells those who wait for its end; says whether anybody heard how it ended. */
  notify(end: End): boolean {
    const { awaiting = [], cancelling = [] } = this;
    this.awaiting = undefined;
    for (const callback of awaiting) callback(end);
    for (const callback of cancelling.splice(0)) callback();
    return awaiting.length > 0;
  }

  /** Waits for its end, once it was interrupted; not for how it ended. */
  get ended(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.exit !== undefined) return resume(Effect.void);
      const told = () => resume(Effect.void);
      this.cancelling?.push(told);
      return Effect.sync(() => {
        this.cancelling = this.cancelling?.filter((other) => other !== told);
      });
    });
  }

  get await(): Effect.Effect<unknown, unknown> {
    return Effect.suspend(() =>
      this.exit ?? Effect.callback((resume) => {
        // It may have ended between that step and this one.
        if (this.exit !== undefined) return resume(this.exit);
        return this.whenEnded(resume);
      })
    );
  }

  get poll(): Effect.Effect<Option.Option<End>> {
    return Effect.sync(() => Option.fromUndefinedOr(this.exit));
  }

  get cancel(): Effect.Effect<boolean> {
    return this.pool.cancel(this);
  }

  get info(): Effect.Effect<JobInfo> {
    return Effect.sync(() => {
      const { finishedAt, startedAt } = this;
      const at = (millis: number) =>
        DateTime.makeUnsafe(this.pool.createdAt + millis);
      return {
        status: this.status,
        createdAt: at(this.createdAt),
        ...(startedAt !== undefined && { startedAt: at(startedAt) }),
        ...(finishedAt !== undefined && { finishedAt: at(finishedAt) }),
      };
    });
  }
}

// `console.log` asks here for what to print.
Object.defineProperty(PoolJob.prototype, Inspectable.NodeInspectSymbol, {
  value: PoolJob.prototype.toJSON,
});
