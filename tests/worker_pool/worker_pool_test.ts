import { Limiter, Quota, WorkerPool } from "@weir/weir";
import { recordingLimiter, testEffect, testProperty } from "@weir/weir/testing";
import * as Array from "effect/Array";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Option from "effect/Option";
import * as References from "effect/References";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { dying, finished } from "../support/effects.ts";
import { aWhile, counts, held, pool } from "./support.ts";

testEffect(
  "run() gives what the effect gives, fails as it fails and dies as it dies",
  Effect.gen(function* () {
    const { run } = yield* pool({ workers: 2 });
    strictEqual(yield* run(Effect.succeed("a")), "a");
    strictEqual(yield* Effect.flip(run(Effect.fail("b"))), "b");
    const died = yield* Effect.exit(run(Effect.die("c")));
    deepStrictEqual(died, Exit.die("c"));
    const gone = yield* Effect.exit(run(Effect.interrupt));
    ok(Exit.isFailure(gone) && Cause.hasInterruptsOnly(gone.cause));
  }),
);

testProperty(
  "run() never runs more than `workers` jobs at once, and as many as it may, whatever they do",
  FastCheck.record({
    workers: FastCheck.integer({ min: 1, max: 4 }),
    jobs: FastCheck.array(
      FastCheck.record({
        millis: FastCheck.integer({ min: 0, max: 20 }),
        ends: FastCheck.constantFrom(
          Effect.void,
          Effect.fail("no"),
          Effect.die("no"),
          Effect.interrupt,
        ),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }),
  Effect.fnUntraced(function* ({ jobs, workers }) {
    const { awaitIdle, run, stats } = yield* pool({ workers });
    let running = 0;
    const fibers = yield* Effect.forEach(jobs, ({ ends, millis }) => {
      const job = Effect.sync(() => ok(++running <= workers)).pipe(
        Effect.andThen(Effect.sleep(millis)),
        Effect.andThen(ends),
        Effect.onExit(() => Effect.sync(() => running--)),
      );
      return Effect.forkChild(run(job));
    });
    for (let ms = 0; ms < jobs.length * 20; ms++) {
      yield* TestClock.adjust(1);
      yield* aWhile;
      const { pending, running } = yield* stats;
      ok(running === workers || pending === 0);
    }
    ok(fibers.every(finished));
    yield* awaitIdle;
    const { cancelled, completed, failed } = yield* stats;
    strictEqual(completed + failed + cancelled, jobs.length);
    strictEqual(
      cancelled,
      jobs.filter(({ ends }) => ends === Effect.interrupt).length,
    );
  }),
  { numRuns: 50 },
);

testProperty(
  "submit() starts jobs by priority, then first in, first out",
  FastCheck.array(FastCheck.integer({ min: -2, max: 2 }), { maxLength: 30 }),
  Effect.fnUntraced(function* (priorities) {
    const { awaitIdle, submit } = yield* pool({ workers: 1 });
    const { job, letGo } = yield* held;
    yield* submit(job);
    yield* aWhile;
    const started: Array<number> = [];
    for (const [n, priority] of priorities.entries()) {
      yield* submit(Effect.sync(() => started.push(n)), { priority });
    }
    yield* letGo;
    yield* awaitIdle;
    const expected = priorities.map((priority, n) => ({ n, priority }))
      .sort((a, b) => b.priority - a.priority || a.n - b.n)
      .map(({ n }) => n);
    deepStrictEqual(started, expected);
  }),
  { numRuns: 200 },
);

testEffect(
  "submit() suspends its caller while the queue is full, and no longer",
  Effect.gen(function* () {
    const { awaitIdle, stats, submit } = yield* pool({
      workers: 2,
      capacity: 3,
    });
    let accepted = 0;
    const submitter = yield* Effect.forEach(
      Array.range(1, 9),
      () =>
        Effect.tap(
          submit(Effect.sleep("1 second")),
          () => Effect.sync(() => accepted++),
        ),
    ).pipe(Effect.forkChild);
    const seen = [];
    for (let second = 0; second < 4; second++) {
      yield* aWhile;
      const { pending, running } = yield* stats;
      seen.push([accepted, pending, running]);
      yield* TestClock.adjust("1 second");
    }
    deepStrictEqual(seen, [[5, 3, 2], [7, 3, 2], [9, 3, 2], [9, 1, 2]]);
    ok(finished(submitter));
    yield* TestClock.adjust("1 second");
    yield* awaitIdle;
  }),
);

testEffect(
  "submit() that is interrupted while the queue is full leaves nothing, and the next gets the room",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1, capacity: 1 });
    const { job, letGo } = yield* held;
    yield* service.submit(job);
    yield* service.submit(Effect.void);
    let ran = 0;
    const first = yield* Effect.forkChild(
      service.submit(Effect.sync(() => ran += 1)),
    );
    const second = yield* Effect.forkChild(
      service.submit(Effect.sync(() => ran += 10)),
    );
    yield* aWhile;
    yield* Fiber.interrupt(first);
    yield* letGo;
    yield* Fiber.join(second);
    yield* service.awaitIdle;
    strictEqual(ran, 10);
    const { cancelled, completed } = yield* service.stats;
    deepStrictEqual([completed, cancelled], [3, 1]);
  }),
);

