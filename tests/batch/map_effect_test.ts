import { Batch, Limiter, Quota, RetryBudget } from "@weir/weir";
import { recordingLimiter, testEffect, testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { aWhile } from "../support/interrupt_sweep.ts";
import { Items } from "../support/items.ts";

const unlimited = Stream.provide(Limiter.layerUnlimited);

testProperty(
  "mapEffect() pulls and starts each batch once, when all that are that far ahead of it have ended, and keeps the order",
  FastCheck.record({
    batchSize: FastCheck.integer({ min: 1, max: 4 }),
    concurrency: FastCheck.integer({ min: 1, max: 4 }),
    lengths: FastCheck.array(FastCheck.integer({ min: 0, max: 5 }), {
      maxLength: 15,
    }),
  }),
  Effect.fnUntraced(function* ({ batchSize, concurrency, lengths }) {
    const clock = yield* Clock.Clock;
    const items = new Items(lengths, () => clock.currentTimeMillisUnsafe());
    const starts: Array<number> = [];
    const fiber = yield* Stream.fromIterable(items, { chunkSize: 1 }).pipe(
      Batch.mapEffect(
        (length, index) =>
          Effect.suspend(() => {
            starts[index] = clock.currentTimeMillisUnsafe();
            return Effect.as(Effect.sleep(length), `${index}: ${length}`);
          }),
        { batchSize, concurrency },
      ),
      unlimited,
      Stream.runCollect,
      Effect.forkChild,
    );
    for (let n = 0; n <= lengths.length * 5; n++) {
      yield* aWhile;
      yield* TestClock.adjust(1);
    }

    const ends: Array<number> = [];
    const expected = lengths.map((_, index) => {
      const batch = Math.floor(index / batchSize);
      const at = Math.max(
        0,
        ...ends.slice(0, Math.max(0, batch - concurrency + 1)),
      );
      const first = batch * batchSize;
      const longest = Math.max(...lengths.slice(first, first + batchSize));
      ends[batch] = at + longest;
      return at;
    });
    deepStrictEqual(starts, expected);
    deepStrictEqual(items.pulledAt, expected);
    deepStrictEqual(
      yield* Fiber.join(fiber),
      lengths.map((length, index) => `${index}: ${length}`),
    );
  }),
  { numRuns: 200 },
);

for (const concurrency of [1, 2, 5]) {
  testEffect(
    `mapEffect() starts no more than ${concurrency} batches ahead of a reader`,
    Effect.gen(function* () {
      const items = Items.endless();
      let begun = 0;
      const pull = yield* Stream.fromIterable(items, { chunkSize: 1 }).pipe(
        Batch.mapEffect(() => Effect.sync(() => begun++), {
          batchSize: 3,
          concurrency,
        }),
        unlimited,
        Stream.toPull,
      );
      for (let read = 1; read <= 10; read++) {
        yield* pull;
        yield* TestClock.adjust("1 minute");
        ok(begun <= 3 * (read + concurrency));
        strictEqual(items.pulledAt.length, begun);
      }
    }),
  );
}

testEffect(
  "mapEffect() that fails starts nothing more, and interrupts the rest",
  Effect.gen(function* () {
    const items = Items.endless();
    let started = 0;
    let interrupted = 0;
    // A test clock that was never moved cannot sleep in a finalizer.
    yield* TestClock.adjust(0);
    const fiber = yield* Stream.fromIterable(items, { chunkSize: 1 }).pipe(
      Batch.mapEffect((n) => {
        started++;
        return n === 5 ? Effect.fail("no") : Effect.never.pipe(
          Effect.onInterrupt(() =>
            Effect.andThen(
              Effect.sleep("1 second"),
              Effect.sync(() => interrupted++),
            )
          ),
        );
      }, { batchSize: 2, concurrency: 4 }),
      unlimited,
      Stream.runDrain,
      Effect.exit,
      Effect.forkChild,
    );
    for (let second = 0; second < 3; second++) {
      yield* aWhile;
      yield* TestClock.adjust("1 second");
    }
    deepStrictEqual(yield* Fiber.join(fiber), Exit.fail("no"));
    deepStrictEqual({ started, interrupted }, { started: 6, interrupted: 5 });
  }),
);

testEffect(
  "mapEffect() starts nothing more once its reader was interrupted, whatever comes while finalizers run",
  Effect.gen(function* () {
    let started = 0;
    let running = 0;
    const fiber = yield* Stream.fromIterable(Items.endless(), { chunkSize: 1 })
      .pipe(
        Stream.tap(() => Effect.sleep(10)),
        Batch.mapEffect(() =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              started++;
              running++;
            }),
            () => Effect.never,
            () => Effect.delay(Effect.sync(() => running--), 15),
          ), { concurrency: 4 }),
        unlimited,
        Stream.runDrain,
        Effect.forkChild,
      );
    yield* TestClock.adjust(15);
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(fiber));
    yield* TestClock.adjust(15);
    yield* Fiber.join(interrupt);
    deepStrictEqual({ started, running }, { started: 1, running: 0 });
  }),
);

