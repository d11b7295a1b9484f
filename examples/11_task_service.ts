/**
 * A task service on SQLite: submit, look, cancel and retry over HTTP; http://localhost:8000/ is a page that shows tasks live.
 * Permissions: --allow-net=127.0.0.1:8000 --allow-read=. --allow-write=.
 *
 *     curl -X POST localhost:8000/tasks -H 'content-type: application/json' -H 'idempotency-key: 42' \
 *       -d '{"name":"resize","payload":{"image":"cat.png","sizes":[64,256]}}'
 *     curl localhost:8000/tasks/42
 *     curl 'localhost:8000/tasks?status=running'
 *     curl -X POST localhost:8000/tasks/42/cancel
 *     curl -N localhost:8000/events
 *
 * Or by Weir's own command line, from another terminal:
 *
 *     deno run --allow-net=localhost:8000 jsr:@weir/weir/tasks/cli watch
 *
 * What was accepted is in `tasks.db`: stop it with Ctrl-C, or kill it, start it again, and it goes on.
 *
 * @module
 */
import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import { DenoHttpServer, DenoRuntime, DenoSqlite } from "@weir/weir/deno";
import { RateLimit } from "@weir/weir/http";
import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Cron from "effect/Cron";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";

const Resize = Task.make("resize", {
  payload: { image: Schema.String, sizes: Schema.Array(Schema.Int) },
  success: Schema.Array(Schema.String),
  error: Schema.String,
  retry: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 3 })),
  lane: { key: ({ image }) => `image ${image}`, concurrency: 1 },
});

const CleanUp = Task.make("clean-up");

const Handlers = Layer.mergeAll(
  Resize.toLayer(Effect.fnUntraced(function* ({ image, sizes }, run) {
    if (!image.endsWith(".png")) return yield* Effect.fail("not a PNG");
    const files: Array<string> = [];
    for (const size of sizes) {
      yield* Effect.sleep("2 seconds");
      files.push(`${size}-${image}`);
      yield* run.progress({ done: files.length, total: sizes.length });
    }
    return files;
  })),
  CleanUp.toLayer(() => Effect.log("cleaned up")),
);

const Nightly = Layer.effectDiscard(Effect.gen(function* () {
  const tasks = yield* TaskManager.TaskManager;
  yield* tasks.schedule({
    id: "nightly",
    task: CleanUp,
    payload: undefined,
    when: Cron.parseUnsafe("0 3 * * *", "Asia/Ho_Chi_Minh"),
    missed: "latest",
  });
}));

const tasksIn = (filename: string) =>
  Layer.mergeAll(Handlers, Nightly).pipe(
    Layer.provideMerge(TaskManager.layer({ workers: 4, drain: "10 seconds" })),
    Layer.provide([
      Limiter.layer(Quota.tokenBucket({ rate: 50, per: "1 second" })),
      TaskStore.layerSql().pipe(Layer.provide(DenoSqlite.layer({ filename }))),
    ]),
  );

/** A page asks for some twenty things when it is opened. */
const PerClient = KeyedLimiter.layer(
  Quota.tokenBucket({ rate: 10, per: "1 second", burst: 100 }),
).pipe(Layer.provide(LimiterStore.layerMemory()));

/** The service, with its tasks in a file; which server it is on is decided elsewhere. */
export const service = (
  filename: string,
): Layer.Layer<
  never,
  unknown,
  Layer.Success<ReturnType<typeof DenoHttpServer.layer>>
> =>
  HttpRouter.serve(
    Layer.mergeAll(
      TaskApi.layer({ tasks: [Resize, CleanUp] }),
      RateLimit.layer(),
    ).pipe(Layer.provide([tasksIn(filename), PerClient])),
  );

const Server = service("tasks.db").pipe(
  Layer.provide(DenoHttpServer.layer({ port: 8000, drain: "10 seconds" })),
);

if (import.meta.main) DenoRuntime.runMain(Layer.launch(Server));
