import { Batch } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import type * as Cause from "effect/Cause";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { aWhile } from "../support/interrupt_sweep.ts";

/** A window in numbers. */
type Told = readonly [
  start: number,
  end: number,
  items: ReadonlyArray<number>,
  dropped: number,
];

const told = (
  { dropped, end, items, start }: Batch.Window<number>,
): Told => [
  DateTime.toEpochMillis(start),
  DateTime.toEpochMillis(end),
  items,
  dropped,
];

/** What arrived, when. */
interface Arrival {
  readonly at: number;
  readonly items: ReadonlyArray<number>;
}

/** What the windows hold, worked out one by one from all that arrived: what fits is what no more than `capacity` open ones hold. */
function windowsOf(
  arrivals: ReadonlyArray<Arrival>,
  until: number,
  { capacity, every, size }: Readonly<
    Record<"size" | "every" | "capacity", number>
  >,
): ReadonlyArray<Told> {
  const starts: Array<number> = [];
  for (let start = 0; start <= until; start += every) starts.push(start);
  const held: Array<{ readonly at: number; readonly item: number }> = [];
  const dropped: Array<number> = [];
  for (const { at, items } of arrivals) {
    const open = starts.filter((start) => start <= at && at < start + size);
    for (const item of open.length === 0 ? [] : items) {
      const inOpen = held.filter((other) => other.at >= open[0]!).length;
      if (inOpen < capacity) held.push({ at, item });
      else dropped.push(at);
    }
  }
  const windows = starts.map((start): Told => {
    const end = start + size;
    const within = (at: number) => start <= at && at < end;
    return [
      start,
      end,
      held.filter(({ at }) => within(at)).map(({ item }) => item),
      dropped.filter(within).length,
    ];
  });
  const ended = windows.filter(([, end]) => end <= until);
  const partial = windows[ended.length];
  const empty = partial === undefined ||
    (partial[2].length === 0 && partial[3] === 0);
  return empty ? ended : [...ended, partial];
}

testProperty(
  "window() gives each span what arrived in it and fits, and the last one what came before the end",
  FastCheck.record({
    size: FastCheck.integer({ min: 1, max: 12 }),
    every: FastCheck.integer({ min: 1, max: 12 }),
    capacity: FastCheck.integer({ min: 1, max: 10 }),
    arrivals: FastCheck.array(
      FastCheck.record({
        pause: FastCheck.integer({ min: 0, max: 15 }),
        count: FastCheck.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 20 },
    ),
    fails: FastCheck.boolean(),
  }),
  Effect.fnUntraced(function* ({ arrivals, fails, ...options }) {
    const queue = yield* Queue.unbounded<number, string | Cause.Done>();
    const windows: Array<Told> = [];
    const reader = yield* Stream.fromQueue(queue).pipe(
      Batch.window(options),
      Stream.runForEach((window) =>
        Effect.sync(() => windows.push(told(window)))
      ),
      Effect.exit,
      Effect.forkChild({ startImmediately: true }),
    );
    const arrived: Array<Arrival> = [];
    let at = 0;
    let next = 0;
    for (const { count, pause } of arrivals) {
      yield* aWhile;
      yield* TestClock.adjust(pause);
      yield* aWhile;
      at += pause;
      const items = Array.from({ length: count }, () => next++);
      arrived.push({ at, items });
      yield* Queue.offerAll(queue, items);
    }
    yield* aWhile;
    yield* fails ? Queue.fail(queue, "no") : Queue.end(queue);
    deepStrictEqual(
      yield* Fiber.join(reader),
      fails ? Exit.fail("no") : Exit.void,
    );
    deepStrictEqual(windows, windowsOf(arrived, at, options));
  }),
  { numRuns: 300 },
);

/** What a stream of windows gives until a moment. */
const until = (
  millis: number,
  windows: Stream.Stream<Batch.Window<number>>,
): Effect.Effect<ReadonlyArray<Told>> =>
  Effect.gen(function* () {
    const seen: Array<Told> = [];
    const reader = yield* windows.pipe(
      Stream.runForEach((window) => Effect.sync(() => seen.push(told(window)))),
      Effect.forkChild,
    );
    for (let at = 0; at < millis; at++) {
      yield* aWhile;
      yield* TestClock.adjust(1);
    }
    yield* aWhile;
    yield* Fiber.interrupt(reader);
    return seen;
  });

/** 0 at once, and one more every so many milliseconds. */
const ticks = (every: number): Stream.Stream<number> =>
  Stream.iterate(0, (n) => n + 1).pipe(
    Stream.rechunk(1),
    Stream.mapEffect((n) =>
      n === 0 ? Effect.succeed(n) : Effect.as(Effect.sleep(every), n)
    ),
  );

testEffect(
  "window() tumbles from the moment that it is run, and gives empty windows too",
  Effect.gen(function* () {
    yield* TestClock.setTime(1_000_000);
    deepStrictEqual(
      yield* until(25, Batch.window(ticks(15), { size: 5 })),
      [
        [1_000_000, 1_000_005, [0], 0],
        [1_000_005, 1_000_010, [], 0],
        [1_000_010, 1_000_015, [], 0],
        [1_000_015, 1_000_020, [1], 0],
        [1_000_020, 1_000_025, [], 0],
      ],
    );
  }),
);

testEffect(
  "window() overlaps where `every` is less than `size`",
  Effect.gen(function* () {
    deepStrictEqual(
      yield* until(14, ticks(3).pipe(Batch.window({ size: 10, every: 2 }))),
      [
        [0, 10, [0, 1, 2, 3], 0],
        [2, 12, [1, 2, 3], 0],
        [4, 14, [2, 3, 4], 0],
      ],
    );
  }),
);

testEffect(
  "window() leaves gaps where `every` is more than `size`",
  Effect.gen(function* () {
    deepStrictEqual(
      yield* until(14, Batch.window(ticks(1), { size: 2, every: 6 })),
      [[0, 2, [0, 1], 0], [6, 8, [6, 7], 0], [12, 14, [12, 13], 0]],
    );
  }),
);

testEffect(
  "window() counts what did not fit, and holds nothing of it",
  Effect.gen(function* () {
    deepStrictEqual(
      yield* until(
        20,
        Batch.window(ticks(1), { size: 10, capacity: 4 }),
      ),
      [[0, 10, [0, 1, 2, 3], 6], [10, 20, [10, 11, 12, 13], 6]],
    );
  }),
);

testEffect(
  "window() pulls no more while a window that has ended was not read",
  Effect.gen(function* () {
    let pulled = 0;
    const source = Stream.tap(ticks(1), () => Effect.sync(() => pulled++));
    const pull = yield* source.pipe(
      Batch.window({ size: 10, capacity: 10 }),
      Stream.toPull,
    );
    const read = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(pull);
      for (let n = 0; n < 10; n++) {
        yield* aWhile;
        yield* TestClock.adjust(1);
      }
      const [window] = yield* Fiber.join(fiber);
      return told(window);
    });
    deepStrictEqual(yield* read, [0, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0]);
    // A reader that takes its time.
    for (let n = 0; n < 35; n++) {
      yield* aWhile;
      yield* TestClock.adjust(1);
    }
    strictEqual(pulled, 21);
    const late: Array<Told> = [];
    for (let n = 0; n < 3; n++) late.push(told((yield* pull)[0]));
    deepStrictEqual(late, [
      [10, 20, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19], 0],
      [20, 30, [20], 0],
      [30, 40, [], 0],
    ]);
    deepStrictEqual(yield* read, [40, 50, [21, 22, 23, 24], 0]);
  }),
);

