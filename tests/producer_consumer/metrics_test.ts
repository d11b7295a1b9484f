import { Limiter, ProducerConsumer, Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual } from "node:assert/strict";
import { alone, monitored, shown } from "../support/metrics.ts";
import { free, limited } from "../support/producer_consumer.ts";

const servicesShown = shown("weir_producer_consumer_", "producer_consumer");

const of = (
  ...[pending, running, produced, consumed, failed, dropped]: ReadonlyArray<
    number
  >
) => ({
  "pending mail": pending,
  "running mail": running,
  "produced_total mail": produced,
  "consumed_total mail": consumed,
  "failed_total mail": failed,
  "dropped_total mail": dropped,
});

testEffect(
  "a layer's service is in the metrics while it lives, with all its runs",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      deepStrictEqual(yield* servicesShown, of(0, 0, 0, 0, 0, 0));
      const run = ProducerConsumer.run({
        producers: [Stream.range(1, 6)],
        consumer: (n) =>
          Effect.andThen(
            Effect.sleep("1 second"),
            n === 2 ? Effect.fail("no") : Effect.void,
          ),
        onFailure: () => Effect.void,
      });
      const first = yield* Effect.forkChild(run);
      yield* TestClock.adjust("1500 millis");
      deepStrictEqual(yield* servicesShown, of(1, 1, 6, 1, 0, 3));
      yield* TestClock.adjust("10 seconds");
      yield* Fiber.join(first);
      const second = yield* Effect.forkChild(run);
      yield* TestClock.adjust("10 seconds");
      yield* Fiber.join(second);
      deepStrictEqual(yield* servicesShown, of(0, 0, 12, 4, 2, 6));
    }).pipe(
      Effect.provide(
        free({
          consumers: 1,
          capacity: 3,
          overflow: "dropping",
          name: "mail",
        }),
      ),
    );
    deepStrictEqual(yield* servicesShown, {});
  }).pipe(alone),
);

testEffect(
  "an item that is handed to onFailure counts as failed, and takes nothing from what was consumed",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 2)],
      consumer: (n) => n === 2 ? Effect.fail("no") : Effect.void,
      onFailure: () => Effect.sleep("1 second"),
    }).pipe(Effect.forkChild);
    yield* TestClock.adjust("500 millis");
    deepStrictEqual(yield* servicesShown, of(0, 1, 2, 1, 1, 0));
    yield* Fiber.interrupt(fiber);
    deepStrictEqual(yield* servicesShown, of(0, 0, 2, 1, 1, 0));
  }).pipe(
    Effect.provide(free({ consumers: 1, name: "mail" })),
    Effect.provide(Logger.layer([])),
    alone,
  ),
);

testEffect(
  "what waits for the limiter of consumers, or for whoever reads the results, is in their hands",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(Quota.unlimited, { concurrency: 1 });
    const service = limited(
      { consumers: 3, name: "mail" },
      yield* Limiter.make(Quota.unlimited),
      limiter,
    );
    yield* Effect.gen(function* () {
      const slow = yield* ProducerConsumer.run({
        producers: [Stream.range(1, 5)],
        consumer: () => Effect.sleep("1 second"),
      }).pipe(Effect.forkChild);
      yield* TestClock.adjust("500 millis");
      deepStrictEqual((yield* limiter.stats).waiting, 2);
      deepStrictEqual(yield* servicesShown, of(2, 3, 5, 0, 0, 0));
      yield* TestClock.adjust("3 seconds");
      deepStrictEqual(yield* servicesShown, of(0, 2, 5, 3, 0, 0));
      yield* TestClock.adjust("2 seconds");
      yield* Fiber.join(slow);
      const unread = yield* ProducerConsumer.stream({
        producers: [Stream.range(1, 100)],
        consumer: () => Effect.void,
      }).pipe(Stream.runForEachArray(() => Effect.never), Effect.forkChild);
      yield* TestClock.adjust("1 second");
      const { "running mail": running } = yield* servicesShown;
      deepStrictEqual(running, 3);
      yield* Fiber.interrupt(unread);
      const { "running mail": left } = yield* servicesShown;
      deepStrictEqual(left, 0);
    }).pipe(Effect.provide(service));
  }).pipe(Effect.provide(Logger.layer([])), alone),
);

testEffect(
  "an item that fails or is interrupted is in no hand any more, while others still are",
  Effect.gen(function* () {
    const run = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 3)],
      consumer: (n) =>
        n === 1
          ? Effect.andThen(Effect.sleep("1 second"), Effect.fail("no"))
          : n === 2
          ? Effect.uninterruptible(Effect.sleep("5 seconds"))
          : Effect.never,
    }).pipe(Effect.exit, Effect.forkChild);
    yield* TestClock.adjust("500 millis");
    deepStrictEqual(yield* servicesShown, of(0, 3, 3, 0, 0, 0));
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* servicesShown, of(0, 1, 3, 0, 0, 0));
    yield* TestClock.adjust("4 seconds");
    yield* Fiber.join(run);
    const { "running mail": running } = yield* servicesShown;
    deepStrictEqual(running, 0);
  }).pipe(Effect.provide(free({ consumers: 4, name: "mail" })), alone),
);

testEffect(
  "monitors see how many items are in hand",
  Effect.gen(function* () {
    const { levels } = yield* monitored(
      ProducerConsumer.run({
        producers: [Stream.range(1, 6)],
        consumer: () => Effect.sleep("2 seconds"),
      }).pipe(
        Effect.andThen(Effect.sleep("4 seconds")),
        Effect.provide(free({ consumers: 2, name: "mail" })),
      ),
    );
    // Two at once for six seconds of ten.
    const { max, mean } = levels["producer_consumer[mail].running"]!;
    deepStrictEqual([mean.mean, max], [1.2, 2]);
  }),
);
