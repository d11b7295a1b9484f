import { Batch, Limiter, Quota, RetryBudget } from "@weir/weir";
import { recordingLimiter, testEffect, testProperty } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Items } from "../support/items.ts";
import {
  aWhile,
  handOut,
  start,
  sweepTest,
} from "../support/interrupt_sweep.ts";

const unlimited = Effect.provide(Limiter.layerUnlimited);

testProperty(
  "forEach() pulls and starts each batch once, as the first of the others ends, and keeps the order",
  FastCheck.record({
    batchSize: FastCheck.integer({ min: 1, max: 4 }),
    concurrency: FastCheck.integer({ min: 1, max: 4 }),
    lengths: FastCheck.array(FastCheck.integer({ min: 0, max: 20 }), {
      maxLength: 30,
    }),
    lazy: FastCheck.boolean(),
  }),
  Effect.fnUntraced(function* ({ batchSize, concurrency, lazy, lengths }) {
    const clock = yield* Clock.Clock;
    const items = new Items(lengths, () => clock.currentTimeMillisUnsafe());
    const starts: Array<number> = [];
    const fiber = yield* Batch.forEach(
      lazy ? items : lengths,
      (length, index) =>
        Effect.suspend(() => {
          starts[index] = clock.currentTimeMillisUnsafe();
          return Effect.as(Effect.sleep(length), `${index}: ${length}`);
        }),
      { batchSize, concurrency },
    ).pipe(unlimited, Effect.forkChild);
    yield* TestClock.adjust(lengths.length * 20);

    const free = Array.from({ length: concurrency }, () => 0);
    const expected = lengths.map((_, index) => {
      const batch = lengths.slice(index - index % batchSize).slice(
        0,
        batchSize,
      );
      const at = Math.min(...free);
      if (index % batchSize === batch.length - 1) {
        free[free.indexOf(at)] = at + Math.max(...batch);
      }
      return at;
    });
    deepStrictEqual(starts, expected);
    if (lazy) deepStrictEqual(items.pulledAt, expected);
    deepStrictEqual(
      yield* Fiber.join(fiber),
      lengths.map((length, index) => `${index}: ${length}`),
    );
    strictEqual(items.closed, 0);
  }),
  { numRuns: 200 },
);

testEffect(
  "forEach() that fails interrupts the rest, waits for it, starts nothing more and closes the iterator",
  Effect.gen(function* () {
    const items = Items.endless();
    const events: Array<string> = [];
    const exit = yield* Batch.forEach(
      items,
      (n) =>
        n === 5 ? Effect.fail("no") : Effect.never.pipe(
          Effect.onExit(() => Effect.yieldNow),
          Effect.onExit(({ _tag }) =>
            Effect.sync(() => events.push(`${n} ${_tag}`))
          ),
        ),
      { batchSize: 2, concurrency: 4 },
    ).pipe(unlimited, Effect.exit);
    deepStrictEqual(exit, Exit.fail("no"));
    deepStrictEqual(events.sort(), [0, 1, 2, 3, 4].map((n) => `${n} Failure`));
    strictEqual(items.pulledAt.length, 6);
    strictEqual(items.closed, 1);
  }),
);

testEffect(
  "forEach() takes a call that throws for a defect of its item",
  Effect.gen(function* () {
    const oops = new Error("oops");
    const seen: Array<unknown> = [];
    const f = (n: number) => {
      if (n === 2) throw oops;
      return Effect.succeed(n);
    };
    const results = yield* Batch.forEach([1, 2, 3], f, {
      batchSize: 3,
      onFailure: (n, cause) => {
        seen.push(n, cause);
        return Effect.succeed("stand-in");
      },
    }).pipe(unlimited);
    deepStrictEqual(results, [1, "stand-in", 3]);
    deepStrictEqual(seen, [2, Cause.die(oops)]);
    const exit = yield* Effect.exit(unlimited(Batch.forEach([2], f)));
    deepStrictEqual(exit, Exit.die(oops));
  }),
);

testEffect(
  "forEach() asks onFailure about what failed for good, not about what it interrupts itself",
  Effect.gen(function* () {
    const asked: Array<number> = [];
    const exit = yield* Batch.forEach(
      [1, 2, 3],
      (n) => n < 3 ? Effect.never : Effect.fail("first"),
      {
        concurrency: 3,
        onFailure: (n) => {
          asked.push(n);
          return Effect.fail("second");
        },
      },
    ).pipe(unlimited, Effect.exit);
    deepStrictEqual(exit, Exit.fail("second"));
    deepStrictEqual(asked, [3]);
  }),
);

testEffect(
  "forEach() asks the limiter at each try, and holds no slot in between",
  Effect.gen(function* () {
    const { limiter, turns } = yield* recordingLimiter(Quota.unlimited, {
      concurrency: 1,
    });
    const calls: Array<string> = [];
    const fiber = yield* Batch.forEach(
      ["a", "b"],
      (item) =>
        Effect.suspend(() => {
          calls.push(item);
          return item === "b" || calls.length > 2
            ? Effect.succeed(item)
            : Effect.fail("again");
        }),
      { concurrency: 2, retry: Schedule.spaced("1 second") },
    ).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
      Effect.forkChild,
    );
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* Fiber.join(fiber), ["a", "b"]);
    deepStrictEqual(calls, ["a", "b", "a"]);
    deepStrictEqual(
      (yield* turns).map(({ at, by }) => [by, at]),
      [["limit", 0], ["limit", 0], ["limit", 1000]],
    );
  }),
);

