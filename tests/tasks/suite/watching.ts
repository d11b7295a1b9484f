/**
 * How schedules fire, and how one sees what happens.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Stream from "effect/Stream";
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
  history,
  idsOf,
  names,
  promote,
  released,
  retried,
  settle,
  statusOf,
  task,
  tasks,
} from "./claims.ts";

export function watchingClaims(test: Claim): void {
  test(
    "putSchedule() stores and replaces, removeSchedule() forgets, schedules give the next first",
    Effect.fnUntraced(function* (store) {
      deepStrictEqual(yield* store.schedules, []);
      const hourly = { id: "hourly", spec: { cron: "0 * * * *" }, next: 3000 };
      yield* store.putSchedule(hourly);
      yield* store.putSchedule({ id: "late", spec: null, next: 9000 });
      yield* store.putSchedule({ id: "soon", spec: [1], next: 1000 });
      deepStrictEqual(idsOf(yield* store.schedules), [
        ...["soon", "hourly", "late"],
      ]);
      deepStrictEqual((yield* store.schedules)[1], hourly);
      const moved = { id: "soon", spec: [2], next: 5000 };
      yield* store.putSchedule(moved);
      deepStrictEqual((yield* store.schedules)[1], moved);
      ok(yield* store.removeSchedule("hourly"));
      ok(!(yield* store.removeSchedule("hourly")));
      deepStrictEqual(idsOf(yield* store.schedules), ["soon", "late"]);
    }),
  );

  test(
    "fire() stores the tasks once for each time, whoever comes first",
    Effect.fnUntraced(function* (store) {
      const spec = { kind: "mail" };
      yield* store.putSchedule({ id: "s", spec, next: 1000 });
      const fire = (id: string, from: number, next: number) =>
        store.fire({ id: "s", from, next, rows: [task(id)] });
      const answers = yield* Effect.all(
        names("p", 5).map((id) => fire(id, 1000, 2000)),
        { concurrency: "unbounded" },
      );
      strictEqual(answers.filter((fired) => fired).length, 1);
      deepStrictEqual(yield* counts(store), { pending: 1 });
      deepStrictEqual(yield* store.schedules, [{ id: "s", spec, next: 2000 }]);
      ok(!(yield* fire("early", 3000, 4000)));
      ok(yield* fire("second", 2000, 3000));
      ok(yield* store.fire({ id: "s", from: 3000, next: 4000, rows: [] }));
      ok(yield* fire("second", 4000, 5000));
      deepStrictEqual(yield* counts(store), { pending: 2 });
      yield* store.removeSchedule("s");
      ok(!(yield* fire("gone", 5000, 6000)));
      strictEqual(yield* statusOf(store, "gone"), "missing");
    }),
  );

  test(
    "fire() moves nothing if its tasks do not fit",
    Effect.fnUntraced(function* (store) {
      const schedule = { id: "s", spec: null, next: 1000 };
      yield* store.putSchedule(schedule);
      const error = yield* Effect.flip(
        store.fire({
          id: "s",
          from: 1000,
          next: 2000,
          rows: tasks(["a", "b"]),
        }),
      );
      strictEqual(error.reason, "Full");
      deepStrictEqual(yield* store.schedules, [schedule]);
      deepStrictEqual(yield* counts(store), {});
    }),
    { capacity: 1 },
  );

  test(
    "events tell every change of status, and progress, in the order of commits",
    Effect.fnUntraced(function* (store) {
      strictEqual(yield* store.lastEvent, 0);
      deepStrictEqual(yield* store.events(0, 9), []);
      yield* store.insert([
        ...tasks(names("p", 6)),
        task("later", { start: { delay: 1000 } }),
      ]);
      const inserted = yield* store.lastEvent;
      const [a, b, c, d, e] = yield* claim(store, 5);
      yield* TestClock.adjust("1 second");
      yield* store.progress(a!.lease, { done: 1, total: 2 });
      yield* promote(store);
      yield* store.settle([
        { lease: e!.lease, outcome: released },
        { lease: a!.lease, outcome: completed },
        { lease: a!.lease, outcome: failed },
        { lease: b!.lease, outcome: failed },
        { lease: c!.lease, outcome: retried(0) },
        { lease: d!.lease, outcome: cancelled },
      ]);
      yield* store.cancel("p5");
      yield* store.retry("p1");
      deepStrictEqual(yield* history(store, inserted), [
        ...names("p", 5).map((id) => `${id} running`),
        ...["p0 running", "later pending", "p4 pending", "p0 completed"],
        ...["p1 failed", "p2 pending", "p3 cancelled", "p5 cancelled"],
        "p1 pending",
      ]);
      const all = yield* store.events(0, 1000);
      deepStrictEqual(all[0], {
        sequence: all[0]!.sequence,
        at: 0,
        id: "p0",
        name: "mail",
        status: "pending",
        progress: undefined,
      });
      strictEqual(all[6]!.status, "scheduled");
      const progress = all.find(({ progress }) => progress !== undefined)!;
      deepStrictEqual(progress, {
        sequence: progress.sequence,
        at: 1000,
        id: "p0",
        name: "mail",
        status: "running",
        progress: { done: 1, total: 2 },
      });
      const sequences = all.map(({ sequence }) => sequence);
      deepStrictEqual(
        sequences,
        [...new Set(sequences)].toSorted((a, b) => a - b),
      );
      strictEqual(sequences.at(-1), yield* store.lastEvent);
    }),
  );

  test(
    "events tell of what is reaped",
    Effect.fnUntraced(function* (store) {
      yield* store.insert([
        task("again"),
        task("spent", { maxAttempts: 1 }),
        task("asked"),
      ]);
      yield* claim(store, 9);
      yield* store.cancel("asked");
      yield* TestClock.adjust("10 seconds");
      const after = yield* store.lastEvent;
      strictEqual(yield* store.reap(9), 3);
      deepStrictEqual((yield* history(store, after)).toSorted(), [
        ...["again pending", "asked cancelled", "spent failed"],
      ]);
    }),
  );

  test(
    "events() gives up to its limit of those after one, so that a reader misses none",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(names("p", 7)));
      const seen: Array<string> = [];
      let after = 0;
      for (;;) {
        const events = yield* store.events(after, 3);
        if (events.length === 0) break;
        ok(events.length <= 3);
        for (const event of events) {
          ok(event.sequence > after);
          after = event.sequence;
          seen.push(event.id);
        }
      }
      deepStrictEqual(seen, names("p", 7));
      strictEqual(after, yield* store.lastEvent);
      deepStrictEqual(yield* store.events(after + 100, 3), []);
    }),
  );

  test(
    "changes pulse at once, and when something changed here",
    Effect.fnUntraced(function* (store) {
      yield* store.insert(tasks(["a"]));
      let pulses = 0;
      const seen = (at: number) =>
        Effect.gen(function* () {
          for (let n = 0; n < 200 && pulses < at; n++) {
            yield* TestClock.adjust("100 millis");
            yield* Effect.yieldNow;
          }
          ok(pulses >= at, `${pulses} pulses of ${at}`);
        });
      const reader = yield* Effect.forkChild(
        Stream.runForEach(store.changes, () =>
          Effect.sync(() => {
            pulses++;
          })),
      );
      yield* seen(1);
      const steps: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        store.insert(tasks(["b"])),
        store.cancel("b"),
        Effect.suspend(() => store.retry("b")),
        store.pause("mail", false),
        Effect.suspend(() => claimIds(store, 1)),
        store.cancel("a"),
        store.putSchedule({ id: "s", spec: 1, next: 1 }),
        Effect.suspend(() =>
          Effect.flatMap(
            claimOne(store),
            ({ lease }) => settle(store, lease, completed),
          )
        ),
      ];
      for (const step of steps) {
        const before = pulses;
        yield* Effect.orDie(step);
        yield* seen(before + 1);
      }
      yield* Fiber.interrupt(reader);
    }),
  );
}
