/**
 * What a store takes in, and how it shows it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Claim,
  claimIds,
  claimOne,
  completed,
  counts,
  failed,
  history,
  idsOf,
  lane,
  names,
  promote,
  row,
  settle,
  statusOf,
  task,
  tasks,
} from "./claims.ts";

export function insertClaims(test: Claim): void {
  test(
    "insert() stores a task as it is given, and get() finds it",
    Effect.fnUntraced(function* (store) {
      yield* TestClock.adjust("5 seconds");
      const payload = { to: "a", tags: [1, null, { deep: "é" }] };
      const [stored] = yield* store.insert([
        task("a", { payload, priority: 7, ...lane("eu", 2) }),
      ]);
      ok(stored !== undefined && !stored.existed);
      deepStrictEqual(stored.row, {
        id: "a",
        name: "mail",
        status: "pending",
        payload,
        priority: 7,
        lane: "eu",
        attempts: 0,
        maxAttempts: 3,
        createdAt: 5000,
        runAt: 5000,
        startedAt: undefined,
        finishedAt: undefined,
        progress: undefined,
        result: undefined,
        error: undefined,
      });
      deepStrictEqual(yield* store.get("a"), Option.some(stored.row));
      ok(Option.isNone(yield* store.get("b")));
    }),
  );

  test(
    "insert() keeps null and nothing apart",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("null", { payload: null }),
        task("nothing", { payload: undefined }),
      ]);
      strictEqual((yield* row(store, "null")).payload, null);
      strictEqual((yield* row(store, "nothing")).payload, undefined);
      for (const result of [null, undefined]) {
        const { id, lease } = yield* claimOne(store);
        yield* settle(store, lease, { _tag: "Completed", result });
        strictEqual((yield* row(store, id)).result, result);
      }
    }),
  );

  test(
    "insert() gives back the row of an id that exists, whatever became of it, and stores the rest",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a", { payload: 1, maxAttempts: 5 })]);
      yield* settle(store, (yield* claimOne(store)).lease, completed);
      const after = yield* store.lastEvent;
      const answers = yield* store.insert([
        task("b", { payload: 2 }),
        task("a", { payload: 3, ...lane("x", 1) }),
        task("b", { payload: 4, name: "other" }),
      ]);
      deepStrictEqual(answers.map(({ existed, row }) => [row.id, existed]), [
        ["b", false],
        ["a", true],
        ["b", true],
      ]);
      deepStrictEqual(answers[1]!.row, yield* row(store, "a"));
      strictEqual(answers[1]!.row.status, "completed");
      deepStrictEqual(answers[2]!.row, answers[0]!.row);
      strictEqual((yield* row(store, "a")).payload, 1);
      strictEqual((yield* row(store, "b")).payload, 2);
      deepStrictEqual(yield* counts(store), { completed: 1, pending: 1 });
      deepStrictEqual(yield* history(store, after), ["b pending"]);
    }),
  );

  test(
    "insert() schedules what may not begin yet, in whole milliseconds and never too early",
    Effect.fnUntraced(function* (store) {
      yield* TestClock.adjust("10 seconds");
      const stored = yield* store.insert([
        task("past", { start: { at: 4000 } }),
        task("now", { start: { at: 10_000 } }),
        task("then", { start: { at: 10_001 } }),
        task("later", { start: { delay: 500 } }),
        task("half", { start: { delay: 0.5 } }),
      ]);
      deepStrictEqual(
        stored.map(({ row }) => [row.id, row.status, row.runAt]),
        [
          ["past", "pending", 4000],
          ["now", "pending", 10_000],
          ["then", "scheduled", 10_001],
          ["later", "scheduled", 10_500],
          ["half", "scheduled", 10_001],
        ],
      );
      deepStrictEqual(yield* claimIds(store, 9), ["past", "now"]);
    }),
  );

  test(
    "insert() stores nothing of a batch that does not fit",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("a"),
        task("later", { start: { delay: 1000 } }),
      ]);
      const before = yield* store.lastEvent;
      const error = yield* Effect.flip(store.insert(tasks(["b", "c"])));
      strictEqual(error._tag, "TaskStoreError");
      strictEqual(error.reason, "Full");
      deepStrictEqual(yield* counts(store), { pending: 1, scheduled: 1 });
      strictEqual(yield* statusOf(store, "b"), "missing");
      strictEqual(yield* store.lastEvent, before);
      yield* store.insert(tasks(["a", "b", "a", "b"]));
      strictEqual(
        (yield* Effect.flip(store.insert(tasks(["c"])))).reason,
        "Full",
      );
      const [again] = yield* store.insert(tasks(["a"]));
      ok(again?.existed);
    }),
    { capacity: 3 },
  );

  test(
    "what runs or ended takes no room, and what comes back finds it",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"]));
      const a = yield* claimOne(store);
      const b = yield* claimOne(store);
      yield* store.insert(tasks(["c", "d"]));
      ok(yield* settle(store, a.lease, failed));
      ok(yield* settle(store, b.lease, { _tag: "Released" }));
      deepStrictEqual(yield* counts(store), { failed: 1, pending: 3 });
      strictEqual((yield* Effect.flip(store.retry("a"))).reason, "Full");
      yield* claimIds(store, 1);
      strictEqual((yield* Effect.flip(store.retry("a"))).reason, "Full");
      strictEqual(yield* statusOf(store, "a"), "failed");
      yield* claimIds(store, 1);
      ok(yield* store.retry("a"));
    }),
    { capacity: 2 },
  );

  test(
    "promote() makes pending what is due, the earliest first, and says how long until the next",
    Effect.fnUntraced(function* (store) {
      strictEqual(yield* promote(store), undefined);
      yield* store.insert([
        task("c", { start: { delay: 300 } }),
        task("a", { start: { delay: 100 } }),
        task("b", { start: { delay: 200 } }),
      ]);
      strictEqual(yield* promote(store), 100);
      yield* TestClock.adjust("99 millis");
      strictEqual(yield* promote(store), 1);
      deepStrictEqual(yield* claimIds(store, 9), []);
      yield* TestClock.adjust("101 millis");
      deepStrictEqual(yield* counts(store), { scheduled: 3 });
      const after = yield* store.lastEvent;
      strictEqual(yield* promote(store, 1), 0);
      deepStrictEqual(yield* counts(store), { scheduled: 2, pending: 1 });
      strictEqual(yield* promote(store), 100);
      deepStrictEqual(yield* history(store, after), ["a pending", "b pending"]);
      deepStrictEqual(yield* claimIds(store, 9), ["a", "b"]);
      yield* TestClock.adjust("1 hour");
      strictEqual(yield* promote(store), undefined);
      deepStrictEqual(yield* claimIds(store, 9), ["c"]);
    }),
  );

  test(
    "stats count where tasks stand",
    Effect.fnUntraced(function* (store) {
      deepStrictEqual(yield* store.stats, {
        scheduled: 0,
        pending: 0,
        running: 0,
        completed: 0,
        failed: 0,
        cancelled: 0,
      });
      yield* store.insert([
        ...tasks(names("p", 6)),
        task("later", { start: { delay: 1 } }),
      ]);
      yield* settle(store, (yield* claimOne(store)).lease, completed);
      yield* settle(store, (yield* claimOne(store)).lease, failed);
      yield* claimOne(store);
      yield* store.cancel("p5");
      deepStrictEqual(yield* store.stats, {
        scheduled: 1,
        pending: 2,
        running: 1,
        completed: 1,
        failed: 1,
        cancelled: 1,
      });
    }),
  );

  test(
    "list() gives pages, newest first, that newer tasks do not shift",
    Effect.fnUntraced(function* (store) {
      const empty = yield* store.list({});
      deepStrictEqual(empty, { rows: [], cursor: undefined });
      yield* store.insert(tasks(names("p", 5)));
      const first = yield* store.list({ limit: 2 });
      deepStrictEqual(idsOf(first.rows), ["p4", "p3"]);
      deepStrictEqual(first.rows[0], yield* row(store, "p4"));
      yield* store.insert(tasks(["new"]));
      yield* store.cancel("p3");
      const second = yield* store.list({ limit: 2, cursor: first.cursor });
      deepStrictEqual(idsOf(second.rows), ["p2", "p1"]);
      const third = yield* store.list({ limit: 2, cursor: second.cursor });
      deepStrictEqual(idsOf(third.rows), ["p0"]);
      strictEqual(third.cursor, undefined);
      const whole = yield* store.list({ limit: 6 });
      strictEqual(whole.rows.length, 6);
      strictEqual(whole.cursor, undefined);
    }),
  );

  test(
    "list() gives 100 if not told otherwise, and filters by status and kind",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 60)));
      yield* store.insert(tasks(names("q", 60), { name: "other" }));
      strictEqual((yield* store.list({})).rows.length, 100);
      yield* store.cancel("p7");
      yield* store.cancel("p9");
      yield* store.cancel("q3");
      const others = yield* store.list({ name: "other" });
      strictEqual(others.rows.length, 60);
      strictEqual(others.cursor, undefined);
      const both = { name: "mail", status: "cancelled", limit: 1 } as const;
      const first = yield* store.list(both);
      deepStrictEqual(idsOf(first.rows), ["p9"]);
      const second = yield* store.list({ ...both, cursor: first.cursor });
      deepStrictEqual(idsOf(second.rows), ["p7"]);
      strictEqual(second.cursor, undefined);
      deepStrictEqual((yield* store.list({ status: "failed" })).rows, []);
      deepStrictEqual((yield* store.list({ name: "none" })).rows, []);
    }),
  );

  test(
    "list() refuses a cursor that it never gave",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 3)));
      for (const cursor of ["", "x", "-1", "1.5", "1e3", "'; --"]) {
        const error = yield* Effect.flip(store.list({ cursor }));
        strictEqual(error._tag, "TaskStoreError");
        strictEqual(error.reason, "Corrupt");
        ok(error.detail.includes(`"${cursor}"`));
      }
    }),
  );
}