testEffect(
  "submit({ maxWait }) fails where there is no room in time; a job that does not start in time fails",
  Effect.gen(function* () {
    const { run, submit } = yield* pool({ workers: 1, capacity: 1 });
    yield* submit(Effect.sleep("10 seconds"));
    const queued = yield* submit(Effect.void, { maxWait: "2 seconds" });
    const refused = yield* Effect.forkChild(
      submit(Effect.void, { maxWait: "1 second" }),
    );
    const ran = yield* Effect.forkChild(
      run(Effect.void, { maxWait: "3 seconds" }),
    );
    yield* aWhile;
    yield* TestClock.adjust("999 millis");
    ok(!finished(refused));
    yield* TestClock.adjust("1 milli");
    const { _tag, maxWait } = yield* Effect.flip(Fiber.join(refused));
    deepStrictEqual([_tag, Duration.toMillis(maxWait)], ["WaitTimeout", 1000]);
    yield* TestClock.adjust("1 second");
    strictEqual((yield* Effect.flip(queued.await))._tag, "WaitTimeout");
    yield* TestClock.adjust("1 second");
    strictEqual((yield* Effect.flip(Fiber.join(ran)))._tag, "WaitTimeout");
    yield* TestClock.adjust("10 seconds");
  }),
);

testEffect(
  "a queued job whose time is over makes room for the next submitter",
  Effect.gen(function* () {
    const { submit } = yield* pool({ workers: 1, capacity: 1 });
    yield* submit(Effect.sleep("10 seconds"));
    const late = yield* submit(Effect.void, { maxWait: "1 second" });
    const next = yield* Effect.forkChild(submit(Effect.succeed("next")));
    yield* TestClock.adjust("1 second");
    strictEqual((yield* Effect.flip(late.await))._tag, "WaitTimeout");
    const job = yield* Fiber.join(next);
    yield* TestClock.adjust("9 seconds");
    strictEqual(yield* job.await, "next");
  }),
);

testEffect(
  "run({ maxWait: 0 }) starts at once or not at all",
  Effect.gen(function* () {
    const { run, submit } = yield* pool({ workers: 1 });
    strictEqual(yield* run(Effect.succeed(1), { maxWait: 0 }), 1);
    yield* submit(Effect.sleep("1 second"));
    const { _tag } = yield* Effect.flip(run(Effect.succeed(1), { maxWait: 0 }));
    strictEqual(_tag, "WaitTimeout");
    yield* TestClock.adjust("1 second");
  }),
);

