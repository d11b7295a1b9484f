/** Twenty jobs on five workers: hand them in, look at one, wait for all. */
import { Limiter, WorkerPool } from "@weir/weir";
import * as Array from "effect/Array";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

const processData = (data: string) =>
  Effect.delay(Effect.sync(() => data.toUpperCase()), "100 millis");

/** Submits the jobs, then prints their results in order. */
export const program: Effect.Effect<void> = Effect.gen(function* () {
  const pool = yield* WorkerPool.WorkerPool;
  const jobs = yield* Effect.forEach(
    Array.range(0, 19),
    (n) => pool.submit(processData(`item_${n}`)),
  );
  // Workers take their jobs in a moment, not as they are handed in.
  const { pending, running } = yield* pool.stats;
  yield* Console.log(`${running} run, ${pending} wait`);

  const results = yield* Effect.forEach(jobs, (job) => job.await);
  for (const [n, result] of results.entries()) {
    yield* Console.log(`job ${n}: ${result}`);
  }
}).pipe(
  Effect.provide(
    WorkerPool.layer({ workers: 5, capacity: 100, drain: "5 seconds" }).pipe(
      Layer.provide(Limiter.layerUnlimited),
    ),
  ),
);

if (import.meta.main) await Effect.runPromise(program);
