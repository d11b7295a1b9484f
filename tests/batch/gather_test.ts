import { Batch, Limiter, Quota } from "@weir/weir";
import {
  recordingLimiter,
  testEffect,
  testLive,
  testProperty,
} from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scheduler from "effect/Scheduler";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { aWhile, start, sweepTest } from "../support/interrupt_sweep.ts";
import { Upstream } from "../support/upstream.ts";

const unlimited = Effect.provide(Limiter.layerUnlimited);
const all = { concurrency: "unbounded" } as const;

testProperty(
  "gather() asks each request once, in order, when its batch is full or its time has come and a place is free",
  FastCheck.record({
    batchSize: FastCheck.integer({ min: 1, max: 5 }),
    concurrency: FastCheck.integer({ min: 1, max: 3 }),
    within: FastCheck.integer({ min: 0, max: 8 }),
    takes: FastCheck.array(FastCheck.integer({ min: 0, max: 20 }), {
      minLength: 1,
    }),
    pauses: FastCheck.array(FastCheck.integer({ min: 0, max: 6 }), {
      maxLength: 40,
    }),
  }),
  Effect.fnUntraced(function* (
    { batchSize, concurrency, pauses, takes, within },
  ) {
    let runs = 0;
    const upstream = yield* Upstream.make(() => takes[runs++ % takes.length]!);
    const ask = yield* Batch.gather(upstream.run, {
      batchSize,
      concurrency,
      within,
    });
    const askedAt: Array<number> = [];
    const fibers = [];
    for (const [n, pause] of pauses.entries()) {
      yield* TestClock.adjust(pause);
      askedAt[n] = yield* Clock.currentTimeMillis;
      fibers.push(yield* Effect.forkChild(ask(n), { startImmediately: true }));
    }
    yield* TestClock.adjust(1000);

    deepStrictEqual(
      yield* Fiber.joinAll(fibers),
      pauses.map((_, n) => `answer ${n}`),
    );
    deepStrictEqual(
      upstream.batches.flatMap(({ requests }) => requests),
      [...pauses.keys()],
    );
    const busy = (at: number) =>
      upstream.batches.filter((b) => b.start <= at && at < b.end).length;
    for (const { end, requests, start } of upstream.batches) {
      ok(requests.length <= batchSize);
      if (end > start) ok(busy(start) <= concurrency);
      const full = requests.length === batchSize;
      const due = full
        ? askedAt[requests.at(-1)!]!
        : askedAt[requests[0]!]! + within;
      ok(start >= due);
      for (let at = due; at < start; at++) strictEqual(busy(at), concurrency);
    }
  }, unlimited),
  { numRuns: 300 },
);

testEffect(
  "gather() waits for nobody with within 0, and gathers who asks in the same moment",
  Effect.gen(function* () {
    const upstream = yield* Upstream.make(() => 0);
    const ask = yield* Batch.gather(upstream.run, { within: 0 });
    yield* Effect.forEach([1, 2, 3], ask, all);
    deepStrictEqual(upstream.asked, [[1, 2, 3]]);
  }).pipe(unlimited),
);

testEffect(
  "gather() asks one key once in a batch, and answers all who want it",
  Effect.gen(function* () {
    const upstream = yield* Upstream.make(() => 5);
    const ask = yield* Batch.gather(upstream.run, {
      batchSize: 2,
      key: (n) => `${n % 10}`,
    });
    const first = yield* Effect.forkChild(
      Effect.forEach([1, 11, 21, 2], ask, all),
    );
    yield* TestClock.adjust(0);
    const second = yield* Effect.forkChild(Effect.forEach([1, 31], ask, all));
    yield* TestClock.adjust(20);
    deepStrictEqual(
      yield* Fiber.join(first),
      ["answer 1", "answer 1", "answer 1", "answer 2"],
    );
    deepStrictEqual(yield* Fiber.join(second), ["answer 1", "answer 1"]);
    deepStrictEqual(upstream.asked, [[1, 2], [1]]);
  }).pipe(unlimited),
);

