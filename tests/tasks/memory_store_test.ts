import { Quota } from "@weir/weir";
import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as TestClock from "effect/testing/TestClock";
import { ok, strictEqual, throws } from "node:assert/strict";
import { Tables } from "../../src/tasks/tables.ts";
import { start, sweepTest } from "../support/interrupt_sweep.ts";
import { storeSuite } from "./store_suite.ts";
import {
  claim,
  claimOne,
  completed,
  counts,
  lane,
  names,
  promote,
  row,
  settle,
  task,
  tasks,
} from "./suite/claims.ts";

storeSuite("layerMemory()", TaskStore.layerMemory);

const withStore = (
  body: (store: TaskStore.Service) => Effect.Effect<void, unknown>,
) =>
  Effect.flatMap(TaskStore.TaskStore, body).pipe(
    Effect.provide(TaskStore.layerMemory()),
  );

testEffect(
  "layerMemory() refuses a bad capacity by name and value",
  Effect.sync(() => {
    throws(() => TaskStore.layerMemory({ capacity: 0 }), {
      name: "RangeError",
      message: '"capacity" must be a whole number, at least 1, was 0',
    });
  }),
);

testEffect(
  "layerMemory() keeps the last 65,536 events",
  withStore(Effect.fnUntraced(function* (store) {
    yield* store.insert(tasks(names("p", 65_540)));
    const [first] = yield* store.events(0, 1);
    strictEqual(first?.sequence, 5);
    strictEqual((yield* store.events(0, 100_000)).length, 65_536);
    const [last] = yield* store.events(65_539, 9);
    strictEqual(last?.id, "p65539");
  })),
);

/** A clock whose wall time can be set, as people do. */
const settable = Effect.map(Clock.Clock, (clock) => {
  let offset = 0;
  const set: Clock.Clock = {
    ...clock,
    sleep: (duration) => clock.sleep(duration),
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + offset,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
  };
  return {
    clock: set,
    move: (millis: number) => {
      offset += millis;
    },
  };
});

testEffect(
  "layerMemory() loses no lease and begins no lane too early when the clock is set",
  Effect.gen(function* () {
    const { clock, move } = yield* settable;
    const hour = 3_600_000;
    const quota = Quota.slidingWindow({ limit: 1, window: "1 second" });
    yield* withStore(Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a", "b"], lane("x", undefined, quota)));
      yield* claimOne(store);
      move(hour);
      strictEqual(yield* store.reap(9), 0);
      strictEqual((yield* claim(store, 9)).length, 0);
      move(-2 * hour);
      yield* TestClock.adjust("1 second");
      const b = yield* claimOne(store);
      strictEqual(b.startedAt, 1000 - hour);
      yield* TestClock.adjust("9 seconds");
      strictEqual(yield* store.reap(9), 1);
      yield* store.insert([task("later", { start: { delay: 500 } })]);
      strictEqual(yield* promote(store), 500);
      move(500);
      strictEqual(yield* promote(store), undefined);
    })).pipe(Effect.provideService(Clock.Clock, clock));
  }),
);

sweepTest(
  "fire() stores the tasks and moves the schedule, or neither, wherever it is interrupted",
  (watch) =>
    withStore(Effect.fnUntraced(function* (store) {
      yield* store.putSchedule({ id: "s", spec: 1, next: 0 });
      const fiber = yield* start(
        Effect.gen(function* () {
          for (let from = 0; from < 20; from++) {
            const rows = [task(`t${from}`)];
            yield* store.fire({ id: "s", from, next: from + 1, rows });
          }
        }),
        watch,
      );
      yield* Fiber.await(fiber);
      const { pending = 0 } = yield* counts(store);
      strictEqual(pending, (yield* store.schedules)[0]!.next);
    })),
);

testEffect(
  "claim() takes as long behind what cannot begin as without it",
  Effect.gen(function* () {
    const timeOf = (held: ReadonlyArray<TaskStore.NewRow>) =>
      Effect.gen(function* () {
        const store = yield* TaskStore.TaskStore;
        yield* store.insert(tasks(names("p", 2000)));
        if (held.length > 0) {
          const [first, ...rest] = held;
          yield* store.insert([first!, ...rest]);
          strictEqual((yield* claimOne(store)).lane, first!.lane?.key);
        }
        const start = performance.now();
        for (let n = 0; n < 2000; n++) {
          ok(yield* settle(store, (yield* claimOne(store)).lease, completed));
        }
        return performance.now() - start;
      }).pipe(Effect.provide(TaskStore.layerMemory()));
    yield* timeOf([]);
    const free = yield* timeOf([]);
    const behind = yield* timeOf([
      ...tasks(names("lane", 50_000), { priority: 1, ...lane("x", 1) }),
      ...tasks(names("later", 50_000), { priority: 2, start: { delay: 9 } }),
    ]);
    ok(behind < 25 * free, `${behind} ms behind others, ${free} ms alone`);
  }),
);

const now = { wall: 0, time: 0 };

testEffect(
  "a lane is forgotten with its last task, once its quota remembers nothing",
  Effect.sync(() => {
    const quota = Quota.slidingWindow({ limit: 1, window: "1 second" });
    const tables = new Tables();
    const size = (count: number, time = 0) => {
      tables.pending.step(time);
      strictEqual(tables.pending.size, count);
    };
    const entries = [
      tables.add(task("a", lane("plain", 1)), now),
      tables.add(task("b", lane("plain", 1)), now),
      tables.add(task("c", lane("paced", 1, quota)), now),
    ];
    size(2);
    tables.begin(["mail"], 1, 10, now);
    tables.begin(["mail"], 2, 10, now);
    for (const entry of entries) tables.move(entry, "completed", now);
    size(2);
    tables.forget(entries[0]!);
    size(2);
    tables.forget(entries[1]!);
    size(1);
    tables.forget(entries[2]!);
    size(1, 999);
    size(0, 1000);
    const again = tables.add(task("d", lane("paced", 1, quota)), now);
    size(1, 5000);
    tables.move(again, "cancelled", now);
    tables.forget(again);
    size(0);
  }),
);

testEffect(
  "list() finds its way where most tasks were forgotten",
  withStore(Effect.fnUntraced(function* (store) {
    yield* store.insert(tasks(names("p", 1000)));
    for (let n = 0; n < 1000; n++) {
      if (n % 10 !== 0) yield* store.cancel(`p${n}`);
    }
    const before = yield* store.list({ status: "pending", limit: 10 });
    const all = { keepFor: Duration.zero, keepCount: 0, limit: 7 };
    while ((yield* store.prune(all)) > 0);
    const after = yield* store.list({
      limit: 200,
      ...before.cursor === undefined ? {} : { cursor: before.cursor },
    });
    strictEqual(after.rows.length, 90);
    strictEqual(after.rows[0]?.id, "p890");
    ok(Option.isNone(yield* store.get("p1")));
    strictEqual((yield* row(store, "p0")).status, "pending");
  })),
);

testEffect(
  "a store does not grow with what it has forgotten",
  Effect.sync(() => {
    const tables = new Tables();
    for (let n = 0; n < 10_000; n++) {
      const entry = tables.add(task(`p${n}`), now);
      tables.move(entry, "cancelled", now);
      tables.forget(entry);
      // Of those that are left the newest stands furthest back.
      ok(entry.index <= 3);
    }
  }),
);
