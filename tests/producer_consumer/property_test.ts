import { ProducerConsumer } from "@weir/weir";
import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { counting, limited, Source } from "../support/producer_consumer.ts";

interface Item {
  readonly producer: number;
  readonly place: number;
  /** Milliseconds before its chunk is given. */
  readonly comesAfter: number;
  /** Milliseconds that it takes; none: it does not even yield. */
  readonly takes: number;
  /** How often it fails. */
  readonly fails: number;
  /** In which way. */
  readonly dies: boolean;
}

const short = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constant(0) },
  FastCheck.integer({ min: 1, max: 20 }),
);
const item = FastCheck.record({
  comesAfter: short,
  takes: short,
  fails: FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.constant(0) },
    FastCheck.integer({ min: 1, max: 3 }),
  ),
  dies: FastCheck.boolean(),
});
/** Chunks of items, for each producer. */
const producers = FastCheck.array(
  FastCheck.array(FastCheck.array(item, { minLength: 1, maxLength: 8 }), {
    maxLength: 6,
  }),
  { maxLength: 5 },
).map((producers): ReadonlyArray<ReadonlyArray<ReadonlyArray<Item>>> =>
  producers.map((chunks, producer) => {
    let place = 0;
    return chunks.map((chunk) =>
      chunk.map((item) => ({ ...item, producer, place: place++ }))
    );
  })
);
const program = FastCheck.record({
  producers,
  capacity: FastCheck.integer({ min: 1, max: 10 }),
  consumers: FastCheck.integer({ min: 1, max: 5 }),
  overflow: FastCheck.constantFrom("suspend", "dropping", "sliding"),
  retries: FastCheck.integer({ min: 0, max: 2 }),
  /** Which turns come at once. */
  instant: FastCheck.infiniteStream(FastCheck.boolean()),
});

testProperty(
  "each item is consumed once by one consumer, dropped, or handed to onFailure, within every bound",
  program,
  ({ instant, producers, retries, ...options }) =>
    Effect.gen(function* () {
      const { capacity, consumers, overflow } = options;
      const producing = yield* counting(() => instant.next().value);
      const consuming = yield* counting(() => instant.next().value);
      const sources = producers.map((chunks) => new Source(chunks));
      const failed = new Map<Item, number>();
      const begun: Array<Item> = [];
      const consumed: Array<Item> = [];
      const given: Array<Item> = [];
      let running = 0;
      let most = 0;
      const consume = (item: Item): Effect.Effect<void, string> => {
        const failures = failed.get(item) ?? 0;
        if (failures === 0) begun.push(item);
        most = Math.max(most, ++running);
        const work = item.takes === 0 ? Effect.void : Effect.sleep(item.takes);
        return Effect.suspend((): Effect.Effect<void, string> => {
          if (failures === item.fails) {
            consumed.push(item);
            return Effect.void;
          }
          failed.set(item, failures + 1);
          return item.dies ? Effect.die("died") : Effect.fail("failed");
        }).pipe(
          (end) => Effect.andThen(work, end),
          Effect.ensuring(Effect.sync(() => running--)),
        );
      };
      const fiber = yield* ProducerConsumer.run({
        producers: sources.map(({ stream }) =>
          Stream.mapArrayEffect(stream, (chunk) =>
            Effect.as(
              chunk[0].comesAfter === 0
                ? Effect.void
                : Effect.sleep(chunk[0].comesAfter),
              chunk,
            ))
        ),
        consumer: consume,
        retry: Schedule.recurs(retries),
        onFailure: (item) => Effect.sync(() => void given.push(item)),
      }).pipe(
        Effect.provide(limited(options, producing.limiter, consuming.limiter)),
        Effect.forkChild,
      );
      while (!finished(fiber)) yield* TestClock.adjust(20);
      const report = yield* Fiber.join(fiber);

      const items = producers.flat(2);
      const ended = [...consumed, ...given];
      strictEqual(new Set(ended).size, ended.length);
      strictEqual(report.produced, items.length);
      strictEqual(report.consumed, consumed.length);
      strictEqual(report.failed, given.length);
      strictEqual(report.dropped, items.length - ended.length);
      strictEqual(
        report.produced,
        report.consumed + report.failed + report.dropped,
      );
      if (overflow === "suspend") strictEqual(report.dropped, 0);
      ok(report.peakPending <= capacity);
      ok(most <= consumers);
      for (const item of given) {
        ok(item.fails > (item.dies ? 0 : retries));
      }
      strictEqual(producing.turns, items.length);
      strictEqual(
        consuming.turns,
        consumed.length + [...failed.values()].reduce((a, b) => a + b, 0),
      );
      deepStrictEqual(
        sources.map(({ closed }) => closed),
        sources.map(() => 1),
      );
      // Each producer's items are begun in order, and where there is one consumer in the order of the queue.
      producers.forEach((_, producer) => {
        const places = begun.filter((item) => item.producer === producer)
          .map(({ place }) => place);
        deepStrictEqual(places, places.toSorted((a, b) => a - b));
      });
    }),
  { numRuns: 300 },
);

testProperty(
  "a run that is interrupted at any time leaves nothing running",
  FastCheck.tuple(
    program,
    FastCheck.integer({ min: 0, max: 100 }),
    FastCheck.constantFrom(0, 10, 1000),
  ),
  ([{ instant, producers, retries, ...options }, at, drain]) =>
    Effect.gen(function* () {
      const producing = yield* counting(() => instant.next().value);
      const consuming = yield* counting(() => instant.next().value);
      const sources = producers.map((chunks) => new Source(chunks));
      let running = 0;
      const fiber = yield* ProducerConsumer.run({
        producers: sources.map(({ stream }) =>
          Stream.tap(stream, ({ comesAfter }) => Effect.sleep(comesAfter))
        ),
        consumer: ({ takes }) => {
          running++;
          return Effect.ensuring(
            Effect.sleep(takes),
            Effect.sync(() => running--),
          );
        },
        retry: Schedule.recurs(retries),
      }).pipe(
        Effect.provide(
          limited({ ...options, drain }, producing.limiter, consuming.limiter),
        ),
        Effect.forkChild,
      );
      yield* TestClock.adjust(at);
      const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
      yield* TestClock.adjust(drain);
      yield* Fiber.join(interrupt);
      strictEqual(running, 0);
      for (const { closed, pulled } of sources) {
        ok(closed === 1 || pulled === 0);
      }
    }).pipe(Effect.provide(Logger.layer([]))),
  { numRuns: 200 },
);
