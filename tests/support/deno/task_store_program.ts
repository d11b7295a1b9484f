/**
 * Works on the tasks of a database in the way that its arguments say.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { SqlClient } from "effect/sql/SqlClient";

const [command = "", filename = "", number = "0"] = Deno.args;
const print = (value: unknown) =>
  Effect.sync(() => console.log(JSON.stringify(value)));

/** In lanes of two at once, one kind in two, some a moment later. */
const rows = Array.from(
  { length: Number(number) },
  (_, n): TaskStore.NewRow => ({
    id: `t${n}`,
    name: n % 2 === 0 ? "a" : "b",
    payload: { n },
    priority: n % 3,
    maxAttempts: 1000,
    start: { delay: n % 5 === 0 ? 200 : 0 },
    lane: n % 4 === 0
      ? { key: `lane${n % 24}`, concurrency: 2, quota: undefined }
      : undefined,
  }),
);

const insert = Effect.gen(function* () {
  const store = yield* TaskStore.TaskStore;
  const [first, ...rest] = rows;
  if (first !== undefined) yield* store.insert([first, ...rest]);
  return "inserted";
});

/** Claims and settles until all has ended; tells of each settlement once it is committed. */
const work = Effect.gen(function* () {
  const store = yield* TaskStore.TaskStore;
  yield* print("works");
  for (;;) {
    yield* store.reap(100);
    yield* store.promote(100);
    const claimed = yield* store.claim({
      names: ["a", "b"],
      limit: 4,
      lease: Duration.millis(300),
    });
    const [first, ...rest] = claimed.map(({ id, lease }) => ({
      lease,
      outcome: { _tag: "Completed", result: id } as const,
    }));
    if (first === undefined) {
      const { pending, running, scheduled } = yield* store.stats;
      if (pending + running + scheduled === 0) return "done";
      yield* Effect.sleep("20 millis");
      continue;
    }
    yield* store.progress(first.lease, { done: 1 });
    const lost = yield* store.settle([first, ...rest]);
    const isLost = new Set(lost.map(({ id }) => id));
    yield* print(
      claimed.map(({ id }) => id).filter((id) => !isLost.has(id)),
    );
  }
});

/** Tells what there is, counted anew. */
const look = Effect.gen(function* () {
  const sql = yield* SqlClient;
  const store = yield* TaskStore.TaskStore;
  const [integrity] = yield* sql`PRAGMA integrity_check`.values;
  return {
    integrity: integrity?.[0],
    stats: yield* store.stats,
    counted: yield* sql`SELECT status, count(*) FROM weir_tasks
      GROUP BY status ORDER BY status`.values,
    ends: yield* sql`SELECT ends, count(*) FROM (
        SELECT count(*) AS ends FROM weir_task_events
        WHERE status = 'completed' GROUP BY task
      ) GROUP BY ends`.values,
    begins: yield* sql`SELECT count(*), (SELECT sum(attempts) FROM weir_tasks)
      FROM weir_task_events WHERE status = 'running' AND progress IS NULL`
      .values,
    lanes: yield* sql`SELECT sum(pending), sum(running), sum(tasks)
      FROM weir_task_lanes`.values,
  };
});

const programs: Readonly<
  Record<
    string,
    Effect.Effect<unknown, unknown, TaskStore.TaskStore | SqlClient>
  >
> = { insert, work, look };

await Effect.runPromise(
  (programs[command] ?? Effect.die(`unknown: ${command}`)).pipe(
    Effect.flatMap(print),
    Effect.provide(
      Layer.provideMerge(
        TaskStore.layerSql(),
        DenoSqlite.layer({ filename, busyTimeout: "60 seconds" }),
      ),
    ),
  ),
);
