/** Jobs that die take their hand-made workers with them, unnoticed; a pool's workers live on, and every job is accounted for. */
import { Limiter, WorkerPool } from "@weir/weir";
import * as Array from "effect/Array";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import * as References from "effect/References";

const job = (n: number) =>
  Effect.sync(() => {
    if (n % 10 === 0) throw new Error(`job ${n}`);
    return n;
  });

const wrong = Effect.gen(function* () {
  const queue = yield* Queue.bounded<number>(100);
  let done = 0;
  const worker = Queue.take(queue).pipe(
    Effect.flatMap(job),
    Effect.tap(() => Effect.sync(() => done++)),
    Effect.forever,
  );
  yield* Effect.replicateEffect(Effect.forkScoped(worker), 5);
  yield* Queue.offerAll(queue, Array.range(1, 100));
  yield* Effect.sleep("1 second");
  yield* Console.log(`wrong: ${done} of 100 done, and nobody was told`);
}).pipe(Effect.scoped);

const right = Effect.gen(function* () {
  const pool = yield* WorkerPool.WorkerPool;
  yield* Effect.forEach(Array.range(1, 100), (n) => pool.submit(job(n)));
  yield* pool.awaitIdle;
  const { completed, failed, workers } = yield* pool.stats;
  yield* Console.log(
    `right: ${completed} done, ${failed} failed, ${workers} workers alive`,
  );
}).pipe(
  // Each job that dies unheard is logged as well; here the numbers are enough.
  Effect.provideService(References.UnhandledLogLevel, undefined),
  Effect.provide(
    WorkerPool.layer({ workers: 5 }).pipe(
      Layer.provide(Limiter.layerUnlimited),
    ),
  ),
);

/** The wrong way, then the right one. */
export const program: Effect.Effect<void> = Effect.andThen(wrong, right);

if (import.meta.main) await Effect.runPromise(program);
