/**
 * A task service on a database, at any free port, until it is told to stop. Says where it is, and when a task begins.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Limiter } from "@weir/weir";
import { DenoHttpServer, DenoRuntime, DenoSqlite } from "@weir/weir/deno";
import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";

const [filename = ""] = Deno.args;

const Job = Task.make("job", {
  payload: { millis: Schema.Finite },
  success: Schema.Finite,
});

const Handlers = Job.toLayer(({ millis }, { id }) =>
  Effect.sync(() => console.log("begins", id)).pipe(
    Effect.andThen(Effect.sleep(millis)),
    Effect.as(Deno.pid),
  )
);

const Tasks = Handlers.pipe(
  Layer.provideMerge(TaskManager.layer({ workers: 8, drain: "1 second" })),
  Layer.provide([
    Limiter.layerUnlimited,
    TaskStore.layerSql().pipe(Layer.provide(DenoSqlite.layer({ filename }))),
  ]),
);

const Ready = Layer.effectDiscard(
  Effect.flatMap(
    HttpServer.HttpServer,
    ({ address }) =>
      Effect.sync(() =>
        console.log("serves", HttpServer.formatAddress(address))
      ),
  ),
);

const Service = Layer.mergeAll(
  HttpRouter.serve(
    TaskApi.layer({ tasks: [Job] }).pipe(Layer.provide(Tasks)),
    { disableLogger: true },
  ),
  Ready,
).pipe(
  Layer.provide(DenoHttpServer.layer({ port: 0, drain: "1 second" })),
);

DenoRuntime.runMain(Layer.launch(Service));
