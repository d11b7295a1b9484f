/**
 * Tasks as they are stored.
 *
 * @module
 */
import type { Quota } from "../limiter/mod.ts";
import type { Progress, Status } from "./status.ts";

/**
 * A task as it is stored. Times are whole milliseconds since 1970 by the store's clock; payload, result and error are JSON, or
 * `undefined` for nothing at all.
 */
export interface Row {
  /** Names it. */
  readonly id: string;
  /** Its kind. */
  readonly name: string;
  /** Where it stands. */
  readonly status: Status;
  /** What it is given. */
  readonly payload: unknown;
  /** Higher goes first; any finite number. */
  readonly priority: number;
  /** Its lane. One lane may hold tasks of several kinds. */
  readonly lane: string | undefined;
  /** How often it was begun, since it was stored or retried; what was released does not count. */
  readonly attempts: number;
  /** How often it may be begun. */
  readonly maxAttempts: number;
  /** When it was accepted. */
  readonly createdAt: number;
  /** Not before. Among equals who may begin the longest goes first, then who was stored first. */
  readonly runAt: number;
  /** When its last attempt began. */
  readonly startedAt: number | undefined;
  /** When it ended. */
  readonly finishedAt: number | undefined;
  /** How far its last attempt is, or was. */
  readonly progress: Progress | undefined;
  /** What it gave. */
  readonly result: unknown;
  /**
   * Why it failed, or its last attempt that did; gone once it has completed. `{ _tag: "Attempts", detail }` if nobody ended its
   * last attempt.
   */
  readonly error: unknown;
}

/** A task to be stored. */
export interface NewRow
  extends Pick<Row, "id" | "name" | "payload" | "priority" | "maxAttempts"> {
  /** Not before this instant, or so many milliseconds from now, by the store's clock; rounded up. */
  readonly start: { readonly at: number } | { readonly delay: number };
  /** Its lane, and the limits that it has from now on, for all of its tasks. */
  readonly lane: {
    /** Names it. */
    readonly key: string;
    /** How many of it run at once: at least 1. */
    readonly concurrency: number | undefined;
    /**
     * How many of it may begin, and when: each attempt costs 1, and none is given back. One that replaces another goes on with
     * what tiers of the same name have counted.
     */
    readonly quota: Quota.Quota | undefined;
  } | undefined;
}

/** The right to settle one attempt. */
export interface Lease {
  /** Which task. */
  readonly id: string;
  /** Which attempt; a later claim has another. */
  readonly token: string;
}

/** A task that was claimed. */
export interface Claimed extends Row {
  /** The right to settle it. */
  readonly lease: Lease;
}

/** How an attempt ended. */
export type Outcome =
  | { readonly _tag: "Completed"; readonly result: unknown }
  | { readonly _tag: "Failed"; readonly error: unknown }
  | { readonly _tag: "Cancelled" }
  /** Again after this many milliseconds, behind those that may begin then; failed if no attempt is left. */
  | { readonly _tag: "Retry"; readonly error: unknown; readonly delay: number }
  /** Back to its place in the queue; the attempt does not count. */
  | { readonly _tag: "Released" };

/** An event as it is stored. */
export interface EventRow {
  /** Counts up from 1 in the order of commits. */
  readonly sequence: number;
  /** When. */
  readonly at: number;
  /** Which task. */
  readonly id: string;
  /** Its kind. */
  readonly name: string;
  /** Where it stands now. */
  readonly status: Status;
  /** How far it is. */
  readonly progress: Progress | undefined;
}

/** A schedule as it is stored. */
export interface ScheduleRow {
  /** Names it. */
  readonly id: string;
  /** What it runs, and how often: as the manager encodes it. */
  readonly spec: unknown;
  /** Its next time. */
  readonly next: number;
}
