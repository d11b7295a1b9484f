/**
 * The HTTP API of a task manager, as data: for its server, its documentation and its typed clients.
 *
 * @module
 */
import type * as DateTime from "effect/DateTime";
import * as HttpApi from "effect/http-api/HttpApi";
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint";
import * as HttpApiGroup from "effect/http-api/HttpApiGroup";
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware";
import * as HttpApiSchema from "effect/http-api/HttpApiSchema";
import * as OpenApi from "effect/http-api/OpenApi";
import * as Schema from "effect/Schema";
import { canBeKept } from "../internal/check.ts";
import { Access } from "./api_access.ts";
import {
  ConflictProblem,
  MissingProblem,
  StoreProblem,
} from "./api_problems.ts";
import type { TaskConflict, TaskNotFound } from "./errors.ts";
import { Info } from "./info.ts";
import { ProgressSchema, StatusSchema } from "./status_schemas.ts";
import type { Event, Stats } from "./service.ts";
import type { Status } from "./status.ts";
import type { TaskStoreError } from "./store_service.ts";

/** The body of `POST /tasks`. */
export interface Submission {
  /** Which kind. */
  readonly name: string;
  /** What it is given, as JSON. */
  readonly payload?: unknown;
  /** Higher goes first; 0 if omitted. */
  readonly priority?: number;
  /** Not before. */
  readonly runAt?: DateTime.Utc;
}

/** The answer to `GET /tasks`. */
export interface TaskPage {
  /** The tasks, newest first. */
  readonly tasks: ReadonlyArray<Info>;
  /** Where the next page begins; none if this is the last. */
  readonly cursor?: string;
}

/** What happened in five seconds, and what stood at their end. */
export interface Sample {
  /** The end of the five seconds. */
  readonly at: DateTime.Utc;
  /** How many tasks waited then, scheduled ones not counted. */
  readonly waiting: number;
  /** How many tasks ran then. */
  readonly running: number;
  /** How many were completed in them. */
  readonly completed: number;
  /** How many failed in them, for good. */
  readonly failed: number;
  /** How many were cancelled in them. */
  readonly cancelled: number;
}

/** A JSON body of this type. */
export type Json<A> = Schema.toCodecJson<Schema.Codec<A, unknown>>;

/** A JSON body of one of two types. */
export type OneOf<A, B> = Schema.toCodecJson<
  Schema.Codec<A, unknown> | Schema.Codec<B, unknown>
>;

/** Parameters of this type in a path, a query or headers. */
export type Text<A> = Schema.toCodecStringTree<Schema.Codec<A, unknown>>;

/** The path of one task. */
export type Id = Text<{ readonly id: string }>;

/** Where a reader of events left off. */
export type LastEvent = Text<{ readonly "last-event-id"?: string }>;

/** Events as they happen, as server-sent events. */
export type Events = HttpApiSchema.StreamSse<
  HttpApiSchema.SseEventFromData<Schema.Codec<Event, unknown>>,
  Schema.Never,
  Event
>;

/** What holds for every endpoint. */
export type Middleware = Access | HttpApiMiddleware.ProblemDetails;

/** `POST /tasks` */
export type Submit = HttpApiEndpoint.HttpApiEndpoint<
  "submit",
  "POST",
  "/tasks",
  never,
  never,
  Json<Submission>,
  Text<{ readonly "idempotency-key"?: string }>,
  Json<Info>,
  OneOf<TaskConflict, TaskStoreError>,
  Middleware
>;

/** `GET /tasks` */
export type List = HttpApiEndpoint.HttpApiEndpoint<
  "list",
  "GET",
  "/tasks",
  never,
  Text<
    {
      readonly status?: Status;
      readonly name?: string;
      readonly limit?: number;
      readonly cursor?: string;
    }
  >,
  never,
  never,
  Json<TaskPage>,
  Json<TaskStoreError>,
  Middleware
>;

/** `GET /tasks/:id` */
export type Get = HttpApiEndpoint.HttpApiEndpoint<
  "get",
  "GET",
  "/tasks/:id",
  Id,
  never,
  never,
  never,
  Json<Info>,
  OneOf<TaskNotFound, TaskStoreError>,
  Middleware
>;

/** `POST /tasks/:id/cancel` */
export type Cancel = HttpApiEndpoint.HttpApiEndpoint<
  "cancel",
  "POST",
  "/tasks/:id/cancel",
  Id,
  never,
  never,
  never,
  Json<Info>,
  OneOf<TaskNotFound, TaskStoreError>,
  Middleware
>;

/** `POST /tasks/:id/retry` */
export type Retry = HttpApiEndpoint.HttpApiEndpoint<
  "retry",
  "POST",
  "/tasks/:id/retry",
  Id,
  never,
  never,
  never,
  Json<Info>,
  OneOf<TaskNotFound, TaskStoreError>,
  Middleware
>;

/** `GET /tasks/:id/events` */
export type TaskEvents = HttpApiEndpoint.HttpApiEndpoint<
  "taskEvents",
  "GET",
  "/tasks/:id/events",
  Id,
  never,
  never,
  never,
  Events,
  OneOf<TaskNotFound, TaskStoreError>,
  Middleware
>;

/** `GET /events` */
export type AllEvents = HttpApiEndpoint.HttpApiEndpoint<
  "events",
  "GET",
  "/events",
  never,
  never,
  never,
  LastEvent,
  Events,
  Json<TaskStoreError>,
  Middleware
