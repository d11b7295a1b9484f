import { Limiter, Quota, WorkerPool } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { start, sweepTest } from "../support/interrupt_sweep.ts";
import { aWhile, held, pool } from "./support.ts";

/** Whether the pool has all its workers and all its room, and knows of every job how it ended. */
const isWhole = Effect.fnUntraced(function* (
  { awaitIdle, run, stats }: WorkerPool.Service,
  accepted: number,
) {
  yield* awaitIdle;
  const { cancelled, completed, failed, pending, running, workers } =
    yield* stats;
  deepStrictEqual([pending, running], [0, 0]);
  ok(completed + failed + cancelled <= accepted);
  let together = 0;
  let most = 0;
  const job = Effect.sync(() => most = Math.max(most, ++together)).pipe(
    Effect.andThen(aWhile),
    Effect.andThen(Effect.sync(() => together--)),
  );
  yield* Effect.replicateEffect(run(job), workers + 1, {
    concurrency: "unbounded",
  });
  strictEqual(most, workers);
});

/** Runs a job thrice, to be interrupted at each of them. */
const thrice = (run: Effect.Effect<void>) =>
  Effect.replicateEffect(run, 3, { discard: true });

sweepTest("run() that finds a worker", (watch) =>
  Effect.gen(function* () {
    const service = yield* pool({ workers: 2 });
    const fiber = yield* start(thrice(service.run(Effect.yieldNow)), watch);
    yield* Fiber.await(fiber);
    yield* isWhole(service, 3);
  }), { swept: 5 });

sweepTest("run() that waits for a worker", (watch) =>
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1, capacity: 1 });
    const { job, letGo } = yield* held;
    yield* service.submit(job);
    const fiber = yield* start(thrice(service.run(Effect.yieldNow)), watch);
    const next = yield* Effect.forkChild(service.run(Effect.yieldNow));
    yield* aWhile;
    yield* letGo;
    yield* Fiber.await(fiber);
    yield* Fiber.join(next);
    yield* isWhole(service, 5);
  }), { swept: 5 });

sweepTest(
  "run() that waits for the limiter",
  (watch) =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make(Quota.unlimited, { concurrency: 1 });
      const service = yield* Effect.provideService(
        WorkerPool.make({ workers: 2 }),
        Limiter.Limiter,
        limiter,
      );
      const { job, letGo } = yield* held;
      yield* service.submit(job);
      const fiber = yield* start(thrice(service.run(Effect.yieldNow)), watch);
      yield* aWhile;
      yield* letGo;
      yield* Fiber.await(fiber);
      yield* service.awaitIdle;
      deepStrictEqual((yield* limiter.stats).running, 0);
      strictEqual(yield* service.run(Effect.succeed("next")), "next");
    }),
  { swept: 0, preempted: 40 },
);

sweepTest("submit() that waits for room", (watch) =>
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1, capacity: 1 });
    const { job, letGo } = yield* held;
    yield* service.submit(job);
    yield* service.submit(Effect.void);
    let begun = 0;
    const work = Effect.andThen(
      Effect.sync(() => begun++),
      Effect.yieldNow,
    );
    const fiber = yield* start(service.submit(work), watch);
    const next = yield* Effect.forkChild(service.submit(Effect.void));
    // Room may come at any step of theirs.
    yield* Effect.yieldNow;
    yield* letGo;
    yield* Fiber.await(fiber);
    yield* Effect.flatMap(Fiber.join(next), (job) => job.await);
    ok(begun <= 1);
    yield* isWhole(service, 4);
  }), { swept: 0, preempted: 40 });

sweepTest("Job.await and Job.cancel", (watch) =>
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const job = yield* service.submit(
      Effect.onExit(Effect.never, () => aWhile),
    );
    const awaiting = yield* Effect.forkChild(Effect.exit(job.await));
    const fiber = yield* start(
      Effect.andThen(job.cancel, job.await),
      watch,
    );
    yield* Fiber.await(fiber);
    yield* job.cancel;
    strictEqual((yield* job.info).status, "cancelled");
    yield* Fiber.await(awaiting);
    yield* isWhole(service, 1);
  }), { swept: 5 });