testEffect(
  "forEach() starts items no faster than the limiter lets",
  Effect.gen(function* () {
    const starts: Array<number> = [];
    yield* Batch.forEach(
      [1, 2, 3, 4],
      () => Effect.map(Clock.currentTimeMillis, (at) => starts.push(at)),
      { batchSize: 4 },
    ).pipe(
      Effect.provide(
        Limiter.layer(Quota.slidingWindow({ limit: 2, window: "1 second" })),
      ),
      Effect.forkChild,
    );
    yield* TestClock.adjust("1 second");
    deepStrictEqual(starts, [0, 0, 1000, 1000]);
  }),
);

testEffect(
  "forEach() closes the iterator when it is interrupted, and not when that came to its end",
  Effect.gen(function* () {
    const items = Items.endless();
    const fiber = yield* Batch.forEach(items, () => Effect.never).pipe(
      unlimited,
      Effect.forkChild,
    );
    yield* Effect.yieldNow;
    strictEqual(items.closed, 0);
    yield* Fiber.interrupt(fiber);
    strictEqual(items.closed, 1);

    const short = new Items([1, 2], () => 0);
    yield* unlimited(Batch.forEach(short, () => Effect.void));
    strictEqual(short.closed, 0);
  }),
);

testEffect(
  "forEach() dies with what the iterator throws, and does not close it",
  Effect.gen(function* () {
    const oops = new Error("oops");
    let closed = 0;
    let interrupted = 0;
    let pulls = 0;
    const iterator: Iterator<number> = {
      next: () => {
        if (++pulls > 2) throw oops;
        return { value: pulls };
      },
      return: () => ({ value: closed++, done: true }),
    };
    const exit = yield* Batch.forEach(
      { [Symbol.iterator]: () => iterator },
      () =>
        Effect.onInterrupt(
          Effect.never,
          () => Effect.sync(() => interrupted++),
        ),
      { concurrency: 3 },
    ).pipe(unlimited, Effect.exit);
    deepStrictEqual(exit, Exit.die(oops));
    deepStrictEqual({ closed, interrupted, pulls }, {
      closed: 0,
      interrupted: 2,
      pulls: 3,
    });
  }),
);

testEffect(
  "forEach() runs 100,000 items without a deep stack",
  Effect.gen(function* () {
    const items = Array.from({ length: 100_000 }, (_, n) => n);
    for (const [batchSize, concurrency] of [[1, 1], [1, 10], [100_000, 1]]) {
      const results = yield* Batch.forEach(items, Effect.succeed, {
        batchSize,
        concurrency,
      }).pipe(unlimited);
      deepStrictEqual(results, items);
    }
  }),
);

sweepTest(
  "forEach() loses no turn and no slot, and closes the iterator, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limit = 40;
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit, window: "1 hour" }),
      { concurrency: 3 },
    );
    const all = Array.from({ length: 8 }, () => new Items([1, 2, 3], () => 0));
    let begun = 0;
    let ended = 0;
    const call = Effect.acquireUseRelease(
      Effect.sync(() => begun++),
      () => Effect.yieldNow,
      () => Effect.sync(() => ended++),
    );
    const fiber = yield* start(
      Effect.forEach(all, (items, n) =>
        Batch.forEach(items, () => call, {
          batchSize: 1 + n % 2,
          concurrency: 1 + (n >> 2),
        })).pipe(Effect.provideService(Limiter.Limiter, limiter)),
      watch,
    );
    yield* aWhile;
    yield* Fiber.await(fiber);
    const { admitted, running, waiting } = yield* limiter.stats;
    strictEqual(running + waiting, 0);
    strictEqual(admitted + (yield* handOut(limiter)), limit);
    strictEqual(ended, begun);
    deepStrictEqual(all.filter(({ open }) => open), []);
  }),
);

Deno.test("forEach() refuses bad options where they are given", () => {
  const attempt = (options: { batchSize?: number; concurrency?: number }) =>
    throws(
      () => Batch.forEach([1], Effect.succeed, options),
      RangeError,
    );
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    attempt({ batchSize: bad });
    attempt({ concurrency: bad });
  }
  throws(() => Batch.forEach([1], Effect.succeed, { concurrency: 0 }), {
    message: '"concurrency" must be a whole number, at least 1, was 0',
  });
});

testEffect(
  "forEach() tries again while the budget lasts, and then fails with the item's own error",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 0.5, reserve: 2 });
    const tries: Array<number> = [];
    const failing = (n: number) =>
      Effect.suspend(() => {
        tries.push(n);
        return Effect.fail(`no ${n}`);
      });
    const options = { retry: Schedule.recurs(9), retryBudget };
    const results = yield* Batch.forEach([1, 2, 3], failing, {
      ...options,
      onFailure: (_, cause) => Effect.succeed(Cause.squash(cause)),
    }).pipe(unlimited);
    deepStrictEqual(results, ["no 1", "no 2", "no 3"]);
    deepStrictEqual(tries, [1, 1, 1, 2, 3, 3]);
    const error = yield* Batch.forEach([4, 5], failing, options).pipe(
      unlimited,
      Effect.flip,
    );
    deepStrictEqual([error, tries.length], ["no 4", 7]);
  }),
);
