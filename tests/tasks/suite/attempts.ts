/**
 * How attempts begin, are held, and end.
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
  claim,
  claimIds,
  claimOne,
  completed,
  counts,
  failed,
  idsOf,
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

const tenSeconds = Duration.seconds(10);

export function attemptClaims(test: Claim): void {
  test(
    "claim() takes the highest priority first, then who may begin the longest",
    Effect.fnUntraced(function* (store) {
      yield* TestClock.adjust("10 seconds");
      yield* store.insert([
        task("a"),
        task("low", { priority: -1 }),
        task("high", { priority: 2.5 }),
        task("b"),
        task("early", { start: { at: 3000 } }),
      ]);
      deepStrictEqual(yield* claimIds(store, 2), ["high", "early"]);
      yield* store.insert([task("c"), task("high2", { priority: 2 })]);
      deepStrictEqual(yield* claimIds(store, 9), [
        ...["high2", "a", "b", "c", "low"],
      ]);
    }),
  );

  test(
    "claim() counts what was scheduled as waiting since its time",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("due", { start: { delay: 100 } })]);
      yield* TestClock.adjust("99 millis");
      yield* store.insert(tasks(["before"]));
      yield* TestClock.adjust("2 millis");
      yield* store.insert(tasks(["after"]));
      yield* promote(store);
      deepStrictEqual(yield* claimIds(store, 9), ["before", "due", "after"]);
    }),
  );

  test(
    "claim() takes only the kinds that it is told, in one order over all of them",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("a1", { name: "a" }),
        task("b1", { name: "b", priority: 1 }),
        task("c1", { name: "c", priority: 9 }),
        task("a2", { name: "a", priority: 1 }),
        task("b2", { name: "b" }),
      ]);
      deepStrictEqual(yield* claimIds(store, 9, []), []);
      deepStrictEqual(yield* claimIds(store, 9, ["none"]), []);
      deepStrictEqual(yield* claimIds(store, 3, ["a", "b", "a", "none"]), [
        ...["b1", "a2", "a1"],
      ]);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "c", "b"]), ["c1", "b2"]);
    }),
  );

  test(
    "claim() begins an attempt of each, and gives each task to one alone",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"]));
      yield* TestClock.adjust("7 millis");
      const claimed = yield* claimOne(store);
      const { lease, ...begun } = claimed;
      strictEqual(lease.id, "a");
      deepStrictEqual(begun, yield* row(store, "a"));
      strictEqual(begun.status, "running");
      strictEqual(begun.attempts, 1);
      strictEqual(begun.startedAt, 7);
      deepStrictEqual(yield* claimIds(store, 9), ["b"]);
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  test(
    "settle() ends attempts as they went, all in one step",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 6)));
      const claimed = yield* claim(store, 6);
      yield* TestClock.adjust("3 millis");
      const outcomes = [
        ...[completed, failed, cancelled],
        ...[retried(50), retried(0), released],
      ];
      const [first, ...rest] = claimed.map(({ lease }, n) => ({
        lease,
        outcome: outcomes[n]!,
      }));
      deepStrictEqual(yield* store.settle([first!, ...rest]), []);
      const stands = [];
      for (const id of names("p", 6)) {
        const { attempts, error, finishedAt, result, runAt, status } =
          yield* row(store, id);
        stands.push([status, attempts, runAt, finishedAt, result, error]);
      }
      deepStrictEqual(stands, [
        ["completed", 1, 0, 3, "done", undefined],
        ["failed", 1, 0, 3, undefined, "broken"],
        ["cancelled", 1, 0, 3, undefined, undefined],
        ["scheduled", 1, 53, undefined, undefined, "not yet"],
        ["pending", 1, 3, undefined, undefined, "not yet"],
        ["pending", 0, 0, undefined, undefined, undefined],
      ]);
      deepStrictEqual(yield* claimIds(store, 9), ["p5", "p4"]);
    }),
  );

  test(
    "settle() writes nothing for a lease that was lost, and says so; the rest is written",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"]));
      const a = yield* claimOne(store);
      const b = yield* claimOne(store);
      yield* settle(store, a.lease, released);
      const again = yield* claimOne(store);
      strictEqual(again.id, "a");
      strictEqual(again.attempts, 1);
      const forged = { id: "b", token: again.lease.token };
      const missing = { id: "c", token: b.lease.token };
      const before = yield* store.lastEvent;
      deepStrictEqual(
        yield* store.settle(
          [a.lease, forged, missing].map((lease) => ({
            lease,
            outcome: failed,
          })) as [{ lease: typeof missing; outcome: typeof failed }],
        ),
        [a.lease, forged, missing],
      );
      strictEqual(yield* store.lastEvent, before);
      deepStrictEqual(
        yield* store.settle([
          { lease: b.lease, outcome: completed },
          { lease: b.lease, outcome: failed },
          { lease: again.lease, outcome: completed },
        ]),
        [b.lease],
      );
      deepStrictEqual(yield* counts(store), { completed: 2 });
      ok(!(yield* settle(store, again.lease, failed)));
      strictEqual(yield* statusOf(store, "a"), "completed");
    }),
  );

  test(
    "a lease that has passed is good until it is reaped",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"]));
      const [a, b] = yield* claim(store, 2);
      yield* TestClock.adjust("1 minute");
      ok(yield* settle(store, a!.lease, completed));
      deepStrictEqual(yield* store.heartbeat([b!.lease], tenSeconds), {
        lost: [],
        cancelled: [],
      });
      strictEqual(yield* store.reap(9), 0);
    }),
  );

  test(
    "a lease lasts as long as it says from its claim or its last heartbeat",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"]));
      const first = yield* claimOne(store);
      yield* TestClock.adjust("9999 millis");
      strictEqual(yield* store.reap(9), 0);
      yield* store.heartbeat([first.lease], Duration.seconds(20));
      yield* TestClock.adjust("19999 millis");
      strictEqual(yield* store.reap(9), 0);
      yield* store.heartbeat([first.lease], Duration.seconds(1));
      yield* TestClock.adjust("1 second");
      strictEqual(yield* store.reap(9), 1);
      strictEqual(yield* statusOf(store, "a"), "pending");
      const second = yield* claimOne(store);
      strictEqual(second.attempts, 2);
      deepStrictEqual(
        yield* store.heartbeat([first.lease, second.lease], tenSeconds),
        { lost: [first.lease], cancelled: [] },
      );
      ok(!(yield* settle(store, first.lease, completed)));
      ok(!(yield* store.progress(first.lease, { done: 1 })));
      ok(yield* settle(store, second.lease, completed));
    }),
  );

  test(
    "heartbeat() says which are to be cancelled and which are lost",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b", "c"]));
      const [a, b, c] = yield* claim(store, 3);
      strictEqual(yield* store.cancel("b"), "asked");
      yield* settle(store, c!.lease, completed);
      const missing = { id: "d", token: a!.lease.token };
      for (let n = 0; n < 3; n++) {
        deepStrictEqual(
          yield* store.heartbeat(
            [a!.lease, b!.lease, c!.lease, missing],
            tenSeconds,
          ),
          { lost: [c!.lease, missing], cancelled: [b!.lease] },
        );
        yield* TestClock.adjust("9 seconds");
      }
      strictEqual(yield* store.reap(9), 0);
    }),
  );

  test(
    "reap() takes up to its limit, the first to pass first, and puts them behind those that wait",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b", "c"]));
      const [a] = yield* claim(store, 3);
      yield* TestClock.adjust("1 second");
      yield* store.heartbeat([a!.lease], tenSeconds);
      yield* store.insert(tasks(["d"]));
      yield* TestClock.adjust("1 minute");
      strictEqual(yield* store.reap(2), 2);
      deepStrictEqual(yield* counts(store), { running: 1, pending: 3 });
      strictEqual(yield* statusOf(store, "a"), "running");
      strictEqual(yield* store.reap(2), 1);
      strictEqual(yield* store.reap(2), 0);
      strictEqual(yield* claimOne(store).pipe(Effect.map((t) => t.id)), "d");
      strictEqual((yield* claim(store, 9)).length, 3);
    }),
  );

  test(
    "a task whose leases pass every time ends failed after maxAttempts, with an error that says so",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("poison", { maxAttempts: 2 })]);
      for (const attempts of [1, 2]) {
        const claimed = yield* claimOne(store);
        strictEqual(claimed.attempts, attempts);
        yield* TestClock.adjust("10 seconds");
        strictEqual(yield* store.reap(9), 1);
      }
      const ended = yield* row(store, "poison");
      strictEqual(ended.status, "failed");
      strictEqual(ended.attempts, 2);
      strictEqual(ended.finishedAt, 20_000);
      deepStrictEqual(ended.error, {
        _tag: "Attempts",
        detail: "nobody ended the last of its 2 attempts",
      });
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  test(
    "a Retry that no attempt is left for ends failed, with its error",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a", { maxAttempts: 2 })]);
      for (const status of ["pending", "failed"]) {
        ok(yield* settle(store, (yield* claimOne(store)).lease, retried(0)));
        strictEqual(yield* statusOf(store, "a"), status);
      }
      const ended = yield* row(store, "a");
      strictEqual(ended.error, "not yet");
      strictEqual(ended.attempts, 2);
      strictEqual(ended.finishedAt, 0);
    }),
  );

  test(
    "a Retry with a delay is scheduled, and waits for it",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"]));
      yield* settle(store, (yield* claimOne(store)).lease, retried(99.5));
      strictEqual((yield* row(store, "a")).runAt, 100);
      strictEqual(yield* promote(store), 100);
      yield* TestClock.adjust("100 millis");
      yield* promote(store);
      const again = yield* claimOne(store);
      strictEqual(again.attempts, 2);
      strictEqual(again.error, "not yet");
      yield* settle(store, again.lease, completed);
      strictEqual((yield* row(store, "a")).error, undefined);
    }),
  );

  test(
    "Released gives the attempt back, as often as it happens, and the task keeps its place",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([task("a", { maxAttempts: 1 })]);
      yield* TestClock.adjust("1 second");
      yield* store.insert(tasks(["b"]));
      const tokens = new Set<string>();
      for (let n = 0; n < 5; n++) {
        const claimed = yield* claimOne(store);
        strictEqual(claimed.id, "a");
        strictEqual(claimed.attempts, 1);
        tokens.add(claimed.lease.token);
        ok(yield* settle(store, claimed.lease, released));
      }
      strictEqual(tokens.size, 5);
    }),
  );

  test(
    "progress() keeps the last of an attempt, and a new attempt begins without",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"]));
      const { lease } = yield* claimOne(store);
      const last = { done: 2, total: 3, message: "half" };
      ok(yield* store.progress(lease, { done: 1 }));
      ok(yield* store.progress(lease, last));
      deepStrictEqual((yield* row(store, "a")).progress, last);
      yield* settle(store, lease, retried(0));
      deepStrictEqual((yield* row(store, "a")).progress, last);
      const again = yield* claimOne(store);
      strictEqual(again.progress, undefined);
      ok(!(yield* store.progress(lease, { done: 9 })));
      strictEqual((yield* row(store, "a")).progress, undefined);
      yield* store.progress(again.lease, { done: 3 });
      yield* settle(store, again.lease, completed);
      ok(!(yield* store.progress(again.lease, { done: 4 })));
      deepStrictEqual((yield* row(store, "a")).progress, { done: 3 });
    }),
  );

  test(
    "claims of many at once never give a task twice",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 60)));
      const all = yield* Effect.all(
        Array.from({ length: 20 }, () => claimIds(store, 4)),
        { concurrency: "unbounded" },
      );
      strictEqual(all.flat().length, 60);
      strictEqual(new Set(all.flat()).size, 60);
      strictEqual(idsOf(yield* claim(store, 1)).length, 0);
    }),
  );
}
