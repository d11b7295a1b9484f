import { ProducerConsumer } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual } from "node:assert/strict";
import { alone, shown } from "../support/metrics.ts";
import { free } from "../support/producer_consumer.ts";

const servicesShown = shown("weir_producer_consumer_", "producer_consumer");

const of = (
  ...[pending, produced, consumed, failed, dropped]: ReadonlyArray<number>
) => ({
  "pending mail": pending,
  "produced_total mail": produced,
  "consumed_total mail": consumed,
  "failed_total mail": failed,
  "dropped_total mail": dropped,
});

testEffect(
  "a layer's service is in the metrics while it lives, with all its runs",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      deepStrictEqual(yield* servicesShown, of(0, 0, 0, 0, 0));
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
      deepStrictEqual(yield* servicesShown, of(1, 6, 1, 0, 3));
      yield* TestClock.adjust("10 seconds");
      yield* Fiber.join(first);
      const second = yield* Effect.forkChild(run);
      yield* TestClock.adjust("10 seconds");
      yield* Fiber.join(second);
      deepStrictEqual(yield* servicesShown, of(0, 12, 4, 2, 6));
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
    deepStrictEqual(yield* servicesShown, of(0, 2, 1, 1, 0));
    yield* Fiber.interrupt(fiber);
    deepStrictEqual(yield* servicesShown, of(0, 2, 1, 1, 0));
  }).pipe(
    Effect.provide(free({ consumers: 1, name: "mail" })),
    Effect.provide(Logger.layer([])),
    alone,
  ),
);
