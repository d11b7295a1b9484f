/**
 * How many workers does this pool need? Days of traffic on 1 to 16 of them, and a page of what came out: `workers.html`.
 *
 * Permissions: --allow-read=. --allow-write=workers.html
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import * as Array from "effect/Array";
import * as Console from "effect/Console";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

/** One a second over the day: fewest at midnight, most at noon. */
const requests = Workload.arrivalsVarying("requests", {
  rate: (elapsed) => 1 - 0.5 * Math.cos(2 * Math.PI * Duration.toDays(elapsed)),
  maxRate: 1.5,
});

const service = Workload.lognormal({ median: "5 seconds", p99: "20 seconds" });

const request = Workload.sleep("service", service).pipe(
  WorkerPool.run({ maxWait: "1 minute" }),
  Monitor.time("response"),
  Effect.catchTag("WaitTimeout", () => Monitor.count("lost")),
);

/** The pool under a day of requests. */
export const model: Simulation.Model<number> = Simulation.model(
  (workers: number) =>
    Monitor.count("lost", 0).pipe(
      Effect.andThen(Workload.serve(requests, () => request)),
      Effect.provide(
        WorkerPool.layer({ workers, capacity: 500 }).pipe(
          Layer.provide(Limiter.layerUnlimited),
        ),
      ),
    ),
  { module: import.meta.url },
);

const summary =
  `One request a second over the day, one and a half at noon, for a pool of 1 to 16 workers. \
A request takes 5 seconds or less in half of the cases, one in a hundred takes 20 or more, and whoever has waited for a minute gives up.

A pool of 6 or 8 has workers enough for the average and too few for noon: its queue grows in the morning until those at its end \
give up, and nobody is lost at night. With 10, nobody is lost at noon either.`;

/** What to run, and how far. */
export interface Run extends
  Pick<
    Simulation.SweepOptions<number>,
    "horizon" | "points" | "replications"
  > {}

const days: Run = {
  points: Array.range(1, 16),
  horizon: "1 day",
  replications: 3,
};

/** Sweeps the pool, and gives a table and a page. */
export const study = (
  run: Run,
): Effect.Effect<
  { readonly page: string; readonly table: string },
  Simulation.ModelFailed
> =>
  Effect.gen(function* () {
    const results = yield* Simulation.sweep(model, {
      ...run,
      onProgress: Simulation.progressBar,
    });
    const few = results.filter(({ point }) => [6, 8, 9, 10].includes(point));
    const overTime = Object.fromEntries(
      few.map((result) => [`${result.point} workers`, [result]]),
    );
    const columns = [
      ...["response.p50", "response.p95", "response.p99"],
      ...["pool.completed", "lost", "pool.pending.mean", "pool.running.mean"],
    ];
    const x = (workers: number) => workers;
    const page = Report.html({
      title: "How many workers?",
      summary,
      parameters: {
        horizon: String(run.horizon),
        "requests a second": 1,
        ...(run.replications && { replications: run.replications }),
        seed: 1,
      },
      charts: [{
        title: "Response time",
        description:
          "From when a request comes until it is answered, or given up after a minute.",
        series: { requests: results },
        x,
        y: ["response.p50", "response.p95", "response.p99"],
        labels: { x: "workers", y: "seconds" },
      }, {
        title: "Answered and lost",
        series: { requests: results },
        x,
        y: ["pool.completed", "lost"],
        labels: { x: "workers", y: "requests a second" },
      }, {
        title: "Queue over the day",
        series: overTime,
        y: "pool.pending",
        labels: { y: "requests that wait" },
      }, {
        title: "Lost over the day",
        series: overTime,
        y: "lost",
        labels: { y: "requests a second" },
      }, {
        title: "Busy workers over the day",
        series: overTime,
        y: "pool.running",
        labels: { y: "workers" },
      }],
      tables: [{ title: "All settings", results, columns }],
    });
    return { page, table: Report.table(results, columns.slice(0, 5)) };
  });

/** Prints the table, and writes the page. */
export const program: Effect.Effect<void, Simulation.ModelFailed> = Effect.gen(
  function* () {
    const { page, table } = yield* study(days);
    yield* Effect.promise(() => Deno.writeTextFile("workers.html", page));
    yield* Console.log(table);
    yield* Console.log("\nThe pictures are in workers.html.");
  },
);

if (import.meta.main) await Effect.runPromise(program);
