/**
 * An upstream is ten times slower for ten minutes, and does not recover by itself: retries and stale work keep it down.
 *
 * Runs four policies through it in virtual time, prints what became of the calls, and draws it in `incident.html`.
 *
 * Permissions: --allow-read=. --allow-write=incident.html
 *
 * @module
 */
import { Limiter, RetryBudget, WorkerPool } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import * as Clock from "effect/Clock";
import * as Console from "effect/Console";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";

/** How callers try again, and how much the upstream lets wait. */
export interface Policy {
  readonly retries: "three each" | "from a budget";
  readonly queue: "endless" | "of 100";
}

const minute = Effect.map(Clock.currentTimeMillis, (now) => now / 60_000);

const phase = Effect.map(
  minute,
  (now) => now < 5 ? "before" : now < 15 ? "during" : "after",
);

const usually = Workload.lognormal({ median: "180 millis", p99: "500 millis" });
const slowly = Workload.lognormal({ median: "1.8 seconds", p99: "5 seconds" });

/** What the upstream does for a try, whether its caller still waits or not. Two at once, so it usually has room for ten a second. */
const work = Effect.flatMap(
  phase,
  (phase) => Workload.sleep("work", phase === "during" ? slowly : usually),
);

const within = (duration: Duration.Input) =>
  Effect.timeoutOrElse({ duration, orElse: () => Effect.fail("too late") });

/** Refused at once if the queue is full, given up after a second. */
const attempt = Monitor.count("tries").pipe(
  Effect.andThen(WorkerPool.submit(work).pipe(within(0))),
  Effect.flatMap((job) => job.await),
  within("1 second"),
);

const schedule = Schedule.exponential("100 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 3 }),
);

/** Four calls a second, for ever. */
export const model: Simulation.Model<Policy> = Simulation.model(
  ({ queue, retries }: Policy) =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.make({ ratio: 0.1 });
      const persistent = attempt.pipe(
        retries === "from a budget"
          ? RetryBudget.retry({ budget, schedule })
          : Effect.retry(schedule),
      );
      const call = Effect.gen(function* () {
        const begun = yield* phase;
        const answered = yield* Effect.isSuccess(persistent);
        if (answered) yield* Monitor.count("answers");
        yield* Monitor.tally(`answered.${begun}`, Number(answered));
      });
      yield* Workload.arrivals("calls", Workload.exponential("250 millis"))
        .pipe(Workload.serve(() => call));
    }).pipe(
      Effect.provide(
        WorkerPool.layer({
          workers: 2,
          capacity: queue === "endless" ? 1_000_000 : 100,
        }).pipe(Layer.provide(Limiter.layerUnlimited)),
      ),
    ),
  { module: import.meta.url },
);

const points: ReadonlyArray<Policy> = [
  { retries: "three each", queue: "endless" },
  { retries: "from a budget", queue: "endless" },
  { retries: "three each", queue: "of 100" },
  { retries: "from a budget", queue: "of 100" },
];

const summary = `Four calls a second ask an upstream that has room for ten. \
From minute 5 to minute 15 it is ten times slower, then it is as before. Callers give up after a second, and try again; the \
upstream does not hear of it, and works on what it was given.

With three retries each and a queue without end it never comes back: four calls are sixteen tries a second, more than it has room \
for, and all it works on is what nobody waits for any more. A bound alone does not help if what it holds is more than callers have \
patience for: 100 jobs take ten seconds. A budget alone lets it come back, but only once the queue is worked off. With both, it is \
back in half a minute, and was never asked for much more than usual.`;

/** Results by the names of their policies: all, or those with such a queue. */
function called(
  results: ReadonlyArray<Simulation.Result<Policy>>,
  queue?: Policy["queue"],
): Record<string, ReadonlyArray<Simulation.Result<Policy>>> {
  return Object.fromEntries(
    results
      .filter(({ point }) => queue === undefined || point.queue === queue)
      .map((result) => [
        `retries ${result.point.retries}, queue ${result.point.queue}`,
        [result],
      ]),
  );
}

/** Sweeps the four policies, prints what became of the calls, and draws it. */
export const program: Effect.Effect<void, Simulation.ModelFailed> = Effect.gen(
  function* () {
    const run = { horizon: "25 minutes", replications: 3, seed: 1 } as const;
    const results = yield* Simulation.sweep(model, {
      points,
      ...run,
      onProgress: Simulation.progressBar,
    });
    const columns = [
      ...["before", "during", "after"].map((phase) => `answered.${phase}.mean`),
      ...["tries", "pool.pending.max"],
    ];
    const series = called(results);
    const page = Report.html({
      title: "Ten bad minutes",
      summary,
      parameters: run,
      charts: [{
        title: "Goodput",
        description: "Calls that are answered in time.",
        series,
        y: "answers",
        labels: { y: "calls a second" },
      }, {
        title: "Load on the upstream",
        description: "Tries, whether it has room for them or not.",
        series,
        y: "tries",
        labels: { y: "tries a second" },
        bounds: [{ label: "its usual room", value: 10 }],
      }, {
        title: "Queue without end",
        series: called(results, "endless"),
        y: "pool.pending",
        labels: { y: "jobs" },
      }, {
        title: "Queue of 100",
        series: called(results, "of 100"),
        y: "pool.pending",
        labels: { y: "jobs" },
      }],
      tables: [{
        title: "What became of the calls",
        results,
        columns,
      }],
    });
    yield* Effect.promise(() => Deno.writeTextFile("incident.html", page));
    yield* Console.log(Report.table(results, columns));
    yield* Console.log("\nThe pictures are in incident.html.");
  },
);

if (import.meta.main) await Effect.runPromise(program);