testEffect(
  "gather() fails or kills the callers of a batch that went wrong, and no others",
  Effect.gen(function* () {
    const ask = yield* Batch.gather(
      ([first, ...rest]: ReadonlyArray<string>) => {
        if (first === "throws") throw "oops";
        if (first === "fails") return Effect.fail("no");
        if (first === "one too few") return Effect.succeed(rest);
        if (first === "one too many") {
          return Effect.succeed([first, ...rest, first]);
        }
        return Effect.succeed([first, ...rest]);
      },
      { batchSize: 2, concurrency: 9 },
    );
    const asked = [
      ...["throws", "a", "fails", "b", "one too few", "c"],
      ...["one too many", "d", "e", "f"],
    ];
    const exits = yield* Effect.forEach(
      asked,
      (request) => Effect.exit(ask(request)),
      all,
    );
    const wrong = (answers: number) =>
      Exit.die(
        new Error(`2 requests were gathered, and got ${answers} answers`),
      );
    const expected = [
      ...[Exit.die("oops"), Exit.fail("no"), wrong(1), wrong(3)],
    ].flatMap((exit) => [exit, exit]);
    deepStrictEqual(exits, [
      ...expected,
      Exit.succeed("e"),
      Exit.succeed("f"),
    ]);
  }).pipe(unlimited),
);

testEffect(
  "gather() does not ask what was interrupted in time, and starts the time anew with who is first then",
  Effect.gen(function* () {
    const upstream = yield* Upstream.make(() => 0);
    const ask = yield* Batch.gather(upstream.run, {
      key: String,
      within: "10 millis",
    });
    const fork = (n: number) =>
      Effect.forkChild(ask(n), { startImmediately: true });
    const first = yield* fork(1);
    yield* TestClock.adjust(5);
    const second = yield* fork(2);
    const twin = yield* fork(2);
    yield* Fiber.interruptAll([first, twin]);
    yield* TestClock.adjust(9);
    deepStrictEqual(upstream.asked, []);
    yield* TestClock.adjust(1);
    deepStrictEqual(upstream.asked, [[2]]);
    strictEqual(yield* Fiber.join(second), "answer 2");

    yield* Fiber.interrupt(yield* fork(3));
    yield* TestClock.adjust("1 minute");
    deepStrictEqual(upstream.asked, [[2]]);
  }).pipe(unlimited),
);

testEffect(
  "gather() interrupts a batch when nobody waits for it any more, and the last who leaves waits for its end",
  Effect.gen(function* () {
    let ended = 0;
    const ask = yield* Batch.gather(
      (ns: ReadonlyArray<number>) =>
        Effect.sleep(100).pipe(
          Effect.as(ns),
          Effect.onExit(() => Effect.sleep(10)),
          Effect.onExit(() => Effect.sync(() => ended++)),
        ),
      { batchSize: 2 },
    );
    const fork = Effect.forEach([1, 2], (n) => Effect.forkChild(ask(n)));
    const [one, two] = yield* fork;
    const next = yield* Effect.forkChild(ask(3));
    yield* TestClock.adjust(50);
    yield* Fiber.interrupt(one!);
    const last = yield* Effect.forkChild(Fiber.interrupt(two!));
    yield* TestClock.adjust(9);
    deepStrictEqual([finished(last), ended], [false, 0]);
    yield* TestClock.adjust(1);
    deepStrictEqual([finished(last), ended], [true, 1]);
    yield* TestClock.adjust(110);
    strictEqual(yield* Fiber.join(next), 3);

    const [three, four] = yield* fork;
    yield* TestClock.adjust(50);
    yield* Fiber.interrupt(three!);
    yield* TestClock.adjust(60);
    strictEqual(yield* Fiber.join(four!), 2);
  }).pipe(unlimited),
);

testEffect(
  "gather() lets no more than `capacity` wait, and the others in as they came",
  Effect.gen(function* () {
    const upstream = yield* Upstream.make(() => 100);
    const ask = yield* Batch.gather(upstream.run, { capacity: 3 });
    const fibers = yield* Effect.forEach(
      Array.from({ length: 10 }, (_, n) => n),
      (n) => Effect.forkChild(ask(n)),
    );
    yield* TestClock.adjust(1);
    deepStrictEqual(upstream.asked, [[0, 1, 2]]);
    // Two that do not get to wait, and one that does.
    yield* Fiber.interruptAll([fibers[6]!, fibers[7]!, fibers[4]!]);
    yield* TestClock.adjust("1 second");
    deepStrictEqual(upstream.asked, [[0, 1, 2], [3, 5, 8], [9]]);
    ok(fibers.every(finished));
  }).pipe(unlimited),
);

