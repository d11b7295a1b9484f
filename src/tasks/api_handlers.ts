/**
 * Answers the requests of the HTTP API of a task manager.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder";
import * as HttpApiError from "effect/http-api/HttpApiError";
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import type * as Layer from "effect/Layer";
import type * as Schema from "effect/Schema";
import * as SchemaIssue from "effect/SchemaIssue";
import { Api, type Middleware, type Submission } from "./api_definition.ts";
import { Feed, type Reader } from "./api_feed.ts";
import { History } from "./api_history.ts";
import { codecsOf } from "./codecs.ts";
import type { TaskConflict, TaskNotFound } from "./errors.ts";
import type { Info } from "./info.ts";
import type { Any, Kind } from "./kind.ts";
import type { Query } from "./query.ts";
import { infoFor } from "./row_info.ts";
import { type Event, type Page, type Service, TaskManager } from "./service.ts";
import type { TaskStoreError } from "./store_service.ts";

/** How long a request waits until the task that it cancels has stopped, in milliseconds. */
const patience = 10_000;

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1();

/** Answers for the tasks that may be submitted from outside. */
export function layerHandlers(
  tasks: ReadonlyArray<Any>,
): Layer.Layer<
  HttpApiGroup.Service<"weir", "tasks">,
  TaskStoreError,
  TaskManager | Middleware
> {
  const kinds = new Map(tasks.map((task) => [task.name, task]));
  return HttpApiBuilder.group(
    Api,
    "tasks",
    (handlers) =>
      Effect.gen(function* () {
        const manager = yield* TaskManager;
        const history = new History();
        const feed = yield* Feed.start(manager, history.count);
        yield* history.sampling(manager);
        return handlers.handle("submit", ({ headers, payload }) =>
          submit(manager, kinds, payload, headers["idempotency-key"]))
          .handle("list", ({ query }) =>
            list(manager, query))
          .handle("get", ({ params }) =>
            infoFor(manager, params.id))
          .handle("cancel", ({ params }) => cancel(manager, params.id))
          .handle("retry", ({ params }) =>
            Effect.andThen(
              manager.retry(params.id),
              infoFor(manager, params.id),
            ))
          .handle("stats", () => manager.stats)
          .handle("history", () => Effect.sync(() => history.all))
          .handleRaw("events", ({ headers }) =>
            Effect.map(
              positionOf(manager, feed, headers["last-event-id"]),
              (after) => answerOf(feed.all(after)),
            ))
          .handleRaw("taskEvents", ({ params }) =>
            Effect.gen(function* () {
              const sequence = feed.last;
              const info = yield* infoFor(manager, params.id);
              return answerOf(feed.one(yield* eventOf(info, sequence)));
            }));
      }),
  );
}

function list(
  manager: Service,
  query: Query,
): Effect.Effect<Page, HttpApiError.BadRequestProblem | TaskStoreError> {
  return Effect.catchIf(
    manager.list(query),
    ({ reason }) => reason === "Corrupt" && query.cursor !== undefined,
    ({ detail }) => Effect.fail(bad(["query", "cursor"], detail)),
  );
}

function submit(
  manager: Service,
  kinds: ReadonlyMap<string, Any>,
  { name, payload = null, priority, runAt }: Submission,
  id: string | undefined,
): Effect.Effect<
  Info,
  HttpApiError.BadRequestProblem | TaskConflict | TaskStoreError
> {
  return Effect.gen(function* () {
    const kind = kinds.get(name);
    if (kind === undefined) {
      const names = [...kinds.keys()].map((one) => JSON.stringify(one));
      return yield* bad(
        ["payload", "name"],
        `Expected ${names.join(" or ")}, got ${JSON.stringify(name)}`,
      );
    }
    const value = yield* Effect.mapError(
      codecsOf(kind).decodePayload(payload),
      misfit,
    );
    const { submitted } = yield* manager.submit(
      // What the schema made of the payload is of its type.
      kind as Kind<string, unknown, unknown, unknown>,
      value,
      { priority, runAt, ...(id === undefined ? {} : { id }) },
    );
    return submitted;
  }).pipe(
    // An id or a lane that no store can keep, or what is nested too deep to be written.
    Effect.catchDefect((defect) =>
      defect instanceof RangeError
        ? Effect.fail(bad(["payload"], defect.message))
        : Effect.die(defect)
    ),
  );
}

/** The ask stands, even where the task takes its time to stop. */
function cancel(
  manager: Service,
  id: string,
): Effect.Effect<Info, TaskNotFound | TaskStoreError> {
  return Effect.andThen(
    Effect.timeoutOption(manager.cancel(id), patience),
    infoFor(manager, id),
  );
}

/** After which event a reader goes on: the one that it names, unless it was never sent. */
function positionOf(
  manager: Service,
  feed: Feed,
  last: string | undefined,
): Effect.Effect<number, HttpApiError.BadRequestProblem | TaskStoreError> {
  if (last === undefined) return Effect.succeed(feed.last);
  if (!/^\d{1,15}$/.test(last)) {
    return Effect.fail(
      bad(["headers", "last-event-id"], `Expected a number, got "${last}"`),
    );
  }
  return Effect.map(
    manager.lastEvent,
    (newest) => Number(last) > newest ? feed.last : Number(last),
  );
}

function eventOf(
  { id, name, progress, status }: Info,
  sequence: number,
): Effect.Effect<Event> {
  return Effect.map(DateTime.now, (at) => ({
    ...{ sequence, at, id, name, status },
    ...(progress === undefined ? {} : { progress }),
  }));
}

/** Proxies are told to hold nothing back. */
function answerOf(reader: Reader): HttpServerResponse.HttpServerResponse {
  const stream = new ReadableStream(reader, { highWaterMark: 0 });
  return HttpServerResponse.raw(stream, {
    contentType: "text/event-stream",
    headers: { "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

/** What is wrong, and where. */
function bad(
  path: ReadonlyArray<string | number>,
  message: string,
): HttpApiError.BadRequestProblem {
  return new HttpApiError.BadRequestProblem({
    detail: message,
    errors: [{ path, message }],
  });
}

function misfit({ issue }: Schema.SchemaError): HttpApiError.BadRequestProblem {
  const errors = formatIssues(issue).issues.map(({ message, path = [] }) => ({
    message,
    path: [
      ...["payload", "payload"],
      ...path.map((key) => String(typeof key === "object" ? key.key : key)),
    ],
  }));
  return new HttpApiError.BadRequestProblem({
    detail: "The payload does not fit",
    errors,
  });
}
