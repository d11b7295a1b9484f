import { Quota } from "@weir/weir";
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import { SqlClient } from "effect/sql/SqlClient";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { storeSuite } from "./store_suite.ts";
import {
  claim,
  claimIds,
  claimOne,
  completed,
  counts,
  history,
  lane,
  names,
  settle,
  task,
  tasks,
} from "./suite/claims.ts";

const memory = () => DenoSqlite.layer({ filename: ":memory:" });

storeSuite(
  "TaskStore.layerSql()",
  (options) => Layer.provide(TaskStore.layerSql(options), memory()),
);

/** A test of the store along with its client. */
const testSql = (
  name: string,
  body: (
    sql: SqlClient,
    store: TaskStore.Service,
  ) => Effect.Effect<void, unknown, TaskStore.TaskStore | SqlClient>,
) =>
  testEffect(
    `TaskStore.layerSql() ${name}`,
    Effect.flatMap(
      SqlClient,
      (sql) => Effect.flatMap(TaskStore.TaskStore, (store) => body(sql, store)),
    ).pipe(
      Effect.provide(Layer.provideMerge(TaskStore.layerSql(), memory())),
    ),
  );

Deno.test("TaskStore.layerSql() refuses a capacity that is none", () => {
  for (const capacity of [0, 1.5, NaN, Infinity]) {
    throws(() => TaskStore.layerSql({ capacity }), {
      name: "RangeError",
      message: /"capacity" must be a whole number, at least 1/,
    });
  }
});

testSql(
  "takes part in a transaction of its client, and tells of it when that has come through",
  Effect.fnUntraced(function* (sql, store) {
    let pulses = 0;
    const reader = yield* Effect.forkChild(
      Stream.runForEach(store.changes, () => Effect.sync(() => pulses++)),
    );
    yield* TestClock.adjust("1 second");
    const before = pulses;
    const failed = yield* Effect.exit(sql.withTransaction(
      Effect.andThen(store.insert(tasks(["a"])), Effect.fail("broken")),
    ));
    strictEqual(failed._tag, "Failure");
    deepStrictEqual(yield* counts(store), {});
    deepStrictEqual(yield* history(store), []);
    yield* TestClock.adjust("1 second");
    strictEqual(pulses, before);
    yield* sql.withTransaction(Effect.gen(function* () {
      yield* store.insert(tasks(["a"]));
      yield* Effect.yieldNow;
      strictEqual(pulses, before);
    }));
    deepStrictEqual(yield* counts(store), { pending: 1 });
    yield* Effect.yieldNow;
    strictEqual(pulses, before + 1);
    yield* Fiber.interrupt(reader);
  }),
);

testSql(
  "notices what others change in its database, and only then",
  Effect.fnUntraced(function* (_sql, store) {
    const other = yield* Effect.provide(
      Effect.flatMap(TaskStore.TaskStore, Effect.succeed),
      Layer.fresh(TaskStore.layerSql()),
    );
    let pulses = 0;
    const reader = yield* Effect.forkChild(
      Stream.runForEach(store.changes, () => Effect.sync(() => pulses++)),
    );
    yield* TestClock.adjust("10 seconds");
    const steps: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
      other.insert(tasks(["a"])),
      claim(other, 1),
      other.cancel("a"),
      other.pause("mail", true),
      other.putSchedule({ id: "s", spec: 1, next: 1 }),
      other.fire({ id: "s", from: 1, next: 2, rows: [] }),
      other.removeSchedule("s"),
    ];
    for (const step of steps) {
      const before = pulses;
      yield* step;
      yield* TestClock.adjust("10 seconds");
      strictEqual(pulses, before + 1);
    }
    yield* Fiber.interrupt(reader);
  }),
);

testEffect(
  "TaskStore.layerSql() asks what others changed four times a second for all who follow, and not at all when nobody does",
  Effect.gen(function* () {
    let asked = 0;
    const counting = Effect.map(SqlClient, (client) =>
      new Proxy(client, {
        get: (target, name) => {
          if (name === "unsafe") asked++;
          return Reflect.get(target, name);
        },
      }));
    const store = yield* Effect.provide(
      Effect.flatMap(TaskStore.TaskStore, Effect.succeed),
      TaskStore.layerSql().pipe(
        Layer.provide(Layer.effect(SqlClient, counting)),
        Layer.provide(memory()),
      ),
    );
    const askedIn = (time: Duration.Input) =>
      Effect.suspend(() => {
        asked = 0;
        return Effect.map(TestClock.adjust(time), () => asked);
      });
    const follow = Effect.forkChild(Stream.runDrain(store.changes));
    const [one, ...others] = [yield* follow, yield* follow, yield* follow];
    strictEqual(yield* askedIn("10 seconds"), 40);
    yield* Fiber.interruptAll(others);
    strictEqual(yield* askedIn("10 seconds"), 40);
    yield* Fiber.interrupt(one);
    strictEqual(yield* askedIn("10 seconds"), 0);
    const again = yield* follow;
    strictEqual(yield* askedIn("10 seconds"), 40);
    yield* Fiber.interrupt(again);
  }),
);

testSql(
  "makes its tables once, whoever else does",
  Effect.fnUntraced(function* (sql, store) {
    yield* store.insert(tasks(["a"]));
    const open = Effect.provide(
      Effect.flatMap(TaskStore.TaskStore, (again) => again.stats),
      Layer.fresh(TaskStore.layerSql()),
    );
    const all = yield* Effect.all([open, open, open], {
      concurrency: "unbounded",
    });
    deepStrictEqual(all.map(({ pending }) => pending), [1, 1, 1]);
    yield* sql`INSERT INTO weir_task_versions (migration_id, name)
      VALUES (1000, 'later')`;
    const error = yield* Effect.flip(open);
    strictEqual(error.reason, "Unavailable");
    ok(error.detail.includes("later release"));
  }),
);