testEffect(
  "run({ maxWait }) counts the wait in the queue and at the limiter together, and says what was asked",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 1, window: "10 seconds" }),
    );
    const { run, submit } = yield* WorkerPool.make({ workers: 1 }).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
    );
    yield* submit(Effect.sleep("6 seconds"));
    const late = yield* Effect.forkChild(
      run(Effect.void, { maxWait: "9 seconds" }),
    );
    const inTime = yield* Effect.forkChild(
      run(Effect.void, { maxWait: "10 seconds" }),
    );
    yield* aWhile;
    yield* TestClock.adjust("6 seconds");
    const error = yield* Effect.flip(Fiber.join(late));
    strictEqual(Duration.toMillis(error.maxWait), 9000);
    strictEqual(Duration.toMillis(error.retryAfter ?? 0), 4000);
    yield* TestClock.adjust("4 seconds");
    yield* Fiber.join(inTime);
  }),
);

testEffect(
  "run({ maxWait }) hands on a WaitTimeout of the job itself as it is",
  Effect.gen(function* () {
    const { run } = yield* pool({ workers: 1 });
    const own = new Limiter.WaitTimeout({
      maxWait: Duration.seconds(77),
      retryAfter: undefined,
    });
    const error = yield* Effect.flip(run(Effect.fail(own), { maxWait: 1000 }));
    strictEqual(error, own);
  }),
);

testEffect(
  "run({ cost }) fails where the limiter never allows the cost",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      Quota.slidingWindow({ limit: 2, window: "1 second" }),
    );
    const { run } = yield* WorkerPool.make({ workers: 1 }).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
    );
    const { _tag } = yield* Effect.flip(run(Effect.void, { cost: 3 }));
    strictEqual(_tag, "CostExceedsLimit");
    yield* run(Effect.void, { cost: 2 });
  }),
);

testEffect(
  "each job asks the limiter once, at its cost and priority",
  Effect.gen(function* () {
    const { limiter, turns } = yield* recordingLimiter();
    const { run, submit } = yield* WorkerPool.make({ workers: 1 }).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
    );
    yield* run(Effect.void);
    yield* run(Effect.void, { cost: 3, priority: 2 });
    yield* Effect.flatMap(submit(Effect.void), (job) => job.await);
    deepStrictEqual(
      (yield* turns).map(({ by, cost, priority }) => [by, cost, priority]),
      [
        ["limit", undefined, undefined],
        ["limit", 3, 2],
        ["limit", undefined, undefined],
      ],
    );
  }),
);

testEffect(
  "a job has the services and log annotations of its submitter",
  Effect.gen(function* () {
    class Name extends Context.Service<Name, string>()("test/Name") {}
    const { submit } = yield* pool({ workers: 1 });
    const job = yield* Effect.all([
      Name,
      Effect.map(
        References.CurrentLogAnnotations,
        (annotations) => annotations["tenant"],
      ),
    ]).pipe(
      submit,
      Effect.annotateLogs("tenant", "acme"),
      Effect.provideService(Name, "ada"),
    );
    deepStrictEqual(yield* job.await, ["ada", "acme"]);
  }),
);

testEffect(
  "a job's span is a child of its submitter's",
  Effect.gen(function* () {
    const { run } = yield* pool({ workers: 1 });
    const parent = yield* Effect.map(
      Effect.currentSpan,
      ({ parent }) => Option.map(parent, ({ spanId }) => spanId),
    ).pipe(
      Effect.withSpan("job"),
      run,
      (job) =>
        Effect.flatMap(
          Effect.currentSpan,
          ({ spanId }) =>
            Effect.map(job, (parent) => [parent, Option.some(spanId)] as const),
        ),
      Effect.withSpan("submitter"),
    );
    deepStrictEqual(parent[0], parent[1]);
  }),
);

