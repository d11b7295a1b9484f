import { ProducerConsumer } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { free, naturals, Source } from "../support/producer_consumer.ts";

testEffect(
  "stream() gives the results as they complete, replacements too, and ends by itself",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.stream({
      producers: [Stream.make(300, 100, 200), Stream.make("x")],
      consumer: (item) =>
        typeof item === "string"
          ? Effect.fail("not a number")
          : Effect.delay(Effect.succeed(item), item),
      onFailure: (item) => Effect.succeed(`no ${item}`),
    }).pipe(
      Stream.runCollect,
      Effect.provide(free({ consumers: 4 })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(300);
    deepStrictEqual(yield* Fiber.join(fiber), ["no x", 100, 200, 300]);
  }),
);

testEffect(
  "stream() is as slow as who reads it: no more is pulled than is queued, in hand or waits to be read",
  Effect.gen(function* () {
    const source = new Source(naturals());
    const fiber = yield* ProducerConsumer.stream({
      producers: [source.stream],
      consumer: (n) => Effect.succeed(n),
    }).pipe(
      Stream.runForEach(() => Effect.sleep("1 second")),
      Effect.provide(free({ capacity: 5, consumers: 2 })),
      Effect.forkChild,
    );
    // The reader holds a chunk of at most 16, then 16 results wait, two in hand, five queued, and one to be queued.
    const ahead = 16 + 16 + 2 + 5 + 1;
    yield* TestClock.adjust(1);
    ok(source.pulled <= ahead);
    for (let n = 1; n <= 100; n++) {
      yield* TestClock.adjust("1 second");
      ok(source.pulled <= n + ahead);
    }
    ok(source.pulled >= 100);
    yield* Fiber.interrupt(fiber);
    strictEqual(source.closed, 1);
  }).pipe(Effect.provide(Logger.layer([]))),
);

testEffect(
  "stream() that is ended early stops the run before it ends, and logs nothing",
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void logged.push(message));
    const events: Array<string> = [];
    const source = Stream.iterate(1, (n) => n + 1).pipe(
      Stream.ensuring(
        Effect.delay(Effect.sync(() => events.push("producer")), 10),
      ),
    );
    const fiber = yield* ProducerConsumer.stream({
      producers: [source],
      consumer: (n) =>
        n === 4
          ? Effect.ensuring(
            Effect.never,
            Effect.sync(() => events.push("consumer")),
          )
          : Effect.succeed(n),
    }).pipe(
      Stream.take(3),
      Stream.runCollect,
      Effect.tap(() => Effect.sync(() => events.push("end"))),
      Effect.provide(free({ consumers: 1 })),
      Effect.provide(Logger.layer([logger])),
      Effect.forkChild,
    );
    yield* TestClock.adjust(10);
    deepStrictEqual(yield* Fiber.join(fiber), [1, 2, 3]);
    deepStrictEqual(events, ["producer", "consumer", "end"]);
    deepStrictEqual(logged, []);
  }),
);

testEffect(
  "stream() that is ended early drains, though nobody takes the results",
  Effect.gen(function* () {
    const done: Array<number> = [];
    const fiber = yield* ProducerConsumer.stream({
      producers: [Stream.range(1, 50)],
      consumer: (n) => Effect.delay(Effect.sync(() => done.push(n)), 10),
    }).pipe(
      Stream.take(1),
      Stream.runDrain,
      Effect.provide(free({ consumers: 1, drain: "1 minute" })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(499);
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust(1);
    yield* Fiber.join(fiber);
    strictEqual(done.length, 50);
  }),
);

testEffect(
  "stream() that is interrupted logs what is dropped",
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void logged.push(message));
    const fiber = yield* ProducerConsumer.stream({
      producers: [Stream.range(1, 5)],
      consumer: () => Effect.never,
    }).pipe(
      Stream.runDrain,
      Effect.provide(free({ consumers: 1 })),
      Effect.provide(Logger.layer([logger])),
      Effect.forkChild,
    );
    yield* TestClock.adjust(1);
    yield* Fiber.interrupt(fiber);
    deepStrictEqual(logged.flat(), [
      "A ProducerConsumer was interrupted, items dropped: 5",
    ]);
  }),
);

testEffect(
  "stream() gives what is there, then fails as the run does, when that has stopped",
  Effect.gen(function* () {
    const seen: Array<number> = [];
    const source = new Source(naturals());
    const exit = yield* ProducerConsumer.stream({
      producers: [source.stream],
      consumer: (n) => n === 4 ? Effect.fail("no 4") : Effect.succeed(n),
    }).pipe(
      Stream.runForEach((n) => Effect.sync(() => seen.push(n))),
      Effect.provide(free({ consumers: 1 })),
      Effect.exit,
    );
    deepStrictEqual(exit, Exit.fail("no 4"));
    deepStrictEqual(seen, [1, 2, 3]);
    strictEqual(source.closed, 1);
  }),
);

testEffect(
  "stream() whose reader fails stops the run",
  Effect.gen(function* () {
    const source = new Source(naturals());
    const exit = yield* ProducerConsumer.stream({
      producers: [source.stream],
      consumer: (n) => Effect.succeed(n),
    }).pipe(
      Stream.runForEach(() => Effect.fail("reader")),
      Effect.provide(free({ consumers: 3 })),
      Effect.exit,
    );
    deepStrictEqual(exit, Exit.fail("reader"));
    strictEqual(source.closed, 1);
  }),
);
