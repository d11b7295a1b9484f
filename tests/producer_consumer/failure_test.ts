import { ProducerConsumer, RetryBudget } from "@weir/weir";
import { recordingLimiter, testEffect } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  counting,
  free,
  limited,
  naturals,
  Source,
} from "../support/producer_consumer.ts";

/** Fails for 3, and does nothing for others. */
const failsFor3 = (n: number) => n === 3 ? Effect.fail("no 3") : Effect.void;

testEffect(
  "without onFailure the first item that fails stops the whole, and fails it",
  Effect.gen(function* () {
    const source = new Source(naturals());
    const fiber = yield* ProducerConsumer.run({
      producers: [source.stream, Stream.never],
      consumer: (n) => Effect.andThen(Effect.sleep(100), failsFor3(n)),
    }).pipe(
      Effect.provide(free({ capacity: 5, consumers: 1 })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(300);
    deepStrictEqual(yield* Fiber.await(fiber), Exit.fail("no 3"));
    strictEqual(source.closed, 1);
  }),
);

testEffect(
  "a producer that fails while the queue is full stops the whole: producers first, then consumers, then it fails",
  Effect.gen(function* () {
    const events: Array<string> = [];
    const closes = (name: string) =>
      Effect.delay(Effect.sync(() => events.push(name)), 10);
    const full = Stream.fromIterable(naturals()).pipe(
      Stream.ensuring(closes("producer")),
    );
    const fails = Stream.fromEffect(Effect.delay(Effect.fail("broken"), 100));
    const fiber = yield* ProducerConsumer.run({
      producers: [full, fails],
      consumer: () => Effect.ensuring(Effect.never, closes("consumer")),
    }).pipe(
      Effect.provide(free({ capacity: 1, consumers: 1 })),
      Effect.exit,
      Effect.tap((exit) => Effect.sync(() => events.push(exit._tag))),
      Effect.forkChild,
    );
    yield* TestClock.adjust(120);
    deepStrictEqual(yield* Fiber.join(fiber), Exit.fail("broken"));
    deepStrictEqual(events, ["producer", "consumer", "Failure"]);
  }),
);

testEffect(
  "nothing that is queued is begun after a failure",
  Effect.gen(function* () {
    const begun: Array<number> = [];
    const slow = Stream.ensuring(Stream.never, Effect.sleep("1 minute"));
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 10), slow],
      consumer: (n) =>
        Effect.suspend(() => {
          begun.push(n);
          return Effect.andThen(Effect.sleep(n), failsFor3(n));
        }),
    }).pipe(Effect.provide(free({ consumers: 2 })), Effect.forkChild);
    yield* TestClock.adjust("2 minutes");
    ok(Exit.isFailure(yield* Fiber.await(fiber)));
    deepStrictEqual(begun, [1, 2, 3, 4]);
  }),
);

testEffect(
  "onFailure collects what failed and what died, and costs no consumer",
  Effect.gen(function* () {
    const failures: Array<unknown> = [];
    const report = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 8)],
      consumer: (n) => {
        if (n === 2) throw "thrown";
        if (n === 4) return Effect.die("died");
        if (n === 6) return Effect.interrupt;
        return failsFor3(n);
      },
      onFailure: (n, cause) =>
        Effect.sync(() => {
          failures.push([n, Cause.squash(cause)]);
        }),
    }).pipe(Effect.provide(free({ consumers: 1 })));
    deepStrictEqual(failures.slice(0, 3), [
      [2, "thrown"],
      [3, "no 3"],
      [4, "died"],
    ]);
    strictEqual(failures.length, 4);
    deepStrictEqual(
      { ...report, elapsed: Duration.zero },
      {
        produced: 8,
        consumed: 4,
        failed: 4,
        dropped: 0,
        peakPending: 8,
        elapsed: Duration.zero,
      },
    );
  }),
);

testEffect(
  "onFailure puts items on a dead-letter queue, and its own failure fails the whole",
  Effect.gen(function* () {
    const letters = yield* Queue.dropping<number>(1);
    const run = ProducerConsumer.run({
      producers: [Stream.make(3, 3)],
      consumer: failsFor3,
      onFailure: (n) =>
        Effect.flatMap(
          Queue.offer(letters, n),
          (put) => put ? Effect.void : Effect.fail("no room for letters"),
        ),
    }).pipe(Effect.provide(free({ consumers: 1 })));
    deepStrictEqual(yield* Effect.exit(run), Exit.fail("no room for letters"));
    strictEqual(yield* Queue.take(letters), 3);
  }),
);

