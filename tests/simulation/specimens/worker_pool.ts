/**
 * A pool whose workers end with the first job that fails, which nobody sees; and one whose workers go on.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Queue from "effect/Queue";
import { deepStrictEqual } from "node:assert/strict";

type Job = Effect.Effect<void, string>;

/** Jobs that wait, and how many have not ended. */
interface Pool {
  readonly jobs: Queue.Queue<Job>;
  readonly idle: Latch.Latch;
  left: number;
}

/** Does one job after the other. */
export type Work = (pool: Pool) => Effect.Effect<never, string>;

const end = (pool: Pool) =>
  Effect.suspend(() => --pool.left === 0 ? pool.idle.open : Effect.void);

export const mortal: Work = Effect.fn("work")(function* (pool) {
  for (;;) {
    const job = yield* Queue.take(pool.jobs);
    yield* job;
    yield* end(pool);
  }
});

export const mended: Work = Effect.fn("work")(function* (pool) {
  for (;;) {
    const job = yield* Queue.take(pool.jobs);
    yield* Effect.exit(job);
    yield* end(pool);
  }
});

/** Two workers, four jobs of which two fail, and one that waits until all have ended. */
export const program = (work: Work): Effect.Effect<void> =>
  Effect.gen(function* () {
    const done: Array<string> = [];
    const succeed = (name: string) =>
      Effect.andThen(Effect.yieldNow, Effect.sync(() => done.push(name)));
    const fail = Effect.andThen(Effect.yieldNow, Effect.fail("no"));
    const pool: Pool = {
      jobs: yield* Queue.unbounded<Job>(),
      idle: yield* Latch.make(),
      left: 4,
    };
    const workers = yield* Effect.replicateEffect(
      Effect.forkChild(work(pool)),
      2,
    );
    const jobs = [succeed("first"), fail, fail, succeed("last")];
    yield* Effect.forEach(jobs, (job) => Queue.offer(pool.jobs, job));
    yield* pool.idle.await;
    yield* Fiber.interruptAll(workers);
    deepStrictEqual(done.toSorted(), ["first", "last"]);
  });