testEffect(
  "Job.info and Job.poll say where it stands, and since when",
  Effect.gen(function* () {
    const { submit } = yield* pool({ workers: 1 });
    yield* TestClock.adjust("1 second");
    yield* submit(Effect.sleep("2 seconds"));
    const job = yield* submit(Effect.as(Effect.sleep("3 seconds"), "done"));
    const seconds = (at: DateTime.Utc | undefined) =>
      at && DateTime.toEpochMillis(at) / 1000;
    const look = Effect.gen(function* () {
      const { createdAt, finishedAt, startedAt, status } = yield* job.info;
      const polled = Option.isSome(yield* job.poll);
      return [
        status,
        ...[createdAt, startedAt, finishedAt].map(seconds),
        polled,
      ];
    });
    deepStrictEqual(yield* look, ["pending", 1, undefined, undefined, false]);
    yield* TestClock.adjust("2 seconds");
    deepStrictEqual(yield* look, ["running", 1, 3, undefined, false]);
    yield* TestClock.adjust("3 seconds");
    deepStrictEqual(yield* look, ["completed", 1, 3, 6, true]);
    deepStrictEqual(yield* job.poll, Option.some(Exit.succeed("done")));
    strictEqual(yield* job.await, "done");
  }),
);

testEffect(
  "a job prints its status, and nothing of its submitter or pool",
  Effect.gen(function* () {
    class Secret extends Context.Service<Secret, string>()("test/Secret") {}
    const { submit } = yield* pool({ workers: 1 });
    const job = yield* submit(Effect.void).pipe(
      Effect.provideService(Secret, "s3cret"),
    );
    deepStrictEqual(JSON.parse(JSON.stringify(job)), {
      _id: "Job",
      status: "pending",
    });
    strictEqual(Deno.inspect(job), '{ _id: "Job", status: "pending" }');
  }),
);

testEffect(
  "Job.await gives its end to all who wait, and to those who come later",
  Effect.gen(function* () {
    const { submit } = yield* pool({ workers: 1 });
    const { job, letGo } = yield* held;
    const { await: end } = yield* submit(job);
    const waiting = yield* Effect.forkChild(
      Effect.all([end, end, end], { concurrency: "unbounded" }),
    );
    const gone = yield* Effect.forkChild(end);
    yield* aWhile;
    yield* Fiber.interrupt(gone);
    yield* letGo;
    deepStrictEqual(
      [...yield* Fiber.join(waiting), yield* end],
      ["let go", "let go", "let go", "let go"],
    );
  }),
);

testEffect(
  "workers outlive jobs that die, fail and interrupt themselves",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 3 });
    for (let n = 0; n < 50; n++) {
      yield* service.submit(Effect.die("no"));
      yield* service.submit(Effect.interrupt);
      yield* service.submit(Effect.fail("no"));
      yield* service.submit(
        Effect.sync(() => {
          throw new Error("no");
        }),
      );
    }
    yield* service.awaitIdle;
    let together = 0;
    const jobs = yield* Effect.replicateEffect(
      service.submit(
        Effect.andThen(
          Effect.sync(() => together++),
          Effect.sleep("1 second"),
        ),
      ),
      4,
    );
    yield* aWhile;
    strictEqual(together, 3);
    yield* TestClock.adjust("2 seconds");
    yield* Effect.forEach(jobs, (job) => job.await);
    deepStrictEqual(yield* service.stats, {
      workers: 3,
      pending: 0,
      running: 0,
      completed: 4,
      failed: 150,
      cancelled: 50,
    });
  }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined)),
);

testEffect(
  "a defect that nobody waits for is logged, one that somebody waits for is not",
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ cause, logLevel, message }) => {
      logged.push([logLevel, message, Cause.squash(cause)]);
    });
    const service = yield* pool({ workers: 1 });
    yield* Effect.gen(function* () {
      yield* Effect.exit(service.run(Effect.die("awaited")));
      yield* service.submit(Effect.fail("a failure is no defect"));
      yield* service.submit(Effect.die("unheard"));
      yield* service.awaitIdle;
    }).pipe(Effect.provide(Logger.layer([logger])));
    deepStrictEqual(logged, [
      ["Error", ["A job died while nobody waited for it"], "unheard"],
    ]);
  }),
);

