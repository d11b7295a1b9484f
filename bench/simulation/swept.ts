/**
 * What threads of a sweep run.
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { asModels, byFibers, byQueue } from "./queueing.ts";

/** Three servers and a line for so many customers; or a pool of ten workers, eight of them busy, for so many arrivals a second. */
export type Point =
  | { readonly customers: number; readonly by: "queue" | "fibers" }
  | { readonly perSecond: number };

const pool = WorkerPool.layer({ workers: 10, capacity: 100_000 }).pipe(
  Layer.provide(Limiter.layerUnlimited),
);

const traffic = (perSecond: number) => {
  const gap = Workload.exponential(1000 / perSecond);
  const work = Workload.exponential(8000 / perSecond);
  return Workload.arrivals("arrivals", gap).pipe(
    Workload.serve(() =>
      Workload.sleep("work", work).pipe(
        WorkerPool.run(),
        Monitor.time("response"),
      )
    ),
    Effect.provide(pool),
  );
};

/** All of them. */
export const model: Simulation.Model<Point> = Simulation.model(
  (point: Point): Effect.Effect<unknown> => {
    if ("perSecond" in point) return traffic(point.perSecond);
    const by = point.by === "queue" ? byQueue : byFibers;
    return by(asModels)(point.customers);
  },
  { module: import.meta.url },
);
