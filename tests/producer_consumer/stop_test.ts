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

/** Runs ten items of 100 ms each by two consumers, and is interrupted after 150 ms. */
const interrupted = (options: Partial<ProducerConsumer.Options>) =>
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void logged.push(message));
    const done: Array<number> = [];
    const source = new Source([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
    const fiber = yield* ProducerConsumer.run({
      producers: [source.stream, Stream.never],
      consumer: (n) => Effect.delay(Effect.sync(() => done.push(n)), 100),
    }).pipe(
      Effect.provide(free({ consumers: 2, ...options })),
      Effect.provide(Logger.layer([logger])),
      Effect.forkChild,
    );
    yield* TestClock.adjust(150);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(0);
    return { done, fiber, interrupt, logged: () => logged.flat() };
  });

const dropped = (left: number) => [
  `A ProducerConsumer was interrupted, items dropped: ${left}`,
];

testEffect(
  "an interrupt without drain interrupts the consumers, and logs what is dropped",
  Effect.gen(function* () {
    const { done, fiber, interrupt, logged } = yield* interrupted({});
    yield* Fiber.join(interrupt);
    const exit = yield* Fiber.await(fiber);
    ok(Exit.isFailure(exit) && Exit.hasInterrupts(exit));
    deepStrictEqual(done, [1, 2]);
    deepStrictEqual(logged(), dropped(8));
  }),
);

testEffect(
  "an interrupt with drain lets the consumers finish what is queued, and no longer",
  Effect.gen(function* () {
    const { done, fiber, interrupt, logged } = yield* interrupted({
      drain: "1 second",
    });
    yield* TestClock.adjust(349);
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust(1);
    yield* Fiber.join(interrupt);
    deepStrictEqual(done, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    deepStrictEqual(logged(), []);
  }),
);

testEffect(
  "a drain that takes too long is cut off, and logs what is dropped",
  Effect.gen(function* () {
    const { done, fiber, interrupt, logged } = yield* interrupted({
      drain: 100,
    });
    yield* TestClock.adjust(99);
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust(1);
    yield* Fiber.join(interrupt);
    deepStrictEqual(done, [1, 2, 3, 4]);
    deepStrictEqual(logged(), dropped(6));
  }),
);

testEffect(
  "an infinite drain ends when all is done",
  Effect.gen(function* () {
    const { done, interrupt } = yield* interrupted({ drain: Infinity });
    yield* TestClock.adjust(350);
    yield* Fiber.join(interrupt);
    strictEqual(done.length, 10);
  }),
);

testEffect(
  "an interrupt stops the producers first: what they wait to put is not put any more, drain or not",
  Effect.gen(function* () {
    const seen: Array<number> = [];
    const source = new Source([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
    const fiber = yield* ProducerConsumer.run({
      producers: [source.stream],
      consumer: (n) => Effect.delay(Effect.sync(() => seen.push(n)), 100),
    }).pipe(
      Effect.provide(free({ capacity: 2, consumers: 1, drain: "1 hour" })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(150);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(0);
    strictEqual(source.closed, 1);
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(interrupt);
    deepStrictEqual(seen, [1, 2, 3, 4]);
  }),
);

testEffect(
  "an item that fails in the drain ends it, and is told with the interrupt",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 10), Stream.never],
      consumer: () => Effect.delay(Effect.fail("no"), 100),
    }).pipe(
      Effect.provide(free({ consumers: 1, drain: "1 hour" })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(50);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(50);
    yield* Fiber.join(interrupt);
    const exit = yield* Fiber.await(fiber);
    ok(Exit.isFailure(exit));
    deepStrictEqual(
      exit.cause.reasons.map(({ _tag }) => _tag),
      ["Fail", "Interrupt"],
    );
  }).pipe(Effect.provide(Logger.layer([]))),
);

testEffect(
  "an item that interrupts itself in the drain ends it, however long it may be",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 10), Stream.never],
      consumer: () => Effect.delay(Effect.interrupt, 100),
    }).pipe(
      Effect.provide(free({ consumers: 1, drain: Infinity })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(50);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(50);
    ok(finished(fiber));
    yield* Fiber.join(interrupt);
  }).pipe(Effect.provide(Logger.layer([]))),
);

testEffect(
  "an interrupt waits for the finalizers of producers, then for those of consumers",
  Effect.gen(function* () {
    const events: Array<string> = [];
    const closes = (name: string) =>
      Effect.delay(Effect.sync(() => events.push(name)), 10);
    const fiber = yield* ProducerConsumer.run({
      producers: [
        Stream.fromIterable(naturals()).pipe(
          Stream.ensuring(closes("producer")),
        ),
        Stream.never.pipe(Stream.ensuring(closes("producer"))),
      ],
      consumer: () => Effect.ensuring(Effect.never, closes("consumer")),
    }).pipe(
      Effect.provide(free({ capacity: 1, consumers: 2 })),
      Effect.ensuring(Effect.sync(() => events.push("run"))),
      Effect.forkChild,
    );
    yield* TestClock.adjust(1);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(20);
    yield* Fiber.join(interrupt);
    deepStrictEqual(events, [
      ...["producer", "producer"],
      ...["consumer", "consumer"],
      "run",
    ]);
  }).pipe(Effect.provide(Logger.layer([]))),
);
