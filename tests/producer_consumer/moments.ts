/**
 * Small programs over producers and consumers, each about one moment in which two things meet.
 *
 * @module
 */
import { ProducerConsumer } from "@weir/weir";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { shown } from "../support/metrics.ts";
import { free, naturals, Source } from "../support/producer_consumer.ts";
import type { Simulated } from "../support/simulated.ts";

/** Collects what is logged. */
const logging = (logged: Array<string>) =>
  Effect.provide(Logger.layer([
    Logger.make(({ message }) => {
      logged.push(String(message));
    }),
  ]));

const servicesShown = Effect.map(
  shown("weir_producer_consumer_", "producer_consumer"),
  (all) => all as Record<string, number>,
);

/** Endless producers must let time pass, lest nobody else gets on. */
const slow = ({ stream }: Source<number>): Stream.Stream<number> =>
  Stream.tap(stream, () => Effect.sleep(1));

/** What is claimed of each moment. */
export const moments: ReadonlyArray<Simulated> = [
  {
    name:
      "a full queue of ProducerConsumer lets all through, each producer's items in order",
    small: true,
    program: Effect.gen(function* () {
      const seen: Array<number> = [];
      const sources = [new Source([[1, 2], [3]]), new Source([[11], [12]])];
      const report = yield* ProducerConsumer.run({
        producers: sources.map(({ stream }) => stream),
        consumer: (n) =>
          Effect.andThen(Effect.sync(() => seen.push(n)), Effect.yieldNow),
      }).pipe(Effect.provide(free({ capacity: 1, consumers: 1 })));
      deepStrictEqual(seen.filter((n) => n < 10), [1, 2, 3]);
      deepStrictEqual(seen.filter((n) => n > 10), [11, 12]);
      deepStrictEqual([report.produced, report.consumed], [5, 5]);
      deepStrictEqual(sources.map(({ closed }) => closed), [1, 1]);
    }),
  },
  {
    name:
      "an interrupted run of ProducerConsumer drains what was produced, and takes no more",
    small: true,
    program: Effect.gen(function* () {
      const logged: Array<string> = [];
      let begun = 0;
      let ended = 0;
      const fiber = yield* ProducerConsumer.run({
        producers: [
          Stream.tap(Stream.range(1, 6), () => Effect.yieldNow, {
            concurrency: 1,
          }),
        ],
        consumer: () =>
          Effect.sync(() => begun++).pipe(
            Effect.andThen(Effect.yieldNow),
            Effect.andThen(Effect.sync(() => ended++)),
          ),
      }).pipe(
        Effect.provide(free({ capacity: 1, consumers: 1, drain: Infinity })),
        logging(logged),
        Effect.forkChild,
      );
      yield* Effect.replicateEffect(Effect.yieldNow, 4);
      yield* Fiber.interrupt(fiber);
      strictEqual(ended, begun);
      deepStrictEqual(logged, []);
    }),
  },
  {
    name:
      "no metric of ProducerConsumer counts back, whenever it is looked at and the run is interrupted",
    small: true,
    program: Effect.gen(function* () {
      let done = 0;
      const run = ProducerConsumer.run({
        producers: [Stream.range(1, 4)],
        consumer: (n) =>
          Effect.andThen(
            Effect.yieldNow,
            n % 2 === 0 ? Effect.sync(() => done++) : Effect.fail("odd"),
          ),
        onFailure: () => Effect.yieldNow,
      });
      yield* Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(run);
        let last = yield* servicesShown;
        for (let n = 0; n < 6; n++) {
          yield* Effect.yieldNow;
          if (n === 4) yield* Fiber.interrupt(fiber);
          const next = yield* servicesShown;
          for (const name of ["produced", "consumed", "failed", "dropped"]) {
            ok(
              next[`${name}_total default`]! >= last[`${name}_total default`]!,
            );
          }
          last = next;
        }
        strictEqual(last["consumed_total default"], done);
      }).pipe(Effect.provide(free({ capacity: 2, consumers: 1 })));
    }),
  },
  {
    name: "ProducerConsumer.stream() that is left early has ended its run",
    program: Effect.gen(function* () {
      const source = new Source(naturals());
      let running = 0;
      const results = yield* ProducerConsumer.stream({
        producers: [slow(source)],
        consumer: (n) =>
          Effect.acquireUseRelease(
            Effect.sync(() => running++),
            () => Effect.as(Effect.yieldNow, n),
            () => Effect.sync(() => running--),
          ),
      }).pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.provide(free({ capacity: 1, consumers: 2 })),
      );
      strictEqual(results.length, 2);
      deepStrictEqual([running, source.closed], [0, 1]);
    }),
  },
  {
    name: "an item begins at once while a consumer is free",
    small: true,
    program: Effect.gen(function* () {
      const starts: Array<number> = [];
      const at = (millis: number) =>
        Stream.fromEffect(Effect.delay(Effect.succeed(millis), millis));
      yield* ProducerConsumer.run({
        producers: [Stream.concat(at(1), at(8)), at(4)],
        consumer: () =>
          Effect.andThen(
            Effect.map(Clock.currentTimeMillis, (now) => starts.push(now)),
            Effect.sleep(20),
          ),
      }).pipe(Effect.provide(free({ capacity: 1, consumers: 3 })));
      deepStrictEqual(starts, [1, 4, 9]);
    }),
  },
  {
    name:
      "an item that interrupts itself ends the drain of its run, however long that may be",
    small: true,
    program: Effect.gen(function* () {
      const fiber = yield* ProducerConsumer.run({
        producers: [Stream.concat(Stream.range(1, 2), Stream.never)],
        consumer: () => Effect.andThen(Effect.yieldNow, Effect.interrupt),
      }).pipe(
        Effect.provide(free({ consumers: 1, drain: Infinity })),
        Effect.forkChild,
      );
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(fiber);
    }),
  },
  {
    name:
      "ProducerConsumer.stream() that is left early drains, whoever waits to give a result",
    program: Effect.gen(function* () {
      let done = 0;
      yield* ProducerConsumer.stream({
        producers: [Stream.range(1, 40)],
        consumer: () =>
          Effect.andThen(Effect.yieldNow, Effect.sync(() => done++)),
      }).pipe(
        Stream.mapEffect((n) => Effect.as(Effect.sleep(5), n)),
        Stream.take(2),
        Stream.runDrain,
        Effect.provide(free({ capacity: 40, consumers: 2, drain: Infinity })),
      );
      strictEqual(done, 40);
    }),
  },
  {
    name:
      "a producer and an item of ProducerConsumer that fail together end it once",
    small: true,
    program: Effect.gen(function* () {
      const source = new Source(naturals());
      const exit = yield* ProducerConsumer.run({
        producers: [
          slow(source),
          Stream.fromEffect(Effect.andThen(Effect.yieldNow, Effect.fail("p"))),
        ],
        consumer: () => Effect.andThen(Effect.yieldNow, Effect.fail("c")),
      }).pipe(
        Effect.provide(free({ capacity: 1, consumers: 1 })),
        Effect.exit,
      );
      ok(Exit.isFailure(exit));
      const errors = exit.cause.reasons.map((reason) =>
        reason._tag === "Fail" ? reason.error : reason._tag
      );
      ok(errors.length > 0 && errors.every((error) => "pc".includes(error)));
      ok(source.closed === 1 || source.pulled === 0);
    }),
  },
];
