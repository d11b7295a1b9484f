/**
 * What a store of tasks can do.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Option from "effect/Option";
import * as Schema from "effect/Schema";
import type * as Stream from "effect/Stream";
import type {
  Claimed,
  EventRow,
  Lease,
  NewRow,
  Outcome,
  Row,
  ScheduleRow,
} from "./model.ts";
import type { Query } from "./query.ts";
import type { Progress, Status } from "./status.ts";

const /** @internal */ StoreError: Schema.Class<
  TaskStoreError,
  Schema.TaggedStruct<"TaskStoreError", {
    readonly reason: Schema.Literals<["Full", "Unavailable", "Corrupt"]>;
    readonly detail: typeof Schema.String;
  }>,
  Cause.YieldableError
> = Schema.TaggedError<TaskStoreError>("@weir/weir/TaskStoreError")(
  "TaskStoreError",
  {
    reason: Schema.Literals(["Full", "Unavailable", "Corrupt"]),
    detail: Schema.String,
  },
);

/** Raised where a store could not do what it was asked. Nothing was changed, except where the connection broke on commit. */
export class TaskStoreError extends StoreError {
  /** What went wrong. */
  override get message(): string {
    return `Task store: ${this.detail}`;
  }
}

/**
 * Every operation is one atomic step by the store's own clock. What `claim` gives is held by a lease; only the holder of the
 * newest lease settles, and only once. A lease that has passed is good until it is reaped.
 *
 * A task that was to be cancelled while it ran ends as its attempt does, where that is an end; else it is cancelled. What has
 * ended stays so, until someone retries it.
 */
export interface Service {
  /**
   * Stores tasks, all or none, and gives their rows in the same order. An id that exists, also one that stands in the batch
   * twice, is left as it is, its lane too, and its row is given back.
   */
  readonly insert: (
    rows: NonEmptyReadonlyArray<NewRow>,
  ) => Effect.Effect<
    ReadonlyArray<{ readonly row: Row; readonly existed: boolean }>,
    TaskStoreError
  >;
  /** One task. */
  readonly get: (
    id: string,
  ) => Effect.Effect<Option.Option<Row>, TaskStoreError>;
  /** A page of tasks, newest first; no cursor with the last. Fails with `Corrupt` for a cursor that it never gave. */
  readonly list: (
    query: Query,
  ) => Effect.Effect<
    { readonly rows: ReadonlyArray<Row>; readonly cursor: string | undefined },
    TaskStoreError
  >;
  /**
   * Takes up to `limit` pending tasks of these kinds whose lanes have room, by priority, then age; begins an attempt of each.
   * What cannot begin costs nothing: a claim takes as long behind a full lane or scheduled tasks as without them.
   */
  readonly claim: (options: {
    readonly names: ReadonlyArray<string>;
    readonly limit: number;
    readonly lease: Duration.Duration;
  }) => Effect.Effect<ReadonlyArray<Claimed>, TaskStoreError>;
  /** Holds leases for so long from now. Says which were lost, and which tasks are to be cancelled; those are held too. */
  readonly heartbeat: (
    leases: NonEmptyReadonlyArray<Lease>,
    lease: Duration.Duration,
  ) => Effect.Effect<{
    readonly lost: ReadonlyArray<Lease>;
    readonly cancelled: ReadonlyArray<Lease>;
  }, TaskStoreError>;
  /** Keeps how far a task is. False if the lease was lost, and then nothing was written. */
  readonly progress: (
    lease: Lease,
    progress: Progress,
  ) => Effect.Effect<boolean, TaskStoreError>;
  /** Ends attempts, in order. Gives the leases that were lost, for which nothing was written. */
  readonly settle: (
    outcomes: NonEmptyReadonlyArray<
      { readonly lease: Lease; readonly outcome: Outcome }
    >,
  ) => Effect.Effect<ReadonlyArray<Lease>, TaskStoreError>;
  /** Ends a task that waits; asks the holder of one that runs, by its next heartbeat. */
  readonly cancel: (
    id: string,
  ) => Effect.Effect<
    "cancelled" | "asked" | "ended" | "missing",
    TaskStoreError
  >;
  /**
   * Lets a failed or cancelled task begin anew: pending, behind those that wait, as if it had never begun. False if it stands
   * elsewhere. Fails with `Full` if there is no room for one more that waits.
   */
  readonly retry: (id: string) => Effect.Effect<boolean, TaskStoreError>;
  /**
   * Makes up to `limit` scheduled tasks pending whose time has come, the earliest first. Says how long until more may begin that
   * could not by now, for time alone: until the next scheduled task, or until the quota of a lane allows a task that was held
   * back. Nothing if there is none.
   */
  readonly promote: (
    limit: number,
  ) => Effect.Effect<Option.Option<Duration.Duration>, TaskStoreError>;
  /**
   * Takes up to `limit` leases that have passed, the first to pass first. Their tasks go behind those that wait, so that one
   * that ends its process every time is not the next; where no attempt is left they have failed. Says how many.
   */
  readonly reap: (limit: number) => Effect.Effect<number, TaskStoreError>;
  /**
   * Forgets up to `limit` ended tasks, and their events: those that ended `keepFor` ago or earlier, and those after which
   * `keepCount` others have ended, the first to end first. Says how many.
   */
  readonly prune: (options: {
    readonly keepFor: Duration.Duration;
    readonly keepCount: number;
    readonly limit: number;
  }) => Effect.Effect<number, TaskStoreError>;
  /** Claims no more of this kind, or of any; or does so again. A pause of all and one of a kind end each by itself. */
  readonly pause: (
    name: string | undefined,
    paused: boolean,
  ) => Effect.Effect<void, TaskStoreError>;
  /** How many tasks stand where. */
  readonly stats: Effect.Effect<
    Readonly<Record<Status, number>>,
    TaskStoreError
  >;
  /** Stores a schedule, or replaces what it runs and when. */
  readonly putSchedule: (
    row: ScheduleRow,
  ) => Effect.Effect<void, TaskStoreError>;
  /** Forgets a schedule. */
  readonly removeSchedule: (
    id: string,
  ) => Effect.Effect<boolean, TaskStoreError>;
  /** All schedules, the next one first. */
  readonly schedules: Effect.Effect<ReadonlyArray<ScheduleRow>, TaskStoreError>;
  /**
   * If the schedule still stands at `from`: stores the tasks, as `insert` does, and moves it to `next`, both or neither. False
   * if another process was first, or it is gone.
   */
  readonly fire: (options: {
    readonly id: string;
    readonly from: number;
    readonly next: number;
    readonly rows: ReadonlyArray<NewRow>;
  }) => Effect.Effect<boolean, TaskStoreError>;
  /** Up to `limit` events after this one: every change of status, and progress. An ask to cancel is none. */
  readonly events: (
    after: number,
    limit: number,
  ) => Effect.Effect<ReadonlyArray<EventRow>, TaskStoreError>;
  /** The number of the last event, forgotten or not; 0 before the first. */
  readonly lastEvent: Effect.Effect<number, TaskStoreError>;
  /** Pulses at once, and when something may have changed, soon but not exactly; readers ask anyway now and then. */
  readonly changes: Stream.Stream<void>;
}

const /** @internal */ Key: Context.ServiceClass<
  TaskStore,
  "@weir/weir/TaskStore",
  Service
> = Context.Service<TaskStore, Service>()("@weir/weir/TaskStore");

/** Where a task manager keeps its tasks. */
export class TaskStore extends Key {}