testEffect(
  "retry tries again as its schedule says, asks the limiter anew each time, and then onFailure",
  Effect.gen(function* () {
    const { limiter, turns } = yield* recordingLimiter();
    const producing = yield* recordingLimiter();
    const failures: Array<string> = [];
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.make(3)],
      consumer: failsFor3,
      retry: Schedule.exponential(100).pipe(Schedule.upTo({ times: 2 })),
      onFailure: (n, cause) =>
        Effect.sync(() => failures.push(`${n}: ${Cause.squash(cause)}`)),
    }).pipe(
      Effect.provide(limited({ consumers: 1 }, producing.limiter, limiter)),
      Effect.forkChild,
    );
    yield* TestClock.adjust(300);
    strictEqual((yield* Fiber.join(fiber)).failed, 1);
    deepStrictEqual(failures, ["3: no 3"]);
    deepStrictEqual(yield* turns, [
      { by: "limit", at: 0 },
      { by: "limit", at: 100 },
      { by: "limit", at: 300 },
    ]);
  }),
);

testEffect(
  "retry that succeeds counts as consumed, and calls the consumer for each try",
  Effect.gen(function* () {
    const consuming = yield* counting(() => true);
    const producing = yield* counting(() => true);
    let tries = 0;
    const report = yield* ProducerConsumer.run({
      producers: [Stream.make("item")],
      consumer: () => ++tries < 3 ? Effect.fail(tries) : Effect.void,
      retry: Schedule.recurs(5),
    }).pipe(Effect.provide(
      limited({ consumers: 1 }, producing.limiter, consuming.limiter),
    ));
    strictEqual(report.consumed, 1);
    strictEqual(tries, 3);
    strictEqual(consuming.turns, 3);
  }),
);

testEffect(
  "a defect is not tried again",
  Effect.gen(function* () {
    let tries = 0;
    const exit = yield* ProducerConsumer.run({
      producers: [Stream.make("item")],
      consumer: (): Effect.Effect<void> => {
        tries++;
        throw "broken";
      },
      retry: Schedule.recurs(5),
    }).pipe(Effect.provide(free({ consumers: 1 })), Effect.exit);
    deepStrictEqual(exit, Exit.die("broken"));
    strictEqual(tries, 1);
  }),
);

testEffect(
  "an infinite producer and a consumer that always fails end at once",
  Effect.gen(function* () {
    for (const overflow of ["suspend", "dropping", "sliding"] as const) {
      const exit = yield* ProducerConsumer.run({
        producers: [Stream.fromIterable(naturals())],
        consumer: () => Effect.fail("no"),
      }).pipe(
        Effect.provide(free({ capacity: 2, consumers: 2, overflow })),
        Effect.exit,
      );
      ok(Exit.isFailure(exit));
      strictEqual(Cause.squash(exit.cause), "no");
    }
  }),
);

testEffect(
  "what goes wrong while the run stops is told with what stopped it, and not that it was stopped",
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void logged.push(message));
    const dies = Stream.ensuring(Stream.never, Effect.die("in a finalizer"));
    const exit = yield* ProducerConsumer.run({
      producers: [dies, Stream.fail("first")],
      consumer: () => Effect.void,
    }).pipe(
      Effect.provide(free({ consumers: 1 })),
      Effect.provide(Logger.layer([logger])),
      Effect.exit,
    );
    ok(Exit.isFailure(exit));
    deepStrictEqual(
      exit.cause.reasons.map((reason) =>
        Cause.isFailReason(reason)
          ? reason.error
          : Cause.isDieReason(reason) && reason.defect
      ),
      ["first", "in a finalizer"],
    );
    deepStrictEqual(logged, []);
  }),
);

testEffect(
  "retryBudget ends retries as if the schedule were over, and each item puts its part in",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 0.5, reserve: 2 });
    const tries: Array<number> = [];
    const failures: Array<unknown> = [];
    yield* ProducerConsumer.run({
      producers: [Stream.range(1, 5)],
      consumer: (n) =>
        Effect.suspend(() => {
          tries.push(n);
          return Effect.fail(`no ${n}`);
        }),
      retry: Schedule.recurs(9),
      retryBudget,
      onFailure: (_, cause) =>
        Effect.sync(() => {
          failures.push(Cause.squash(cause));
        }),
    }).pipe(Effect.provide(free({ consumers: 1 })));
    // The first finds the budget full; each second one after it has a retry.
    deepStrictEqual(tries, [1, 1, 1, 2, 3, 3, 4, 5, 5]);
    deepStrictEqual(failures, ["no 1", "no 2", "no 3", "no 4", "no 5"]);
  }),
);
