import { Quota } from "@weir/weir";
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as SqlClient from "effect/sql/SqlClient";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok } from "node:assert/strict";
import { faultsOf, noting } from "../support/sql/plans.ts";
import { claim, completed, lane, names, task, tasks } from "./suite/claims.ts";

/** Steps of plans that read more than they give. What recursion and subqueries made before has other names. */
const slow =
  /^(?:SCAN (?:weir_|task\b|event\b)(?!\w* USING INDEX weir_tasks_(?:failed|cancelled|scheduled)$)|USE TEMP B-TREE)/;

/** Those that are known: they read one row, what runs, as many as asked for of each kind, or back from the newest. */
const known = [
  ["FROM weir_task_state", "SCAN weir_task_state"],
  ["UPDATE weir_task_state", "SCAN weir_task_state"],
  ["FROM weir_task_schedules", "SCAN weir_task_schedules"],
  ["FROM weir_task_schedules", "USE TEMP B-TREE FOR ORDER BY"],
  ["UNION ALL", "USE TEMP B-TREE FOR ORDER BY"],
  ["stage = 0 AND expires", "USE TEMP B-TREE FOR ORDER BY"],
  ["stage = 0 AND status", "USE TEMP B-TREE FOR ORDER BY"],
  ["FROM weir_tasks ORDER BY seq DESC", "SCAN weir_tasks"],
  ["status = ? ORDER BY seq DESC", "SCAN weir_tasks"],
] as const;

testEffect(
  "TaskStore.layerSql() walks past no backlog: each statement finds what it needs by an index",
  Effect.gen(function* () {
    const noted = new Set<string>();
    yield* Effect.gen(function* () {
      const store = yield* TaskStore.TaskStore;
      const quota = Quota.slidingWindow({ limit: 1, window: "1 second" });
      yield* store.insert([
        ...tasks(names("p", 20)),
        ...tasks(names("x", 4), lane("x", 3, quota)),
        ...tasks(names("y", 4), lane("y", 3)),
        task("later", { start: { delay: 10 } }),
        task("other", { name: "other" }),
      ]);
      const claimed = yield* claim(store, 12, ["mail", "other"]);
      yield* claim(store, 20);
      const [first] = claimed;
      yield* store.heartbeat([first!.lease], Duration.seconds(1));
      yield* store.progress(first!.lease, { done: 1 });
      for (const { lease } of claimed.slice(0, 6)) {
        yield* store.settle([{ lease, outcome: completed }]);
      }
      yield* store.cancel("later");
      yield* store.retry("later");
      yield* TestClock.adjust("1 minute");
      yield* store.promote(10);
      yield* store.reap(10);
      const keepFor = Duration.zero;
      yield* store.prune({ keepFor, keepCount: 0, limit: 10 });
      yield* store.putSchedule({ id: "s", spec: 1, next: 1 });
      yield* store.fire({ id: "s", from: 1, next: 2, rows: [] });
      yield* store.schedules;
      yield* store.removeSchedule("s");
      yield* store.get("p0");
      yield* store.events(0, 10);
      yield* store.lastEvent;
      yield* store.stats;
      const statuses = [undefined, "failed", "cancelled", "scheduled"] as const;
      for (const status of [...statuses, "running", "pending"] as const) {
        for (const name of [undefined, "mail"]) {
          yield* store.list({ status, name });
          yield* store.list({ status, name, cursor: "9" });
        }
      }

      const read = [...noted].filter((text) =>
        /^(?:SELECT|UPDATE|DELETE|WITH)/.test(text) && text.includes("weir_") &&
        !text.includes("weir_task_versions")
      );
      ok(read.length > 30, `only ${read.length} statements`);
      deepStrictEqual(yield* faultsOf(read, slow, known), []);
    }).pipe(
      Effect.provide(
        TaskStore.layerSql().pipe(Layer.provideMerge(noting(noted))),
      ),
    );
  }),
);

testEffect(
  "TaskStore.layerSql() keeps a full lane out of the way of claims, and of one with room all but the first of each kind",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient;
      const store = yield* TaskStore.TaskStore;
      const ready = Effect.map(
        sql<{ readonly id: string }>`SELECT id FROM weir_tasks
          WHERE stage = 1 ORDER BY id`,
        (rows) => rows.map(({ id }) => id),
      );
      yield* store.insert([
        ...tasks(names("a", 4), lane("x", 1)),
        ...tasks(names("b", 3), { name: "other", ...lane("x", 1) }),
        task("later", { start: { delay: 10 } }),
      ]);
      deepStrictEqual(yield* ready, ["a0", "b0"]);
      const [first] = yield* claim(store, 9);
      deepStrictEqual(yield* ready, []);
      yield* store.insert([task("c", { priority: 9, ...lane("x", 1) })]);
      deepStrictEqual(yield* ready, []);
      yield* store.settle([{ lease: first!.lease, outcome: completed }]);
      deepStrictEqual(yield* ready, ["b0", "c"]);
      yield* store.cancel("c");
      deepStrictEqual(yield* ready, ["a1", "b0"]);
      yield* store.insert(tasks(["d"], { priority: 1, ...lane("x", 2) }));
      deepStrictEqual(yield* ready, ["b0", "d"]);
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          TaskStore.layerSql(),
          DenoSqlite.layer({ filename: ":memory:" }),
        ),
      ),
    );
  }),
);
