import { ProducerConsumer } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { start, sweepTest } from "../support/interrupt_sweep.ts";
import { counting, limited, Source } from "../support/producer_consumer.ts";

const quiet = Effect.provide(Logger.layer([]));

/** A program of two producers, and what becomes of its items. */
const programOf = Effect.fnUntraced(function* (
  options: Omit<ProducerConsumer.Options, "consumers">,
) {
  let flips = 0;
  const producing = yield* counting(() => ++flips % 3 > 0);
  const consuming = yield* counting(() => ++flips % 2 > 0);
  const sources = [
    new Source([[1, 2, 3, 4, 5], [6]]),
    new Source([[11], [12], [13]]),
  ];
  const seen: Array<number> = [];
  let running = 0;
  return {
    layer: limited(
      { ...options, consumers: 2 },
      producing.limiter,
      consuming.limiter,
    ),
    options: {
      producers: sources.map(({ stream }) => stream),
      consumer: (n: number) =>
        Effect.acquireUseRelease(
          Effect.sync(() => running++),
          () =>
            Effect.andThen(Effect.yieldNow, Effect.sync(() => seen.push(n))),
          () => Effect.sync(() => running--),
        ),
    },
    /** Nothing runs, nothing is open, nothing was consumed twice. */
    check: () => {
      strictEqual(running, 0);
      deepStrictEqual(new Set(seen).size, seen.length);
      const opened = sources.filter(({ pulled }) => pulled > 0);
      ok(opened.every(({ closed }) => closed === 1));
    },
    seen,
  };
});

sweepTest(
  "run() leaves nothing behind, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const { check, layer, options } = yield* programOf({ capacity: 2 });
    const fiber = yield* start(
      ProducerConsumer.run(options).pipe(
        Effect.provide(layer),
        quiet,
      ),
      watch,
    );
    yield* Fiber.await(fiber);
    check();
  }),
);

sweepTest(
  "run() with drain consumes all that was put, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const { check, layer, options } = yield* programOf({
      capacity: 2,
      drain: "1 hour",
    });
    const dropped: Array<unknown> = [];
    const logger = Logger.make(({ message }) => void dropped.push(message));
    const fiber = yield* start(
      ProducerConsumer.run(options).pipe(
        Effect.provide(layer),
        Effect.provide(Logger.layer([logger])),
      ),
      watch,
    );
    yield* Fiber.await(fiber);
    check();
    deepStrictEqual(dropped, []);
  }),
);

sweepTest(
  "stream() leaves nothing behind, wherever its reader is interrupted",
  Effect.fnUntraced(function* (watch) {
    const { check, layer, options, seen } = yield* programOf({ capacity: 2 });
    const fiber = yield* start(
      ProducerConsumer.stream(options).pipe(
        Stream.take(7),
        Stream.runDrain,
        Effect.provide(layer),
        quiet,
      ),
      watch,
    );
    yield* Fiber.await(fiber);
    const { length } = seen;
    check();
    yield* Effect.yieldNow;
    strictEqual(seen.length, length);
  }),
);