testEffect(
  "gather() knows no key of who does not get to wait",
  Effect.gen(function* () {
    const upstream = yield* Upstream.make(() => 1);
    const ask = yield* Batch.gather(upstream.run, { capacity: 1, key: String });
    const asked = [1, 2, 2, 3, 4, 3];
    const answers = yield* Effect.forkChild(Effect.forEach(asked, ask, all));
    yield* TestClock.adjust("1 second");
    deepStrictEqual(
      yield* Fiber.join(answers),
      asked.map((n) => `answer ${n}`),
    );
    deepStrictEqual(upstream.asked, [[1], [2], [3], [4], [3]]);
  }).pipe(unlimited),
);

testEffect(
  "gather() takes one turn a batch, which goes with all who are there when the turn comes",
  Effect.gen(function* () {
    const { limiter, turns } = yield* recordingLimiter(
      Quota.slidingWindow({ limit: 1, window: "1 second" }),
    );
    const upstream = yield* Upstream.make(() => 0);
    const ask = yield* Batch.gather(upstream.run, {
      batchSize: 3,
      concurrency: 2,
    }).pipe(Effect.provideService(Limiter.Limiter, limiter));
    const fork = (...ns: ReadonlyArray<number>) =>
      Effect.forEach(ns, (n) => Effect.forkChild(ask(n)));
    yield* fork(1);
    yield* TestClock.adjust(500);
    const [left] = yield* fork(2, 3);
    yield* TestClock.adjust(100);
    yield* fork(4, 5);
    yield* Fiber.interrupt(left!);
    yield* TestClock.adjust(400);
    yield* TestClock.adjust(100);
    deepStrictEqual(
      upstream.batches.map(({ requests, start }) => [start, requests]),
      [[10, [1]], [1010, [3, 4, 5]]],
    );
    deepStrictEqual((yield* turns).map(({ at, by, cost }) => [by, at, cost]), [
      ["limit", 10, undefined],
      ["limit", 510, undefined],
    ]);
  }),
);

testEffect(
  "gather() gives up the turn that it waits for when nobody is left to ask for",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 1, window: "1 second" }),
    );
    yield* limiter.acquire();
    const upstream = yield* Upstream.make(() => 0);
    const ask = yield* Batch.gather(upstream.run).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
    );
    const caller = yield* Effect.forkChild(ask(1));
    yield* TestClock.adjust(500);
    strictEqual((yield* limiter.stats).waiting, 1);
    yield* Fiber.interrupt(caller);
    strictEqual((yield* limiter.stats).waiting, 0);
    const next = yield* Effect.forkChild(ask(2));
    yield* TestClock.adjust(500);
    strictEqual(yield* Fiber.join(next), "answer 2");
    strictEqual((yield* limiter.stats).admitted, 2);
  }),
);

testEffect(
  "gather() tells those who would have gone what went wrong with the limiter",
  Effect.gen(function* () {
    const whole = yield* Limiter.make(Quota.unlimited);
    const thrown = () => {
      throw "broken";
    };
    for (const limit of [() => Effect.die("broken"), thrown]) {
      const broken: Limiter.Service = { ...whole, limit };
      const ask = yield* Batch.gather(Effect.succeed, { batchSize: 2 }).pipe(
        Effect.provideService(Limiter.Limiter, broken),
      );
      const exits = yield* Effect.forEach(
        [1, 2],
        (n) => Effect.exit(ask(n)),
        all,
      );
      deepStrictEqual(exits, [Exit.die("broken"), Exit.die("broken")]);
    }
  }),
);

testEffect(
  "gather() interrupts whoever waits, what runs and who asks later when its scope closes",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    let interrupted = 0;
    const asked: Array<ReadonlyArray<number>> = [];
    const ask = yield* Batch.gather(
      (ns: ReadonlyArray<number>) => {
        asked.push(ns);
        return Effect.onInterrupt(
          Effect.never,
          () =>
            Effect.andThen(Effect.yieldNow, Effect.sync(() => interrupted++)),
        );
      },
      { batchSize: 1, capacity: 1 },
    ).pipe(Scope.provide(scope));
    const fibers = yield* Effect.forEach(
      [1, 2, 3, 4],
      (n) => Effect.forkChild(ask(n)),
    );
    yield* TestClock.adjust(1);
    yield* Scope.close(scope, Exit.void);
    strictEqual(interrupted, 1);
    deepStrictEqual(asked, [[1]]);
    for (const fiber of [...fibers, yield* Effect.forkChild(ask(5))]) {
      ok(Exit.hasInterrupts(yield* Fiber.await(fiber)));
    }
    yield* TestClock.adjust("1 minute");
    deepStrictEqual(asked, [[1]]);
  }).pipe(unlimited),
);

