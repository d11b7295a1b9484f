/**
 * What a queued job weighs.
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import * as Effect from "effect/Effect";
import { heap, type Row, shown } from "../report.ts";
import { pLimit } from "./peers.ts";

const jobs = 100_000;

/** Bytes a job that waits behind one that does not end, its handle held. */
export async function memory(): Promise<ReadonlyArray<Row>> {
  const never = new Promise<number>(() => {});
  const before = await heap();
  const limit = pLimit(1);
  const promises = Array.from({ length: jobs }, () => limit(() => never));
  const theirs = (await heap() - before) / jobs;
  limit.clearQueue();
  promises.length = 0;

  const ours = await Effect.runPromise(
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ tiers: [] });
      const pool = yield* Effect.provideService(
        WorkerPool.make({ workers: 1, capacity: jobs }),
        Limiter.Limiter,
        limiter,
      );
      const job = Effect.never;
      const before = yield* Effect.promise(heap);
      const handles = [];
      for (let n = 0; n < jobs; n++) handles.push(yield* pool.submit(job));
      const bytes = (yield* Effect.promise(heap)) - before;
      yield* Effect.forEach(handles, (handle) => handle.cancel);
      return bytes / jobs;
    }).pipe(Effect.scoped),
  );
  return [
    shown("Weir", ours, "B"),
    shown("p-limit", theirs, "B"),
  ];
}