testSql(
  "fails with Corrupt for a row that it did not write",
  Effect.fnUntraced(function* (sql, store) {
    const faults = [
      ["payload", "{", "payload"],
      ["payload", "", "payload"],
      ["result", "x", "result"],
      ["error", "[1", "error"],
      ["progress", "{}", "progress"],
      ["progress", "3", "progress"],
      ["status", "lost", "status"],
    ] as const;
    for (const [index, [column, value, says]] of faults.entries()) {
      const id = `p${index}`;
      yield* store.insert(tasks([id]));
      yield* sql`UPDATE weir_tasks SET ${sql(column)} = ${value}
        WHERE id = ${id}`;
      const error = yield* Effect.flip(store.get(id));
      strictEqual(error._tag, "TaskStoreError");
      strictEqual(error.reason, "Corrupt");
      ok(error.detail.includes(says) && error.detail.includes(id));
    }
    yield* sql`DELETE FROM weir_tasks`;
    yield* store.insert([
      task("q", lane("x", 1, Quota.slidingWindow({ limit: 1, window: 9 }))),
    ]);
    const fault = JSON.stringify({ tiers: [{ _tag: "SlidingWindow" }] });
    yield* sql`UPDATE weir_task_lanes SET quota = ${fault}`;
    const error = yield* Effect.flip(claim(store, 1));
    strictEqual(error.reason, "Corrupt");
    deepStrictEqual(yield* claimIds(store, 1, []), []);
    yield* sql`DELETE FROM weir_task_state`;
    strictEqual((yield* Effect.flip(store.stats)).reason, "Corrupt");
    strictEqual((yield* Effect.flip(claim(store, 1))).reason, "Corrupt");
  }),
);

testSql(
  "fails with Unavailable where the database cannot be used",
  Effect.fnUntraced(function* (sql, store) {
    yield* sql`DROP TABLE weir_task_events`;
    const uses: ReadonlyArray<
      Effect.Effect<unknown, TaskStore.TaskStoreError>
    > = [store.insert(tasks(["a"])), store.lastEvent];
    for (const use of uses) {
      const error = yield* Effect.flip(use);
      strictEqual(error.reason, "Unavailable");
      ok(error.message.includes("weir_task_events"));
    }
  }),
);

testSql(
  "leaves nothing behind of what it forgets, lanes and events among it",
  Effect.fnUntraced(function* (sql, store) {
    const hourly = Quota.slidingWindow({ limit: 5, window: "1 hour" });
    for (const key of names("lane", 5)) {
      yield* store.insert(
        tasks([`${key}-a`, `${key}-b`], lane(key, 1, hourly)),
      );
    }
    for (let n = 0; n < 10; n++) {
      const { lease } = yield* claimOne(store);
      yield* store.progress(lease, { done: 1 });
      yield* store.progress(lease, { done: 2 });
      yield* settle(store, lease, completed);
    }
    const prune = store.prune({
      keepFor: Duration.zero,
      keepCount: 0,
      limit: 100,
    });
    strictEqual(yield* prune, 10);
    const left = Effect.map(
      sql<{ readonly n: number }>`SELECT count(*) AS n FROM weir_tasks
        UNION ALL SELECT count(*) FROM weir_task_events
        UNION ALL SELECT count(*) FROM weir_task_lanes`,
      (rows) => rows.map(({ n }) => n),
    );
    deepStrictEqual(yield* left, [0, 0, 5]);
    yield* TestClock.adjust("59 minutes");
    yield* prune;
    deepStrictEqual(yield* left, [0, 0, 5]);
    yield* TestClock.adjust("1 minute");
    yield* prune;
    deepStrictEqual(yield* left, [0, 0, 0]);
  }),
);

testSql(
  "a token is read as it was given, and not as what begins with one",
  Effect.fnUntraced(function* (_sql, store) {
    yield* store.insert(tasks(["a"]));
    const { lease: { id, token } } = yield* claimOne(store);
    for (const other of [`${token}.0`, `0${token}`, ` ${token}`, `${token}x`]) {
      ok(!(yield* settle(store, { id, token: other }, completed)));
    }
    ok(yield* settle(store, { id, token }, completed));
  }),
);

testSql(
  "lets none that follows in its lane overtake those that the claim has not seen yet",
  Effect.fnUntraced(function* (_sql, store) {
    yield* store.insert([
      task("x1", { priority: 9, ...lane("x", 5) }),
      task("x2", { priority: 1, ...lane("x", 5) }),
      task("z1", { priority: 8, ...lane("z", 1) }),
      task("z2", { priority: 8, name: "other", ...lane("z", 1) }),
      task("free", { priority: 5 }),
    ]);
    deepStrictEqual(yield* claimIds(store, 3, ["mail", "other"]), [
      ...["x1", "z1", "free"],
    ]);
    deepStrictEqual(yield* claimIds(store, 3, ["mail", "other"]), ["x2"]);
  }),
);

testSql(
  "claims from more kinds than one statement names",
  Effect.fnUntraced(function* (_sql, store) {
    const kinds = names("kind", 250);
    const [first, ...rest] = kinds.map((name, n) =>
      task(`t-${name}`, { name, priority: n % 7 })
    );
    yield* store.insert([first!, ...rest]);
    const claimed = yield* claimIds(store, 40, kinds);
    deepStrictEqual(
      claimed,
      kinds.map((name, n) => [`t-${name}`, n % 7] as const)
        .sort(([, a], [, b]) => b - a).slice(0, 40).map(([id]) => id),
    );
  }),
);
