import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Body, SqlGatherer } from "../../src/tasks/sql_gatherer.ts";
import type { Step } from "../../src/tasks/sql_step.ts";

/** As much of a step as operations here need. */
const step = { flush: Effect.void } as unknown as Step;

const full = new TaskStore.TaskStoreError({ reason: "Full", detail: "full" });

/** A gatherer whose transactions take a second, and what was done in each that was committed. */
const gathering = Effect.map(Effect.context<never>(), (context) => {
  const committed: Array<ReadonlyArray<string>> = [];
  let done: Array<string> = [];
  const gatherer = new SqlGatherer(
    <A>(body: Body<A>) =>
      Effect.suspend(() => {
        done = [];
        return body(step);
      }).pipe(
        Effect.catchTag("SqlError", Effect.die),
        Effect.tap(() =>
          Effect.map(Effect.sleep("1 second"), () => {
            committed.push(done);
          })
        ),
      ),
    Effect.runForkWith(context),
  );
  const note = (name: string) =>
    gatherer.add(() =>
      Effect.sync(() => {
        done.push(name);
        return name;
      })
    );
  const failing = gatherer.add(() => Effect.fail(full));
  return { committed, failing, note };
});

testEffect(
  "operations that come at once share a transaction, and each has its own result",
  Effect.gen(function* () {
    const { committed, note } = yield* gathering;
    const names = ["a", "b", "c", "d"];
    const all = yield* Effect.forkChild(
      Effect.forEach(names, note, { concurrency: "unbounded" }),
    );
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* Fiber.join(all), names);
    deepStrictEqual(committed, [names]);
  }),
);

testEffect(
  "what comes while a transaction is under way shares the next one",
  Effect.gen(function* () {
    const { committed, note } = yield* gathering;
    const first = yield* Effect.forkChild(note("a"));
    yield* TestClock.adjust(500);
    const others = yield* Effect.forkChild(
      Effect.all([note("b"), note("c")], { concurrency: 2 }),
    );
    yield* TestClock.adjust(500);
    deepStrictEqual(committed, [["a"]]);
    yield* TestClock.adjust(1000);
    yield* Fiber.join(first);
    deepStrictEqual(yield* Fiber.join(others), ["b", "c"]);
    deepStrictEqual(committed, [["a"], ["b", "c"]]);
  }),
);

testEffect(
  "an operation that fails among others fails alone",
  Effect.gen(function* () {
    const { committed, failing, note } = yield* gathering;
    const all = yield* Effect.forkChild(Effect.all(
      [note("a"), Effect.flip(failing), note("b")],
      { concurrency: "unbounded" },
    ));
    yield* TestClock.adjust("2 seconds");
    deepStrictEqual(yield* Fiber.join(all), ["a", full, "b"]);
    deepStrictEqual(committed, [["a"], ["b"]]);
  }),
);

testEffect(
  "an operation whose fiber is interrupted before its transaction begins is not done",
  Effect.gen(function* () {
    const { committed, note } = yield* gathering;
    const first = yield* Effect.forkChild(note("a"));
    yield* TestClock.adjust(500);
    const [second, third] = [
      yield* Effect.forkChild(note("b")),
      yield* Effect.forkChild(note("c")),
    ];
    yield* TestClock.adjust(100);
    yield* Fiber.interrupt(second);
    yield* TestClock.adjust("2 seconds");
    yield* Fiber.join(first);
    strictEqual(yield* Fiber.join(third), "c");
    deepStrictEqual(committed, [["a"], ["c"]]);
  }),
);

testEffect(
  "an operation whose fiber is interrupted later is seen to its end",
  Effect.gen(function* () {
    const { committed, note } = yield* gathering;
    const [first, second] = [
      yield* Effect.forkChild(note("a")),
      yield* Effect.forkChild(note("b")),
    ];
    yield* TestClock.adjust(500);
    const interrupting = yield* Effect.forkChild(Fiber.interrupt(second));
    yield* TestClock.adjust(100);
    strictEqual(interrupting.pollUnsafe(), undefined);
    yield* TestClock.adjust(400);
    yield* Fiber.join(interrupting);
    strictEqual(yield* Fiber.join(first), "a");
    deepStrictEqual(committed, [["a", "b"]]);
  }),
);
