/**
 * Weir's task service, with so many workers, on a file or else in memory.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import { DenoSqlite } from "@weir/weir/deno";
import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as HttpServer from "effect/http/HttpServer";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import { serveRoutes } from "../../http/servers/serve.ts";
import { kind } from "../../tasks/sites.ts";

const [workers = "0", filename] = Deno.args;

const Email = Task.make(kind, { payload: { to: Schema.String } });
const Handlers = workers === "0"
  ? Layer.empty
  : Email.toLayer(() => Effect.void);

const Store = filename === undefined
  ? TaskStore.layerMemory()
  : TaskStore.layerSql().pipe(Layer.provide(DenoSqlite.layer({ filename })));

const Tasks = Handlers.pipe(
  Layer.provideMerge(TaskManager.layer({ workers: Number(workers) || 1 })),
  Layer.provide([Limiter.layerUnlimited, Store]),
);

serveRoutes(
  TaskApi.layer({ tasks: [Email] }).pipe(
    Layer.provide([Tasks, HttpServer.layerServices]),
    Layer.orDie,
  ),
);
