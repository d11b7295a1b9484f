import { Limiter } from "@weir/weir";
import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as HttpApiClient from "effect/http-api/HttpApiClient";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpServer from "effect/http/HttpServer";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import { type Served, served } from "../support/served.ts";

const Double = Task.make("double", {
  payload: { n: Schema.Finite },
  success: Schema.Finite,
  error: Schema.String,
  lane: { key: ({ n }) => n === 13 ? "" : "all" },
});

/** Runs until it is cancelled. */
const Slow = Task.make("slow");

/** May not be submitted from outside. */
const Secret = Task.make("secret");

const Handlers = Layer.mergeAll(
  Double.toLayer(({ n }, run) =>
    n < 0
      ? Effect.fail("negative")
      : Effect.as(run.progress({ done: 1, total: 1 }), 2 * n)
  ),
  Slow.toLayer(() => Effect.never),
  Secret.toLayer(() => Effect.void),
);

/** A task service, and its manager. */
export function service(options: {
  readonly token?: Redacted.Redacted;
  readonly store?: Layer.Layer<TaskStore.TaskStore>;
} = {}): Effect.Effect<
  Served & { readonly manager: TaskManager.Service },
  unknown,
  Scope.Scope
> {
  const { store = TaskStore.layerMemory(), token } = options;
  return Effect.gen(function* () {
    const context = yield* Layer.build(Handlers.pipe(
      Layer.provideMerge(TaskManager.layer({ workers: 4 })),
      Layer.provide([Limiter.layerUnlimited, store]),
    ));
    const routes = TaskApi.layer({
      tasks: [Double, Slow],
      ...(token === undefined ? {} : { token }),
    }).pipe(
      Layer.orDie,
      Layer.provide([Layer.succeedContext(context), HttpServer.layerServices]),
    );
    const server = yield* served(routes);
    const manager = yield* Effect.provide(TaskManager.TaskManager, context);
    return { ...server, manager };
  });
}

/** The typed client of a service. */
export function clientOf(
  url: string,
): Effect.Effect<HttpApiClient.ForApi<typeof TaskApi.Api>> {
  return HttpApiClient.make(TaskApi.Api, {
    transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(url)),
  }).pipe(Effect.provide(FetchHttpClient.layer));
}