testEffect(
  "resize() lets more run at once, and fewer once their jobs are done",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    for (let n = 0; n < 9; n++) yield* service.submit(Effect.sleep("1 second"));
    const seen = [];
    for (const workers of [1, 3, 2, 1]) {
      yield* service.resize(workers);
      yield* aWhile;
      const { pending, running, workers: are } = yield* service.stats;
      seen.push([are, running, pending]);
      yield* TestClock.adjust("500 millis");
    }
    deepStrictEqual(seen, [[1, 1, 8], [3, 3, 6], [2, 3, 5], [1, 2, 4]]);
    yield* TestClock.adjust("10 seconds");
    yield* service.awaitIdle;
  }),
);

testEffect(
  "awaitIdle ends when nothing is queued and nothing runs, at once where that is so",
  Effect.gen(function* () {
    const { awaitIdle, submit } = yield* pool({ workers: 1 });
    yield* awaitIdle;
    yield* submit(Effect.sleep("1 second"));
    yield* submit(Effect.sleep("1 second"));
    const idle = yield* Effect.forkChild(awaitIdle);
    const gone = yield* Effect.forkChild(awaitIdle);
    yield* TestClock.adjust("1999 millis");
    ok(!finished(idle));
    yield* Fiber.interrupt(gone);
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(idle);
  }),
);

testEffect(
  "a pool sets no timer of its own",
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    let sleeps = 0;
    const counting: Clock.Clock = Object.create(clock, {
      sleep: {
        value: (duration: Duration.Duration) => {
          sleeps++;
          return clock.sleep(duration);
        },
      },
    });
    const service = yield* Effect.provideService(
      pool({ workers: 2, capacity: 2 }),
      Clock.Clock,
      counting,
    );
    for (let n = 0; n < 10; n++) yield* service.submit(Effect.yieldNow);
    yield* service.awaitIdle;
    yield* TestClock.adjust("1 hour");
    strictEqual(sleeps, 0);
    yield* service.run(Effect.yieldNow, { maxWait: "1 second" });
    ok(sleeps <= 1);
  }),
);

testEffect(
  "bad options are refused by name and value",
  Effect.gen(function* () {
    const refused = (options: WorkerPool.Options) => {
      try {
        WorkerPool.make(options);
        return "nothing";
      } catch (error) {
        return error instanceof RangeError ? error.message : "no RangeError";
      }
    };
    deepStrictEqual(
      [
        refused({ workers: 0 }),
        refused({ workers: 1.5 }),
        refused({ workers: 1, capacity: NaN }),
        refused({ workers: 1, drain: -1 }),
      ],
      [
        '"workers" must be a whole number, at least 1, was 0',
        '"workers" must be a whole number, at least 1, was 1.5',
        '"capacity" must be a whole number, at least 1, was NaN',
        '"drain" must be a duration such as 1000 or "1 second", not negative, was -1',
      ],
    );
    const service = yield* pool({ workers: 1 });
    deepStrictEqual(
      [
        yield* dying(service.run(Effect.void, { cost: -1 })),
        yield* dying(service.submit(Effect.void, { priority: NaN })),
        yield* dying(service.run(Effect.void, { maxWait: -1 })),
        yield* dying(service.resize(0)),
      ],
      [
        '"cost" must be a positive, finite number, was -1',
        '"priority" must be a finite number, was NaN',
        '"maxWait" must be a duration such as 1000 or "1 second", not negative, was -1',
        '"workers" must be a whole number, at least 1, was 0',
      ],
    );
    deepStrictEqual(yield* counts(service), {
      pending: 0,
      running: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
    });
  }),
);