testEffect(
  "window() that is read late gives each span what arrived in it, and the room that it has",
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<number>();
    const pull = yield* Stream.fromQueue(queue).pipe(
      Batch.window({ size: 10, capacity: 2 }),
      Stream.toPull,
    );
    const first = yield* Effect.forkChild(pull);
    yield* TestClock.adjust(10);
    strictEqual((yield* Fiber.join(first))[0].items.length, 0);
    for (const items of [[1, 2, 3], [4, 5, 6, 7]]) {
      yield* TestClock.adjust(5);
      yield* Queue.offerAll(queue, items);
      yield* aWhile;
      yield* TestClock.adjust(5);
    }
    deepStrictEqual([told((yield* pull)[0]), told((yield* pull)[0])], [
      [10, 20, [1, 2], 1],
      [20, 30, [4, 5], 2],
    ]);
  }),
);

testEffect(
  "window() that is read late gives no window that began after the stream had ended",
  Effect.gen(function* () {
    const source = Stream.make(0).pipe(
      Stream.concat(Stream.fromEffect(Effect.as(Effect.sleep(8), 1))),
      Stream.concat(Stream.fromEffectDrain(Effect.sleep(4))),
    );
    const pull = yield* source.pipe(Batch.window({ size: 5 }), Stream.toPull);
    const first = yield* Effect.forkChild(pull);
    for (let n = 0; n < 30; n++) {
      yield* aWhile;
      yield* TestClock.adjust(1);
    }
    const [window] = yield* Fiber.join(first);
    const [next] = yield* pull;
    deepStrictEqual([told(window), told(next)], [
      [0, 5, [0], 0],
      [5, 10, [1], 0],
    ]);
    ok(Exit.isFailure(yield* Effect.exit(pull)));
  }),
);

testEffect(
  "window() of an empty stream gives nothing",
  Effect.gen(function* () {
    const windows = Batch.window(Stream.empty, { size: 10 });
    deepStrictEqual(yield* Stream.runCollect(windows), []);
  }),
);

testEffect(
  "window() lets go of its stream when the reader leaves",
  Effect.gen(function* () {
    let closed = 0;
    const reader = yield* Stream.never.pipe(
      Stream.ensuring(Effect.sync(() => closed++)),
      Batch.window({ size: 10 }),
      Stream.take(2),
      Stream.runCollect,
      Effect.forkChild,
    );
    yield* TestClock.adjust(20);
    strictEqual((yield* Fiber.join(reader)).length, 2);
    strictEqual(closed, 1);
  }),
);

Deno.test("window() refuses bad options where it is given the stream", () => {
  const refused = (options: Batch.WindowOptions, message: RegExp) =>
    throws(
      () => Stream.make(1).pipe(Batch.window(options)),
      (error) => error instanceof RangeError && message.test(error.message),
    );
  refused({ size: 0 }, /^"size" must .*, was 0$/);
  refused({ size: "1 second", every: Infinity }, /^"every" must .*Infinity$/);
  refused({ size: 1, capacity: 0 }, /^"capacity" must .*, was 0$/);
});