>;

/** `GET /stats` */
export type StatsEndpoint = HttpApiEndpoint.HttpApiEndpoint<
  "stats",
  "GET",
  "/stats",
  never,
  never,
  never,
  never,
  Json<Stats>,
  Json<TaskStoreError>,
  Middleware
>;

/** `GET /history` */
export type History = HttpApiEndpoint.HttpApiEndpoint<
  "history",
  "GET",
  "/history",
  never,
  never,
  never,
  never,
  Json<ReadonlyArray<Sample>>,
  never,
  Middleware
>;

/** Every endpoint. */
export type Endpoints =
  | Submit
  | List
  | Get
  | Cancel
  | Retry
  | TaskEvents
  | AllEvents
  | StatsEndpoint
  | History;

const SubmissionSchema: Schema.Codec<Submission, unknown> = Schema.Struct({
  name: Schema.String,
  payload: Schema.optionalKey(Schema.Unknown),
  priority: Schema.optionalKey(Schema.Finite),
  runAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
});

const TaskPageSchema: Schema.Codec<TaskPage, unknown> = Schema.Struct({
  tasks: Schema.Array(Info),
  cursor: Schema.optionalKey(Schema.String),
});

const EventSchema: Schema.Codec<Event, unknown> = Schema.Struct({
  sequence: Schema.Int,
  at: Schema.DateTimeUtcFromString,
  id: Schema.String,
  name: Schema.String,
  status: StatusSchema,
  progress: Schema.optionalKey(ProgressSchema),
});

const StatsSchema: Schema.Codec<Stats, unknown> = Schema.Struct({
  scheduled: Schema.Int,
  pending: Schema.Int,
  running: Schema.Int,
  completed: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int,
});

const SampleSchema: Schema.Codec<Sample, unknown> = Schema.Struct({
  at: Schema.DateTimeUtcFromString,
  waiting: Schema.Int,
  running: Schema.Int,
  completed: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int,
});
const Samples: Schema.Codec<ReadonlyArray<Sample>, unknown> = Schema.Array(
  SampleSchema,
);

/** What every store can keep as a name. */
const Named = Schema.NonEmptyString.check(
  Schema.makeFilter((text) =>
    canBeKept(text) ? undefined : "Expected well-formed text without NUL"
  ),
);

const limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }));

const ListQuery: Schema.Codec<List["~Query"]["Type"], unknown> = Schema.Struct({
  status: Schema.optionalKey(StatusSchema),
  name: Schema.optionalKey(Named),
  limit: Schema.optionalKey(limit),
  cursor: Schema.optionalKey(Schema.String),
});

const Path: Schema.Codec<{ readonly id: string }, unknown> = Schema.Struct({
  id: Named,
});

const Key: Schema.Codec<Submit["~Headers"]["Type"], unknown> = Schema.Struct({
  "idempotency-key": Schema.optionalKey(Named),
});

const Last: Schema.Codec<AllEvents["~Headers"]["Type"], unknown> = Schema
  .Struct({ "last-event-id": Schema.optionalKey(Schema.String) });

const events: Events = HttpApiSchema.StreamSse({ data: EventSchema });

/** Where one task stands. */
const one = {
  params: Path,
  success: Info,
  error: [MissingProblem, StoreProblem],
} as const;

const group: HttpApiGroup.HttpApiGroup<"tasks", Endpoints, true> = HttpApiGroup
  .make("tasks", { topLevel: true }).add(
    HttpApiEndpoint.post("submit", "/tasks", {
      payload: SubmissionSchema,
      headers: Key,
      success: Info.pipe(HttpApiSchema.status(202)),
      error: [ConflictProblem, StoreProblem],
    }),
    HttpApiEndpoint.get("list", "/tasks", {
      query: ListQuery,
      success: TaskPageSchema,
      error: StoreProblem,
    }),
    HttpApiEndpoint.get("get", "/tasks/:id", one),
    HttpApiEndpoint.post("cancel", "/tasks/:id/cancel", one),
    HttpApiEndpoint.post("retry", "/tasks/:id/retry", one),
    HttpApiEndpoint.get("taskEvents", "/tasks/:id/events", {
      params: Path,
      success: events,
      error: [MissingProblem, StoreProblem],
    }),
    HttpApiEndpoint.get("events", "/events", {
      headers: Last,
      success: events,
      error: StoreProblem,
    }),
    HttpApiEndpoint.get("stats", "/stats", {
      success: StatsSchema,
      error: StoreProblem,
    }),
    HttpApiEndpoint.get("history", "/history", { success: Samples }),
  )
  .middleware(Access)
  .middleware(HttpApiMiddleware.ProblemDetails);

/** A name that is not known is a mistake of who wrote it. All that is wrong is said at once. */
const strict = { onExcessProperty: "error", errors: "all" } as const;

/**
 * The definition, for typed clients: `HttpApiClient.make(TaskApi.Api)`.
 */
export const Api: HttpApi.HttpApi<
  "weir",
  HttpApiGroup.HttpApiGroup<"tasks", Endpoints, true>
> = HttpApi.make("weir")
  .add(group)
  .annotate(HttpApi.PayloadParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotateMerge(OpenApi.annotations({
    title: "Tasks",
    description: "Submit, look, list, cancel, retry, watch.",
  }));
