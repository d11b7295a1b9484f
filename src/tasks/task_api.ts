/**
 * Tasks over HTTP: submit, look, list, cancel, retry, watch.
 *
 * A page for people is at `/`: it shows tasks as they change, how deep the queue is and how tasks ended in the last minutes, and
 * lets one cancel and retry. It asks for the token where there is one, and keeps it until its tab is closed.
 *
 * With OpenAPI at `/openapi.json`, docs at `/docs`, metrics for Prometheus at `/metrics`, and `/health`, which says whether the
 * store answers. Events are sent as they happen (server-sent events) at `/events` and `/tasks/:id/events`; of one task first
 * where it stands, and the stream ends when it does. A reader of `/events` that comes back with `Last-Event-ID` misses nothing
 * that is still kept. What is wrong with a request is said as a problem of RFC 9457.
 *
 * ```ts
 * import { Task, TaskApi } from "@weir/weir/tasks";
 *
 * const Routes = TaskApi.layer({ tasks: [Task.make("clean-up")] });
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as FileSystem from "effect/FileSystem";
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder";
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware";
import * as HttpApiScalar from "effect/http-api/HttpApiScalar";
import type * as Etag from "effect/http/Etag";
import type * as HttpPlatform from "effect/http/HttpPlatform";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerRespondable from "effect/http/HttpServerRespondable";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as ProblemDetails from "effect/http/ProblemDetails";
import * as Layer from "effect/Layer";
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
import type * as Path from "effect/Path";
import * as Redacted from "effect/Redacted";
import { refuse } from "../internal/check.ts";
import { Api } from "./api_definition.ts";
import { type Guard, guardBy, layerAccess } from "./api_guard.ts";
import { layerHandlers } from "./api_handlers.ts";
import { layerPage } from "./api_page.ts";
import type { Any } from "./kind.ts";
import { TaskManager } from "./service.ts";
import type { TaskStoreError } from "./store_service.ts";

export * from "./api_access.ts";
export * from "./api_definition.ts";

/** What {@linkcode layer} needs to know. */
export interface Options {
  /** The kinds that may be submitted from outside. */
  readonly tasks: ReadonlyArray<Any>;
  /**
   * The bearer token to ask for, everywhere but at `/health`, `/docs` and `/openapi.json`, and of the page at `/`, which holds no
   * data. If omitted, only this machine is answered elsewhere: requests over loopback for a loopback name, by no page of another
   * site and through no proxy.
   */
  readonly token?: Redacted.Redacted | undefined;
}

/**
 * Adds the routes, with a page at `/` and its parts under `/page/`. Throws a `RangeError` that names a bad option.
 *
 * `POST /tasks` takes an `Idempotency-Key`, which is the id of the task. Put `RateLimit.layer` beside this for limits of clients;
 * how large a body may be is the server's to say.
 *
 * @example
 * ```ts
 * import { Limiter } from "@weir/weir";
 * import { DenoHttpServer } from "@weir/weir/deno";
 * import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as HttpApiClient from "effect/http-api/HttpApiClient";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServer from "effect/http/HttpServer";
 * import * as Layer from "effect/Layer";
 * import * as Schema from "effect/Schema";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Double = Task.make("double", {
 *   payload: { n: Schema.Number },
 *   success: Schema.Number,
 * });
 *
 * const Tasks = Double.toLayer(({ n }) => Effect.succeed(2 * n)).pipe(
 *   Layer.provideMerge(TaskManager.layer()),
 *   Layer.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
 * );
 *
 * const Routes = TaskApi.layer({ tasks: [Double] }).pipe(Layer.provide(Tasks));
 *
 * const Server = HttpRouter.serve(Routes, { disableLogger: true }).pipe(
 *   Layer.provideMerge(HttpServer.layerTestClient),
 *   Layer.provide(FetchHttpClient.layer),
 *   Layer.provide(DenoHttpServer.layer({ port: 0 })),
 * );
 *
 * const program = Effect.gen(function* () {
 *   const client = yield* HttpApiClient.make(TaskApi.Api);
 *   const task = yield* client.submit({
 *     payload: { name: "double", payload: { n: 21 } },
 *     headers: { "idempotency-key": "answer" },
 *   });
 *   strictEqual(task.id, "answer");
 *   const { name } = yield* client.get({ params: { id: "answer" } });
 *   strictEqual(name, "double");
 * });
 * await Effect.runPromise(Effect.provide(program, Server));
 * ```
 */
export const layer = ({ tasks, token }: Options): Layer.Layer<
  never,
  TaskStoreError,
  | TaskManager
  | HttpRouter.HttpRouter
  | HttpPlatform.HttpPlatform
  | FileSystem.FileSystem
  | Path.Path
  | Etag.Generator
> => {
  if (token !== undefined && Redacted.value(token) === "") {
    refuse("token", "not empty", "");
  }
  const guard = guardBy(token);
  return Layer.mergeAll(
    HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
      Layer.provide(layerHandlers(tasks)),
      Layer.provide(unsupported.layer),
      Layer.provide([
        layerAccess(guard),
        HttpApiMiddleware.layerProblemDetails({ includeDetails: true }),
      ]),
    ),
    HttpApiScalar.layer(Api),
    layerPage,
    HttpRouter.add("GET", "/metrics", metrics(guard)),
    HttpRouter.use((router) =>
      Effect.flatMap(
        TaskManager,
        ({ stats }) => router.add("GET", "/health", health(stats)),
      )
    ),
  );
};

/** A body in another form than JSON is a problem, too. */
const unsupported = HttpRouter.middleware(
  (app) =>
    Effect.map(
      app,
      (response) =>
        response.status === 415
          ? ProblemDetails.toResponse({
            type: ProblemDetails.blankType,
            status: 415,
            title: "Unsupported Media Type",
            detail: 'Send JSON, as "content-type: application/json"',
          })
          : response,
    ),
);

function metrics(guard: Guard) {
  return HttpServerRequest.HttpServerRequest.pipe(
    Effect.flatMap(guard),
    Effect.andThen(PrometheusMetrics.format()),
    Effect.map((text) =>
      HttpServerResponse.text(text, {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
      })
    ),
    Effect.catch(HttpServerRespondable.toResponse),
  );
}

function health(ask: Effect.Effect<unknown, TaskStoreError>) {
  return Effect.match(ask, {
    onSuccess: () => HttpServerResponse.jsonUnsafe({ status: "ok" }),
    onFailure: () =>
      HttpServerResponse.jsonUnsafe({ status: "unavailable" }, { status: 503 }),
  });
}
