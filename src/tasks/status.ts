/**
 * Where tasks stand, and how far they are.
 *
 * @module
 */

/** Where a task stands. The last three are final, until someone retries it. */
export type Status =
  | "scheduled"
  | "pending"
  | "running"
  | "completed"
  | "failed"
  | "cancelled";

/** How far a task is. */
export interface Progress {
  /** Parts done. */
  readonly done: number;
  /** Parts in all, where that is known. */
  readonly total?: number;
  /** What it is at, for people. */
  readonly message?: string;
}
