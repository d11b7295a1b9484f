/**
 * What a task manager does.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Cron from "effect/Cron";
import type * as DateTime from "effect/DateTime";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Option from "effect/Option";
import type * as Stream from "effect/Stream";
import type { Limiter } from "../limiter/mod.ts";
import type {
  TaskCancelled,
  TaskConflict,
  TaskDied,
  TaskNotFound,
} from "./errors.ts";
import type { Info } from "./info.ts";
import type { Kind } from "./kind.ts";
import type { Query } from "./query.ts";
import type { Progress, Status } from "./status.ts";
import type { TaskStoreError } from "./store_service.ts";

/** How one task is submitted. */
export interface SubmitOptions {
  /** Names it: submitting the same id again gives the first task, whatever became of it. Made up if omitted. Adds {@linkcode TaskConflict} to the errors. */
  readonly id?: string | undefined;
  /** Higher goes first; 0 if omitted. First in, first out among equals. */
  readonly priority?: number | undefined;
  /** Not before this time from now. */
  readonly delay?: Duration.Input | undefined;
  /** Not before this instant. */
  readonly runAt?: DateTime.DateTime.Input | undefined;
}

/** The errors that the options in `O` make possible. */
export type SubmitError<O> =
  | TaskStoreError
  | (O extends unknown ? ("id" extends keyof O ? TaskConflict : never) : never);

/** How waiting for a task's result can fail, besides its own errors. */
export type AwaitError =
  | TaskCancelled
  | TaskDied
  | TaskNotFound
  | TaskStoreError;

/** A task that was submitted, here or elsewhere, now or before a restart. */
export interface Handle<out A, out E> {
  /** Names it. */
  readonly id: string;
  /** Waits for its result. */
  readonly await: Effect.Effect<A, E | AwaitError>;
  /** Where it stands. */
  readonly info: Effect.Effect<Info, TaskNotFound | TaskStoreError>;
  /** As {@linkcode Service.cancel}. */
  readonly cancel: Effect.Effect<boolean, TaskStoreError>;
}

/** A task that was submitted just now. */
export interface Submitted<out A, out E> extends Handle<A, E> {
  /** Where it stood when it was stored; where one of this id stood already, that one. */
  readonly submitted: Info;
}

/** Part of a list. */
export interface Page {
  /** The tasks. */
  readonly tasks: ReadonlyArray<Info>;
  /** Where the next page begins; none if this is the last. */
  readonly cursor?: string;
}

/** Something happened to a task. */
export interface Event {
  /** Counts up, in the order that the store saw it. */
  readonly sequence: number;
  /** When. */
  readonly at: DateTime.Utc;
  /** Which task. */
  readonly id: string;
  /** Its kind. */
  readonly name: string;
  /** Where it stands now. */
  readonly status: Status;
  /** How far it is. */
  readonly progress?: Progress;
}

/** Which events. */
export interface EventOptions {
  /** Only of this task; the stream ends when it does. */
  readonly id?: string | undefined;
  /** Only after this sequence number; from now on if omitted. */
  readonly after?: number | undefined;
}

/** Tasks that come again and again. */
export interface ScheduleOptions<Name extends string, Payload, A, E> {
  /** Names the schedule; declaring it again replaces it. */
  readonly id: string;
  /** What to run. */
  readonly task: Kind<Name, Payload, A, E>;
  /** With what. */
  readonly payload: NoInfer<Payload>;
  /** At these times, with their time zone, or this often. */
  readonly when: Cron.Cron | Duration.Input;
  /** What to do about times that passed while no process ran: `"skip"` them, run the `"latest"`, or `"all"`. `"latest"` if omitted. */
  readonly missed?: "skip" | "latest" | "all" | undefined;
}

/** A schedule as it stands. */
export interface ScheduleInfo {
  /** Names it. */
  readonly id: string;
  /** What it runs. */
  readonly name: string;
  /** When it runs next. */
  readonly next: DateTime.Utc;
}

/** How many tasks stand where. */
export type Stats = Readonly<Record<Status, number>>;

/**
 * Accepts tasks, runs those that have a handler in this process, and knows what became of all.
 *
 * What was submitted is not lost: it runs at least once, and is settled once; the first final state wins. A handler whose
 * lease is lost is interrupted and settles nothing.
 */
export interface Service {
  /** Accepts a task. When this returns it is stored. */
  readonly submit: <
    Name extends string,
    Payload,
    A,
    E,
    const O extends SubmitOptions = Limiter.NoOptions,
  >(
    task: Kind<Name, Payload, A, E>,
    payload: NoInfer<Payload>,
    options?: Limiter.Exactly<SubmitOptions, O>,
  ) => Effect.Effect<Submitted<A, E>, SubmitError<O>>;
  /** Accepts many tasks in one step: all or none. */
  readonly submitMany: <Name extends string, Payload, A, E>(
    task: Kind<Name, Payload, A, E>,
    payloads: Iterable<NoInfer<Payload>>,
    options?: Omit<SubmitOptions, "id">,
  ) => Effect.Effect<ReadonlyArray<Handle<A, E>>, TaskStoreError>;
  /** The handle of a task that was submitted before. */
  readonly handle: <Name extends string, Payload, A, E>(
    task: Kind<Name, Payload, A, E>,
    id: string,
  ) => Handle<A, E>;
  /** What is known about a task. */
  readonly get: (
    id: string,
  ) => Effect.Effect<Option.Option<Info>, TaskStoreError>;
  /** Which tasks there are. */
  readonly list: (query?: Query) => Effect.Effect<Page, TaskStoreError>;
  /**
   * Cancels a task. One that waits never begins; one that runs, in whatever process, is interrupted and is cancelled when its
   * finalizers have run. False if it had ended, or never was.
   */
  readonly cancel: (id: string) => Effect.Effect<boolean, TaskStoreError>;
  /** Lets a failed or cancelled task begin anew, with all its attempts. False if it stands elsewhere. */
  readonly retry: (id: string) => Effect.Effect<boolean, TaskStoreError>;
  /** What happens, as it happens. A slow reader misses nothing that is still kept, and goes on by `after`. */
  readonly events: (
    options?: EventOptions,
  ) => Stream.Stream<Event, TaskStoreError>;
  /** The number of the last event; 0 before the first. Read it before a list, and `events` after it miss nothing that is not in the list. */
  readonly lastEvent: Effect.Effect<number, TaskStoreError>;
  /** Begins no more tasks of this kind, or of any, in all processes. Those that run go on. */
  readonly pause: (name?: string) => Effect.Effect<void, TaskStoreError>;
  /** Ends a pause. */
  readonly resume: (name?: string) => Effect.Effect<void, TaskStoreError>;
  /** Declares tasks that come again and again. One task per time, however many processes there are. */
  readonly schedule: <Name extends string, Payload, A, E>(
    options: ScheduleOptions<Name, Payload, A, E>,
  ) => Effect.Effect<void, TaskStoreError>;
  /** Ends a schedule. False if there was none. */
  readonly unschedule: (id: string) => Effect.Effect<boolean, TaskStoreError>;
  /** Which schedules there are. */
  readonly schedules: Effect.Effect<
    ReadonlyArray<ScheduleInfo>,
    TaskStoreError
  >;
  /** How many tasks stand where. */
  readonly stats: Effect.Effect<Stats, TaskStoreError>;
}

const /** @internal */ Key: Context.ServiceClass<
  TaskManager,
  "@weir/weir/TaskManager",
  Service
> = Context.Service<TaskManager, Service>()("@weir/weir/TaskManager");

/** The task manager. */
export class TaskManager extends Key {}
