/**
 * The handle of a job that a pool accepted.
 *
 * @module
 */
import type * as DateTime from "effect/DateTime";
import type * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import type * as Option from "effect/Option";

/** Where a job stands. The last three are final. */
export type Status =
  | "pending"
  | "running"
  | "completed"
  | "failed"
  | "cancelled";

/** What is known about a job. */
export interface JobInfo {
  /** Where it stands. */
  readonly status: Status;
  /** When the pool was asked for it. */
  readonly createdAt: DateTime.Utc;
  /** When a worker began it. */
  readonly startedAt?: DateTime.Utc;
  /** When it ended. */
  readonly finishedAt?: DateTime.Utc;
}

/** A job that a pool accepted. It belongs to the pool, not to the fiber that submitted it. */
export interface Job<out A, out E> {
  /** Waits for the result, like joining a fiber: fails as the job failed, and is interrupted if it was cancelled. */
  readonly await: Effect.Effect<A, E>;
  /** How it ended, if it has. */
  readonly poll: Effect.Effect<Option.Option<Exit.Exit<A, E>>>;
  /**
   * Takes it out of the queue, or interrupts it and waits for its finalizers. True if this call ended it; false if it ended
   * otherwise, or another call did.
   */
  readonly cancel: Effect.Effect<boolean>;
  /** Where it stands. */
  readonly info: Effect.Effect<JobInfo>;
}
