import { Limiter, WorkerPool } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as DateTime from "effect/DateTime";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Scheduler from "effect/Scheduler";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { aWhile, held, pool } from "./support.ts";

testEffect(
  "a limiter that throws fails the job that asked, and costs no worker",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({ tiers: [] });
    let faults = 2;
    const { run } = yield* WorkerPool.make({ workers: 1 }).pipe(
      Effect.provideService(Limiter.Limiter, {
        ...limiter,
        limit: (effect, options) => {
          if (faults-- > 0) throw new Error("limiter");
          return limiter.limit(effect, options);
        },
      }),
    );
    for (const options of [undefined, { priority: 1 }]) {
      const caller = yield* Effect.forkChild(run(Effect.void, options));
      yield* aWhile;
      ok(finished(caller));
      const exit = yield* Fiber.await(caller);
      ok(Exit.isFailure(exit) && Cause.hasDies(exit.cause));
    }
    strictEqual(yield* run(Effect.succeed("next")), "next");
  }),
);

testEffect(
  "a defect of a job that nobody but its canceller waits for is logged",
  Effect.gen(function* () {
    const logged: Array<unknown> = [];
    const logger = Logger.make(({ cause }) => {
      logged.push(Cause.squash(cause));
    });
    const service = yield* pool({ workers: 2 });
    const dying = (name: string) =>
      Effect.onExit(Effect.never, () => Effect.die(name));
    yield* Effect.gen(function* () {
      const job = yield* service.submit(dying("cancel"));
      const caller = yield* Effect.forkChild(service.run(dying("run")));
      yield* aWhile;
      strictEqual(yield* job.cancel, false);
      yield* Fiber.interrupt(caller);
      const heard = yield* service.submit(dying("heard"));
      const hearer = yield* Effect.forkChild(Effect.exit(heard.await));
      yield* aWhile;
      yield* heard.cancel;
      yield* Fiber.join(hearer);
    }).pipe(Effect.provide(Logger.layer([logger])));
    deepStrictEqual(logged, ["cancel", "run"]);
  }),
);

testEffect(
  "a pool closed by one of its jobs ends all others, and the job goes on",
  Effect.gen(function* () {
    for (const drain of [0, 1000]) {
      for (const before of [Effect.void, Effect.yieldNow]) {
        const scope = yield* Scope.make();
        const service = yield* Scope.provide(
          pool({ workers: 2, drain }),
          scope,
        );
        const other = yield* service.submit(Effect.never);
        const closing = yield* service.submit(
          Effect.as(
            Effect.andThen(before, Scope.close(scope, Exit.void)),
            "closed",
          ),
        );
        yield* aWhile;
        yield* TestClock.adjust(drain);
        yield* aWhile;
        strictEqual((yield* other.info).status, "cancelled");
        strictEqual((yield* closing.info).status, "completed");
        strictEqual(yield* closing.await, "closed");
      }
    }
  }),
);

testEffect(
  "the end of the scope reaches a job that has not come to its first wait",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const service = yield* Scope.provide(pool({ workers: 1 }), scope);
    const begun = yield* Deferred.make<void>();
    const closing = yield* Effect.forkChild(
      Effect.andThen(Deferred.await(begun), Scope.close(scope, Exit.void)),
    );
    yield* aWhile;
    // Wakes the other fiber within its own first step.
    const job = yield* service.submit(
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never),
    );
    yield* aWhile;
    strictEqual((yield* job.info).status, "cancelled");
    ok(finished(closing));
  }),
);

testEffect(
  "Job.info knows when it was, also where the wall clock was set back",
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    let step = 0;
    const stepping: Clock.Clock = Object.create(clock, {
      currentTimeMillisUnsafe: {
        value: () => clock.currentTimeMillisUnsafe() + step,
      },
    });
    yield* TestClock.adjust("1 hour");
    const service = yield* Effect.provideService(
      pool({ workers: 1 }),
      Clock.Clock,
      stepping,
    );
    step = -60_000;
    const job = yield* service.submit(Effect.void);
    yield* job.await;
    const { createdAt, finishedAt, startedAt } = yield* job.info;
    deepStrictEqual(
      [createdAt, startedAt, finishedAt].map((at) =>
        at && DateTime.toEpochMillis(at)
      ),
      [3_540_000, 3_540_000, 3_540_000],
    );
  }),
);

testEffect(
  "jobs that never wait do not hold up others for long, however long each takes",
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    let now = 0;
    const running: Clock.Clock = Object.create(clock, {
      currentTimeMillisUnsafe: { value: () => now },
    });
    const service = yield* Effect.provideService(
      pool({ workers: 1 }),
      Clock.Clock,
      running,
    );
    const busy = Effect.sync(() => {
      now += 4;
    });
    const first = yield* service.submit(busy);
    yield* Effect.replicateEffect(service.submit(busy), 499);
    yield* first.await;
    ok(now <= 20);
    yield* service.awaitIdle;
    strictEqual(now, 2000);
  }),
);

testEffect(
  "jobs that submit the next one without a wait leave others their turn",
  Effect.gen(function* () {
    const { awaitIdle, submit } = yield* pool({ workers: 1 });
    let stopped = false;
    const again: Effect.Effect<void> = Effect.suspend(() =>
      stopped ? Effect.void : Effect.asVoid(submit(again))
    );
    yield* submit(again);
    yield* aWhile;
    stopped = true;
    yield* awaitIdle;
  }),
);

testEffect(
  "Job.await and Job.cancel end with the job, at whichever step of theirs it does",
  Effect.gen(function* () {
    const { submit } = yield* pool({ workers: 1 });
    for (let budget = 3; budget <= 20; budget++) {
      for (const verb of ["await", "cancel"] as const) {
        const { job: gate, letGo } = yield* held;
        const job = yield* submit(Effect.onExit(gate, () => gate));
        yield* aWhile;
        // Has the pool look around before the caller's next step.
        yield* submit(Effect.void);
        const caller = yield* Effect.forkChild(
          Effect.provideService(
            Effect.asVoid<unknown, never, never>(job[verb]),
            Scheduler.MaxOpsBeforeYield,
            budget,
          ),
          { startImmediately: true },
        );
        yield* letGo;
        yield* aWhile;
        ok(finished(caller));
      }
    }
  }),
);

testEffect(
  "a job that another one hands in needs a slot of its own: the limiter's concurrency holds",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({ tiers: [] }, { concurrency: 2 });
    const { awaitIdle, run, submit } = yield* WorkerPool.make({ workers: 4 })
      .pipe(Effect.provideService(Limiter.Limiter, limiter));
    let running = 0;
    let most = 0;
    const child = Effect.sync(() => most = Math.max(most, ++running)).pipe(
      Effect.andThen(aWhile),
      Effect.andThen(Effect.sync(() => running--)),
    );
    yield* run(
      Effect.andThen(Effect.replicateEffect(submit(child), 3), child),
    );
    yield* awaitIdle;
    strictEqual(most, 2);
  }),
);
