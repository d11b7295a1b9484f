/**
 * How lanes and pauses hold tasks back.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Claim,
  claim,
  claimIds,
  claimOne,
  completed,
  idsOf,
  lane,
  names,
  promote,
  released,
  retried,
  row,
  settle,
  task,
  tasks,
} from "./claims.ts";

export function laneClaims(test: Claim): void {
  test(
    "a lane runs no more than its concurrency, and others go on",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        ...tasks(names("x", 4), { priority: 5, ...lane("x", 2) }),
        ...tasks(["free", "y0"], {}),
        task("z0", lane("z", 1)),
      ]);
      const claimed = yield* claim(store, 9);
      deepStrictEqual(idsOf(claimed), ["x0", "x1", "free", "y0", "z0"]);
      strictEqual(claimed[0]!.lane, "x");
      deepStrictEqual(yield* claimIds(store, 9), []);
      yield* settle(store, claimed[1]!.lease, completed);
      deepStrictEqual(yield* claimIds(store, 9), ["x2"]);
      yield* settle(store, claimed[0]!.lease, retried(1000));
      deepStrictEqual(yield* claimIds(store, 9), ["x3"]);
      yield* TestClock.adjust("1 second");
      yield* promote(store);
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  test(
    "a lane has room again when an attempt is released or reaped",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"], lane("x", 1)));
      const first = yield* claimOne(store);
      yield* settle(store, first.lease, released);
      const second = yield* claimOne(store);
      strictEqual(second.id, "a");
      deepStrictEqual(yield* claimIds(store, 9), []);
      yield* TestClock.adjust("10 seconds");
      strictEqual(yield* store.reap(9), 1);
      deepStrictEqual(yield* claimIds(store, 9), ["b"]);
      ok(!(yield* settle(store, second.lease, completed)));
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  test(
    "a lane keeps the order of its tasks, by priority and age, in the order over all",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("x-low", { priority: 1, ...lane("x", 1) }),
        task("free", { priority: 2 }),
        task("x-high", { priority: 3, ...lane("x", 1) }),
      ]);
      const first = yield* claimOne(store);
      strictEqual(first.id, "x-high");
      yield* store.insert([task("x-top", { priority: 9, ...lane("x", 1) })]);
      deepStrictEqual(yield* claimIds(store, 1), ["free"]);
      yield* settle(store, first.lease, completed);
      yield* store.insert([task("last", { priority: 2 })]);
      const second = yield* claimOne(store);
      strictEqual(second.id, "x-top");
      yield* settle(store, second.lease, completed);
      deepStrictEqual(yield* claimIds(store, 9), ["last", "x-low"]);
    }),
  );

  test(
    "a lane with room moves in line as its best task comes and goes",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("x1", { priority: 1, ...lane("x", 9) }),
        task("a", { priority: 2 }),
        task("b", { priority: 4 }),
        task("c", { priority: 6 }),
        task("x8", { priority: 8, ...lane("x", 9) }),
      ]);
      deepStrictEqual(yield* claimIds(store, 1), ["x8"]);
      yield* store.insert([
        task("x5", { priority: 5, ...lane("x", 9) }),
        task("x7", { priority: 7, ...lane("x", 9) }),
      ]);
      yield* store.cancel("x7");
      deepStrictEqual(yield* claimIds(store, 2), ["c", "x5"]);
      yield* store.insert([task("x3", { priority: 3, ...lane("x", 9) })]);
      deepStrictEqual(yield* claimIds(store, 9), ["b", "x3", "a", "x1"]);
    }),
  );

  test(
    "a lane is shared by all kinds that name it",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("a", { name: "a", ...lane("x", 1) }),
        task("b", { name: "b", ...lane("x", 1) }),
      ]);
      const [a] = yield* claim(store, 9, ["a"]);
      deepStrictEqual(yield* claimIds(store, 9, ["b"]), []);
      yield* settle(store, a!.lease, completed);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), ["b"]);
    }),
  );

  test(
    "a lane has the limits of the task that was stored last",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("a", 2), lane("x", 1)));
      deepStrictEqual(yield* claimIds(store, 9), ["a0"]);
      yield* store.insert(tasks(names("b", 3), lane("x", 3)));
      deepStrictEqual(yield* claimIds(store, 9), ["a1", "b0"]);
      yield* store.insert(tasks(["a0", "b0"], lane("x")));
      deepStrictEqual(yield* claimIds(store, 9), []);
      yield* store.insert(tasks(["c"], lane("x")));
      deepStrictEqual(yield* claimIds(store, 9), ["b1", "b2", "c"]);
      yield* store.insert(tasks(["d"], lane("x", 2)));
      deepStrictEqual(yield* claimIds(store, 9), []);
    }),
  );

  const perSecond = Quota.slidingWindow({ limit: 2, window: "1 second" });

  test(
    "a lane begins no more than its quota, others go on, and promote() says when it may",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        ...tasks(names("x", 5), lane("x", undefined, perSecond)),
        ...tasks(["y"], { priority: -1, ...lane("y", 1, perSecond) }),
      ]);
      const first = yield* claim(store, 9);
      deepStrictEqual(idsOf(first), ["x0", "x1", "y"]);
      strictEqual(yield* promote(store), 1000);
      for (const { lease } of first) yield* settle(store, lease, completed);
      yield* TestClock.adjust("999 millis");
      deepStrictEqual(yield* claimIds(store, 9), []);
      strictEqual(yield* promote(store), 1);
      yield* TestClock.adjust("1 milli");
      deepStrictEqual(yield* claimIds(store, 9), ["x2", "x3"]);
      yield* TestClock.adjust("1 second");
      deepStrictEqual(yield* claimIds(store, 9), ["x4"]);
      strictEqual(yield* promote(store), undefined);
    }),
  );

  test(
    "a quota that is replaced goes on with what tiers of the same name have counted",
    Effect.fnUntraced(function* (store) {
      const named = (limit: number, name: string) =>
        lane("x", undefined, {
          tiers: [{ ...perSecond.tiers[0]!, limit, name } as Quota.Tier],
        });
      yield* store.insert(tasks(names("a", 3), named(2, "one")));
      deepStrictEqual(yield* claimIds(store, 9), ["a0", "a1"]);
      yield* store.insert(tasks(["b"], named(3, "one")));
      deepStrictEqual(yield* claimIds(store, 9), ["a2"]);
      yield* store.insert(tasks(["c"], named(1, "other")));
      deepStrictEqual(yield* claimIds(store, 9), ["b"]);
    }),
  );

  test(
    "what was released has used up its lane's quota all the same",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"], lane("x", 1, perSecond)));
      for (let n = 0; n < 2; n++) {
        yield* settle(store, (yield* claimOne(store)).lease, released);
      }
      deepStrictEqual(yield* claimIds(store, 9), []);
      yield* TestClock.adjust("1 second");
      deepStrictEqual(yield* claimIds(store, 9), ["a"]);
    }),
  );

  test(
    "a lane that is empty for a while keeps what it has used up",
    Effect.fnUntraced(function* (store) {
      const hourly = Quota.slidingWindow({ limit: 1, window: "1 hour" });
      yield* store.insert(tasks(["a"], lane("x", 1, hourly)));
      yield* settle(store, (yield* claimOne(store)).lease, completed);
      for (let n = 1; n < 60; n++) {
        yield* TestClock.adjust("1 minute");
        yield* store.insert(tasks([`b${n}`], lane("x", 1, hourly)));
        deepStrictEqual(yield* claimIds(store, 1), []);
        yield* store.cancel(`b${n}`);
        yield* promote(store);
      }
      yield* TestClock.adjust("1 minute");
      yield* store.insert(tasks(["c"], lane("x", 1, hourly)));
      deepStrictEqual(yield* claimIds(store, 1), ["c"]);
    }),
  );

  test(
    "pause() of a kind claims none of it until it ends, and others go on",
    Effect.fnUntraced(function* (store) {
      yield* store.pause("a", true);
      yield* store.insert([
        task("a1", { name: "a" }),
        task("b1", { name: "b" }),
      ]);
      yield* store.pause("a", true);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), ["b1"]);
      yield* store.pause("b", false);
      yield* store.pause(undefined, false);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), []);
      yield* store.pause("a", false);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), ["a1"]);
    }),
  );

  test(
    "pause() of all claims none; what runs goes on, and a pause of a kind outlasts it",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("a1", { name: "a" }),
        task("a2", { name: "a" }),
        task("b1", { name: "b" }),
      ]);
      const { lease } = yield* claimOne(store, ["a"]);
      yield* store.pause("a", true);
      yield* store.pause(undefined, true);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), []);
      ok(yield* store.progress(lease, { done: 1 }));
      ok(yield* settle(store, lease, completed));
      strictEqual((yield* row(store, "a1")).status, "completed");
      yield* store.pause(undefined, false);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), ["b1"]);
      yield* store.pause("a", false);
      deepStrictEqual(yield* claimIds(store, 9, ["a", "b"]), ["a2"]);
    }),
  );
}