testEffect(
  "gather() interrupts who asks while its scope closes, at whichever step",
  Effect.gen(function* () {
    for (let budget = 3; budget <= 20; budget++) {
      const scope = yield* Scope.make();
      const ask = yield* Scope.provide(Batch.gather(Effect.succeed), scope);
      const caller = yield* Effect.forkChild(
        Effect.provideService(ask(1), Scheduler.MaxOpsBeforeYield, budget),
        { startImmediately: true },
      );
      yield* Scope.close(scope, Exit.void);
      yield* aWhile;
      ok(finished(caller));
      ok(Exit.hasInterrupts(yield* Fiber.await(caller)));
    }
  }).pipe(unlimited),
);

testEffect(
  "gather() whose scope is closed by what it runs goes on with that, and interrupts the rest",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const ask = yield* Scope.provide(
      Batch.gather(
        (ns: ReadonlyArray<number>) =>
          ns[0] === 1
            ? Effect.never
            : Effect.as(Scope.close(scope, Exit.void), ns),
        { batchSize: 1, concurrency: 2 },
      ),
      scope,
    );
    const [other, closing] = yield* Effect.forEach(
      [1, 2],
      (n) => Effect.forkChild(ask(n)),
    );
    yield* aWhile;
    ok(finished(closing!));
    strictEqual(yield* Fiber.join(closing!), 2);
    ok(Exit.hasInterrupts(yield* Fiber.await(other!)));
  }).pipe(unlimited),
);

testLive(
  "gather() leaves no timer behind",
  Effect.gen(function* () {
    const ask = yield* Batch.gather(
      (ns: ReadonlyArray<number>) => Effect.succeed(ns),
      { within: "1 day", batchSize: 2 },
    );
    deepStrictEqual(yield* Effect.forEach([1, 2], ask, all), [1, 2]);
    yield* Effect.forkChild(ask(3), { startImmediately: true });
    yield* Effect.yieldNow;
  }).pipe(Effect.scoped, unlimited),
);

testEffect(
  "gather() kills who asks what has no key, and nobody else",
  Effect.gen(function* () {
    const ask = yield* Batch.gather(
      (ns: ReadonlyArray<number>) => Effect.succeed(ns),
      {
        batchSize: 1,
        key: (n) => {
          if (n === 1) throw "no key";
          return "";
        },
      },
    );
    const exits = yield* Effect.forEach(
      [1, 2],
      (n) => Effect.exit(ask(n)),
      all,
    );
    deepStrictEqual(exits, [Exit.die("no key"), Exit.succeed(2)]);
  }).pipe(unlimited),
);

sweepTest(
  "gather() keeps no place for a caller, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(Quota.unlimited, { concurrency: 1 });
    const asked: Array<ReadonlyArray<string>> = [];
    const ask = yield* Batch.gather(
      (requests: ReadonlyArray<string>) => {
        asked.push(requests);
        return Effect.as(Effect.yieldNow, requests);
      },
      { batchSize: 2, within: "1 day" },
    ).pipe(Effect.provideService(Limiter.Limiter, limiter));
    const partner = yield* Effect.forkChild(Effect.forever(ask("partner")));
    const fiber = yield* start(
      Effect.replicateEffect(
        Effect.map(ask("caller"), (answer) => strictEqual(answer, "caller")),
        40,
      ),
      watch,
    );
    yield* Fiber.await(fiber);
    yield* aWhile;
    yield* Fiber.interrupt(partner);
    asked.length = 0;
    const pair = yield* Effect.forEach(["a", "b"], ask, all);
    deepStrictEqual(pair, ["a", "b"]);
    deepStrictEqual(asked.map((batch) => batch.toSorted()), [pair]);
    const { running, waiting } = yield* limiter.stats;
    strictEqual(running + waiting, 0);
  }),
);

Deno.test("gather() refuses bad options where they are given", () => {
  const refused = (options: Batch.GatherOptions<number>, message: RegExp) =>
    throws(
      () =>
        Batch.gather(
          (ns: ReadonlyArray<number>) => Effect.succeed(ns),
          options,
        ),
      (error) => error instanceof RangeError && message.test(error.message),
    );
  refused({ batchSize: 0 }, /^"batchSize" must .*, was 0$/);
  refused({ capacity: Infinity }, /^"capacity" must .*, was Infinity$/);
  refused({ concurrency: 1.5 }, /^"concurrency" must .*, was 1.5$/);
  refused({ within: -1 }, /^"within" must .*, was -1$/);
  refused({ within: NaN }, /^"within" must .*, was NaN$/);
});
