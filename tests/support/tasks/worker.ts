/**
 * A process that works on the tasks of a database until it is killed, and keeps a ledger outside of it: a line when a handler
 * begins, and one when it ends. With "submit" it submits so many tasks instead, and ends.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { Limiter } from "@weir/weir";
import { DenoRuntime, DenoSqlite } from "@weir/weir/deno";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";

const [command, database = "", ledger = "", count = "0"] = Deno.args;

const Job = Task.make("job", {
  payload: { n: Schema.Number },
  success: Schema.Number,
  maxAttempts: 1000,
});

const note = (file: Deno.FsFile, line: string) =>
  Effect.sync(() => file.writeSync(new TextEncoder().encode(`${line}\n`)));

const Store = TaskStore.layerSql().pipe(
  Layer.provide(DenoSqlite.layer({ filename: database })),
);

const Manager = TaskManager.layer({ workers: 8, lease: "1 second" }).pipe(
  Layer.provide([Limiter.layerUnlimited, Store]),
);

const submit = Effect.gen(function* () {
  const tasks = yield* TaskManager.TaskManager;
  const payloads = Array.from({ length: Number(count) }, (_, n) => ({ n }));
  yield* tasks.submitMany(Job, payloads);
  console.log("submitted");
}).pipe(Effect.provide(Manager));

const work = Effect.gen(function* () {
  const file = yield* Effect.acquireRelease(
    Effect.promise(() => Deno.open(ledger, { append: true, create: true })),
    (file) => Effect.sync(() => file.close()),
  );
  const Worker = Job.toLayer(({ n }, { attempt, id }) =>
    Effect.gen(function* () {
      yield* note(file, `begin ${id} ${attempt} ${Date.now()} ${Deno.pid}`);
      yield* Effect.sleep(5 + (n * 7) % 20);
      yield* note(file, `end ${id} ${attempt} ${Date.now()} ${Deno.pid}`);
      return n;
    })
  ).pipe(Layer.provideMerge(Manager));
  const tasks = yield* Effect.provideContext(
    TaskManager.TaskManager,
    yield* Layer.build(Worker),
  );
  console.log("works");
  while (true) {
    const { completed, pending, running, scheduled } = yield* tasks.stats;
    if (pending + running + scheduled === 0) break;
    console.log(`${completed} completed`);
    yield* Effect.sleep("100 millis");
  }
  console.log("done");
}).pipe(Effect.scoped);

DenoRuntime.runMain(command === "submit" ? submit : work);
