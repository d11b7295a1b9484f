/**
 * What a job costs that is handed in, queued, run and, in some rows, waited for.
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import {
  atLeast,
  nanos,
  ratio,
  rounds,
  type Row,
  shown,
  times,
} from "../report.ts";
import { bare } from "./bare.ts";
import { Bottleneck, fastq, pLimit, PQueue, Sema } from "./peers.ts";

const workers = 10;

/** One kind of job, as an effect and as a function. */
export interface Kind {
  readonly effect: Effect.Effect<number>;
  readonly run: () => number | Promise<number>;
}

/** Already there. */
export const value: Kind = { effect: Effect.succeed(1), run: () => 1 };

/** Computed. */
export const synchronous: Kind = { effect: Effect.sync(() => 1), run: () => 1 };

/** Suspended once. */
export const yielding: Kind = {
  effect: Effect.as(Effect.yieldNow, 1),
  run: () => new Promise((resolve) => setImmediate(resolve, 1)),
};

/** A promise that is kept at once. */
export const promise: Kind = {
  effect: Effect.promise(() => Promise.resolve(1)),
  run: () => Promise.resolve(1),
};

/** A millisecond of waiting for something else. */
export const io: Kind = {
  effect: Effect.promise(() => later()),
  run: () => later(),
};

const later = () => new Promise<number>((resolve) => setTimeout(resolve, 1, 1));

/** How many jobs, how often, and what is to be reached beside p-limit. */
export interface Plan {
  readonly jobs: number;
  readonly rounds?: number;
  readonly handedIn?: number;
  readonly awaited?: number;
}

/** One kind of job, handed in as fast as can be. */
export async function jobs(
  { effect, run }: Kind,
  { awaited, handedIn, jobs, rounds: counted = 5 }: Plan,
): Promise<ReadonlyArray<Row>> {
  const fewer = Math.min(jobs / 10, 2000);
  const scores = await rounds({
    "Weir, handed in": nanos(jobs, () => handIn(effect, jobs)),
    "Weir, all awaited": nanos(jobs, () => handInAndAwait(effect, jobs)),
    "bare promise pool (the limit)": nanos(
      jobs,
      () => bare(run, jobs, workers),
    ),
    "p-limit": nanos(jobs, async () => {
      const limit = pLimit(workers);
      return sum(await Promise.all(make(jobs, () => limit(run))));
    }),
    "fastq.promise": nanos(jobs, async () => {
      // It takes functions that give promises alone.
      const queue = fastq(async () => await run(), workers);
      return sum(await Promise.all(make(jobs, () => queue.push(undefined))));
    }),
    "async-sema": nanos(jobs, async () => {
      const sema = new Sema(workers);
      const one = async () => {
        await sema.acquire();
        const value = await run();
        sema.release();
        return value;
      };
      return sum(await Promise.all(make(jobs, one)));
    }),
    "Effect.forEach": nanos(jobs, () =>
      Effect.runPromise(Effect.map(
        Effect.forEach(make(jobs, () => 0), () => effect, {
          concurrency: workers,
        }),
        sum,
      ))),
    "p-queue": nanos(jobs, async () => {
      const queue = new PQueue({ concurrency: workers });
      const one = async () => await run();
      return sum(await Promise.all(make(jobs, () => queue.add(one))));
    }),
    // It takes a fixed time a job, so that fewer of them tell the same.
    "bottleneck, 2,000 jobs at most": nanos(fewer, async () => {
      const limiter = new Bottleneck({ maxConcurrent: workers });
      const one = async () => await run();
      return sum(await Promise.all(make(fewer, () => limiter.schedule(one))));
    }),
    "effect's Queue + 10 fibers": nanos(jobs, () => queued(effect, jobs)),
  }, { counted, warmUp: 1 });
  const limit = scores["p-limit"];
  const reach = (name: string, least: number | undefined, of: typeof limit) => {
    const value = ratio(limit, of);
    return least === undefined
      ? shown(name, value, "×")
      : atLeast(least, name, value, "×");
  };
  return [
    ...times(scores),
    reach("p-limit ÷ Weir, handed in", handedIn, scores["Weir, handed in"]),
    reach("p-limit ÷ Weir, all awaited", awaited, scores["Weir, all awaited"]),
  ];
}

function handIn(effect: Effect.Effect<number>, jobs: number): Promise<number> {
  return withPool(
    jobs,
    Effect.fnUntraced(function* ({ awaitIdle, stats, submit }) {
      for (let n = 0; n < jobs; n++) yield* submit(effect);
      yield* awaitIdle;
      return (yield* stats).completed;
    }),
  );
}

function handInAndAwait(
  effect: Effect.Effect<number>,
  jobs: number,
): Promise<number> {
  return withPool(
    jobs,
    Effect.fnUntraced(function* ({ submit }) {
      const handles = [];
      for (let n = 0; n < jobs; n++) handles.push(yield* submit(effect));
      let done = 0;
      for (const handle of handles) done += yield* handle.await;
      return done;
    }),
  );
}

function withPool(
  capacity: number,
  use: (pool: WorkerPool.Service) => Effect.Effect<number>,
): Promise<number> {
  return Effect.runPromise(
    Effect.flatMap(WorkerPool.WorkerPool, use).pipe(
      Effect.provide(
        WorkerPool.layer({ workers, capacity }).pipe(
          Layer.provide(Limiter.layerUnlimited),
        ),
      ),
    ),
  );
}

function queued(effect: Effect.Effect<number>, jobs: number): Promise<number> {
  return Effect.runPromise(Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Effect.Effect<number>>();
    let done = 0;
    const worker = Effect.whileLoop({
      while: () => true,
      body: () => Effect.flatten(Queue.take(queue)),
      step: (value) => {
        done += value;
        if (done === jobs) Queue.shutdownUnsafe(queue);
      },
    });
    for (let n = 0; n < jobs; n++) Queue.offerUnsafe(queue, effect);
    yield* Effect.exit(
      Effect.replicateEffect(worker, workers, {
        concurrency: "unbounded",
        discard: true,
      }),
    );
    return done;
  }));
}

const make = <A>(length: number, one: () => A) => Array.from({ length }, one);

const sum = (values: ReadonlyArray<number>) =>
  values.reduce((a, b) => a + b, 0);
