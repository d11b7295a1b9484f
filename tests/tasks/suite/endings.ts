/**
 * How tasks are cancelled, begin anew, and are forgotten.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  cancelled,
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
  released,
  retried,
  row,
  settle,
  statusOf,
  task,
  tasks,
} from "./claims.ts";

export function endingClaims(test: Claim): void {
  test(
    "cancel() ends a task that waits, which then never begins",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("a"),
        task("later", { start: { delay: 5 } }),
        task("b"),
        task("laned", lane("x", 1)),
      ]);
      yield* TestClock.adjust("1 milli");
      for (const id of ["a", "later", "laned"]) {
        strictEqual(yield* store.cancel(id), "cancelled");
        strictEqual(yield* store.cancel(id), "ended");
        const { attempts, finishedAt, status } = yield* row(store, id);
        deepStrictEqual([status, attempts, finishedAt], ["cancelled", 0, 1]);
      }
      strictEqual(yield* store.cancel("none"), "missing");
      strictEqual(yield* promote(store), undefined);
      yield* TestClock.adjust("1 minute");
      yield* promote(store);
      deepStrictEqual(yield* claimIds(store, 9), ["b"]);
    }),
  );

  test(
    "cancel() asks the holder of a task that runs, and changes nothing before that one has settled",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"]));
      const { lease } = yield* claimOne(store);
      const before = yield* row(store, "a");
      const after = yield* store.lastEvent;
      strictEqual(yield* store.cancel("a"), "asked");
      strictEqual(yield* store.cancel("a"), "asked");
      deepStrictEqual(yield* row(store, "a"), before);
      deepStrictEqual(yield* history(store, after), []);
      ok(yield* settle(store, lease, cancelled));
      strictEqual(yield* statusOf(store, "a"), "cancelled");
      strictEqual(yield* store.cancel("a"), "ended");
    }),
  );

  test(
    "a task that was to be cancelled ends as its attempt does if it was faster, and never begins again",
    Effect.fnUntraced(function* (store) {
      const ends = [
        [completed, "completed"],
        [failed, "failed"],
        [cancelled, "cancelled"],
        [retried(0), "cancelled"],
        [retried(10), "cancelled"],
        [released, "cancelled"],
      ] as const;
      yield* store.insert(tasks(names("p", ends.length)));
      for (const [outcome, status] of ends) {
        const { id, lease } = yield* claimOne(store);
        yield* store.cancel(id);
        ok(yield* settle(store, lease, outcome));
        const ended = yield* row(store, id);
        strictEqual(ended.status, status);
        strictEqual(ended.attempts, outcome === released ? 0 : 1);
        strictEqual(ended.finishedAt, 0);
      }
      yield* TestClock.adjust("1 minute");
      yield* promote(store);
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  test(
    "reap() ends a task that was to be cancelled as cancelled",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a"), task("last", { maxAttempts: 1 })]);
      for (let n = 0; n < 2; n++) {
        yield* store.cancel((yield* claimOne(store)).id);
      }
      yield* TestClock.adjust("10 seconds");
      strictEqual(yield* store.reap(9), 2);
      deepStrictEqual(yield* counts(store), { cancelled: 2 });
      strictEqual((yield* row(store, "last")).error, undefined);
    }),
  );

  test(
    "retry() lets a failed or cancelled task begin anew, and no other",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a", { maxAttempts: 1 }), task("b")]);
      const first = yield* claimOne(store);
      yield* store.progress(first.lease, { done: 1 });
      ok(!(yield* store.retry("a")));
      ok(!(yield* store.retry("b")));
      ok(!(yield* store.retry("none")));
      yield* store.cancel("a");
      yield* settle(store, first.lease, failed);
      yield* TestClock.adjust("1 second");
      ok(yield* store.retry("a"));
      ok(!(yield* store.retry("a")));
      const { attempts, error, finishedAt, progress, runAt, startedAt } =
        yield* row(store, "a");
      deepStrictEqual(
        [attempts, error, finishedAt, progress, runAt, startedAt],
        [0, undefined, undefined, undefined, 1000, undefined],
      );
      ok(!(yield* settle(store, first.lease, completed)));
      deepStrictEqual(yield* claimIds(store, 1), ["b"]);
      const second = yield* claimOne(store);
      strictEqual(second.id, "a");
      strictEqual(second.attempts, 1);
      deepStrictEqual(
        yield* store.heartbeat([second.lease], Duration.seconds(1)),
        { lost: [], cancelled: [] },
      );
      yield* settle(store, second.lease, completed);
      ok(!(yield* store.retry("a")));
      strictEqual(yield* statusOf(store, "a"), "completed");
    }),
  );

  test(
    "retry() of a cancelled task that was scheduled makes it pending",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a", { start: { delay: 60_000 } })]);
      yield* store.cancel("a");
      ok(yield* store.retry("a"));
      strictEqual(yield* promote(store), undefined);
      deepStrictEqual(yield* claimIds(store, 9), ["a"]);
    }),
  );

  test(
    "prune() forgets ended tasks that are too old, the oldest end first, in steps",
    Effect.fnUntraced(function* (store) {
      const keep = { keepFor: Duration.seconds(10), keepCount: 100 };
      yield* store.insert(tasks(names("p", 5)));
      yield* TestClock.adjust("1 second");
      yield* store.cancel("p4");
      yield* settle(store, (yield* claimOne(store)).lease, completed);
      yield* settle(store, (yield* claimOne(store)).lease, failed);
      yield* TestClock.adjust("1 milli");
      yield* store.cancel("p2");
      yield* TestClock.adjust("9998 millis");
      strictEqual(yield* store.prune({ ...keep, limit: 9 }), 0);
      yield* TestClock.adjust("1 milli");
      strictEqual(yield* store.prune({ ...keep, limit: 2 }), 2);
      deepStrictEqual(yield* counts(store), {
        pending: 1,
        failed: 1,
        cancelled: 1,
      });
      strictEqual(yield* statusOf(store, "p4"), "missing");
      strictEqual(yield* statusOf(store, "p0"), "missing");
      strictEqual(yield* store.cancel("p4"), "missing");
      strictEqual(yield* store.prune({ ...keep, limit: 2 }), 1);
      strictEqual(yield* store.prune({ ...keep, limit: 2 }), 0);
      yield* TestClock.adjust("1 day");
      strictEqual(yield* store.prune({ ...keep, limit: 9 }), 1);
      deepStrictEqual(yield* counts(store), { pending: 1 });
      deepStrictEqual(idsOf((yield* store.list({})).rows), ["p3"]);
      strictEqual(yield* store.prune({ ...keep, limit: 9 }), 0);
    }),
  );

  test(
    "prune() keeps so many of those that ended last, for ever if told so",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 6)));
      for (const id of ["p3", "p0", "p5", "p1"]) yield* store.cancel(id);
      ok(yield* store.retry("p0"));
      yield* store.cancel("p0");
      yield* TestClock.adjust("365 days");
      const keep = { keepFor: Duration.infinity, keepCount: 2 };
      strictEqual(yield* store.prune({ ...keep, limit: 1 }), 1);
      strictEqual(yield* store.prune({ ...keep, limit: 9 }), 1);
      strictEqual(yield* store.prune({ ...keep, limit: 9 }), 0);
      deepStrictEqual(
        idsOf((yield* store.list({ status: "cancelled" })).rows),
        ["p1", "p0"],
      );
      strictEqual(
        yield* store.prune({ ...keep, keepCount: 0, limit: 9 }),
        2,
      );
      deepStrictEqual(yield* counts(store), { pending: 2 });
    }),
  );

  test(
    "prune() forgets the events of what it forgets, and an id can be used again",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"]));
      yield* store.cancel("a");
      const last = yield* store.lastEvent;
      yield* store.prune({
        keepFor: Duration.zero,
        keepCount: 100,
        limit: 9,
      });
      deepStrictEqual(yield* history(store), ["b pending"]);
      strictEqual(yield* store.lastEvent, last);
      const [again] = yield* store.insert([task("a", { payload: 2 })]);
      ok(again !== undefined && !again.existed);
      deepStrictEqual(yield* history(store), ["b pending", "a pending"]);
      ok((yield* store.lastEvent) > last);
    }),
  );
}