testEffect(
  "mapEffect() hands on what came before upstream's failure",
  Effect.gen(function* () {
    const read: Array<number> = [];
    const exit = yield* Stream.range(1, 5).pipe(
      Stream.concat(Stream.fail("upstream")),
      Batch.mapEffect((n) => Effect.succeed(n * n), {
        batchSize: 2,
        concurrency: 2,
      }),
      unlimited,
      Stream.runForEach((n) => Effect.sync(() => read.push(n))),
      Effect.exit,
    );
    deepStrictEqual(exit, Exit.fail("upstream"));
    deepStrictEqual(read, [1, 4, 9, 16, 25]);
  }),
);

testEffect(
  "mapEffect() whose reader leaves waits until what runs is interrupted",
  Effect.gen(function* () {
    let running = 0;
    const results = yield* Stream.iterate(0, (n) => n + 1).pipe(
      Batch.mapEffect(
        (n) =>
          n === 0 ? Effect.succeed(n) : Effect.acquireUseRelease(
            Effect.sync(() => running++),
            () => Effect.never,
            () => Effect.andThen(Effect.yieldNow, Effect.sync(() => running--)),
          ),
        { concurrency: 3 },
      ),
      Stream.take(1),
      unlimited,
      Stream.runCollect,
    );
    deepStrictEqual(results, [0]);
    strictEqual(running, 0);
  }),
);

testEffect(
  "mapEffect() retries by the limiter, and asks onFailure for what failed for good",
  Effect.gen(function* () {
    const { limiter, turns } = yield* recordingLimiter(Quota.unlimited);
    const results = yield* Stream.make(1, 2).pipe(
      Batch.mapEffect(
        (n) => n === 1 ? Effect.fail("no") : Effect.succeed("yes"),
        {
          retry: Schedule.recurs(2),
          onFailure: (n) => Effect.succeed(`no ${n}`),
        },
      ),
      Stream.provideService(Limiter.Limiter, limiter),
      Stream.runCollect,
    );
    deepStrictEqual(results, ["no 1", "yes"]);
    strictEqual((yield* turns).length, 4);
  }),
);

testEffect(
  "mapEffect() tries again while the budget lasts",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 0.5, reserve: 2 });
    let tries = 0;
    yield* Stream.make(1, 2, 3).pipe(
      Batch.mapEffect(() => Effect.suspend(() => Effect.fail(++tries)), {
        retry: Schedule.recurs(9),
        retryBudget,
        onFailure: () => Effect.void,
      }),
      unlimited,
      Stream.runDrain,
    );
    strictEqual(tries, 6);
  }),
);

Deno.test("mapEffect() refuses bad options where it is given the stream", () => {
  const refused = (options: { batchSize?: number; concurrency?: number }) =>
    throws(
      () => Stream.make(1).pipe(Batch.mapEffect(Effect.succeed, options)),
      RangeError,
    );
  refused({ batchSize: 0 });
  refused({ concurrency: NaN });
});
