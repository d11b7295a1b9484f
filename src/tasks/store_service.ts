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
  Progress,
  Query,
  Row,
  ScheduleRow,
  Status,
} from "./model.ts";

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
 * newest lease settles, and only once.
 */
export interface Service {
  /** Stores tasks, all or none. An id that exists is left as it is, and its row is given back. */
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
  /** A page of tasks, newest first. */
  readonly list: (
    query: Query,
  ) => Effect.Effect<
    { readonly rows: ReadonlyArray<Row>; readonly cursor: string | undefined },
    TaskStoreError
  >;
  /** Takes up to `limit` pending tasks of these kinds whose lanes have room, by priority, then age; begins an attempt of each. */
  readonly claim: (options: {
    readonly names: ReadonlyArray<string>;
    readonly limit: number;
    readonly lease: Duration.Duration;
  }) => Effect.Effect<ReadonlyArray<Claimed>, TaskStoreError>;
  /** Holds leases for longer. Says which were lost, and which tasks are to be cancelled. */
  readonly heartbeat: (
    leases: NonEmptyReadonlyArray<Lease>,
    lease: Duration.Duration,
  ) => Effect.Effect<{
    readonly lost: ReadonlyArray<Lease>;
    readonly cancelled: ReadonlyArray<Lease>;
  }, TaskStoreError>;
  /** Keeps how far a task is. False if the lease was lost. */
  readonly progress: (
    lease: Lease,
    progress: Progress,
  ) => Effect.Effect<boolean, TaskStoreError>;
  /** Ends attempts. Gives the leases that were lost, for which nothing was written. */
  readonly settle: (
    outcomes: NonEmptyReadonlyArray<
      { readonly lease: Lease; readonly outcome: Outcome }
    >,
  ) => Effect.Effect<ReadonlyArray<Lease>, TaskStoreError>;
  /** Ends a task that waits; asks the holder of one that runs. */
  readonly cancel: (
    id: string,
  ) => Effect.Effect<
    "cancelled" | "asked" | "ended" | "missing",
    TaskStoreError
  >;
  /** Puts a failed or cancelled task back in the queue with no attempts. False if it stands elsewhere. */
  readonly retry: (id: string) => Effect.Effect<boolean, TaskStoreError>;
  /** Makes up to `limit` scheduled tasks pending whose time has come. Says how long until the next, if there is one. */
  readonly promote: (
    limit: number,
  ) => Effect.Effect<Option.Option<Duration.Duration>, TaskStoreError>;
  /** Takes up to `limit` leases that have passed: back to the queue, or failed where no attempt is left. Says how many. */
  readonly reap: (limit: number) => Effect.Effect<number, TaskStoreError>;
  /** Forgets up to `limit` ended tasks that are too old or too many, and their events. Says how many. */
  readonly prune: (options: {
    readonly keepFor: Duration.Duration;
    readonly keepCount: number;
    readonly limit: number;
  }) => Effect.Effect<number, TaskStoreError>;
  /** Claims no more of this kind, or of any; or does so again. */
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
  /** If the schedule still stands at `from`: stores the tasks and moves it to `next`. False if another process was first. */
  readonly fire: (options: {
    readonly id: string;
    readonly from: number;
    readonly next: number;
    readonly rows: ReadonlyArray<NewRow>;
  }) => Effect.Effect<boolean, TaskStoreError>;
  /** Up to `limit` events after this one. */
  readonly events: (
    after: number,
    limit: number,
  ) => Effect.Effect<ReadonlyArray<EventRow>, TaskStoreError>;
  /** The number of the last event. */
  readonly lastEvent: Effect.Effect<number, TaskStoreError>;
  /** Pulses when something may have changed, soon but not exactly; readers ask anyway now and then. */
  readonly changes: Stream.Stream<void>;
}

const /** @internal */ Key: Context.ServiceClass<
  TaskStore,
  "@weir/weir/TaskStore",
  Service
> = Context.Service<TaskStore, Service>()("@weir/weir/TaskStore");

/** Where a task manager keeps its tasks. */
export class TaskStore extends Key {}
