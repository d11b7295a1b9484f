/**
 * Four limits of the same rate before the same bursts of calls: what each lets through in the worst second, and who waits.
 * A page of what came out is in `limiters.html`.
 *
 * Permissions: --allow-read=. --allow-write=limiters.html
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";

const perSecond = { limit: 100, window: "1 second" } as const;

const quotas: Readonly<Record<string, Quota.Quota>> = {
  "token bucket": Quota.tokenBucket({ rate: 100, per: "1 second" }),
  "sliding window": Quota.slidingWindow(perSecond),
  "sliding counter": Quota.slidingCounter(perSecond),
  "fixed window": Quota.fixedWindow(perSecond),
};

/** A limit, and what it is put before. */
export interface Setting {
  readonly limit: string;
  /** On average. */
  readonly callsPerSecond: number;
}

const call = Monitor.count("admitted").pipe(
  Limiter.limit(),
  Monitor.time("wait"),
);

/** Bursts of 150 calls at once, which come when they like. */
const burst = Effect.replicateEffect(call, 150, {
  concurrency: "unbounded",
  discard: true,
});

/** Clients that come in bursts. */
export const model: Simulation.Model<Setting> = Simulation.model(
  ({ callsPerSecond, limit }: Setting) =>
    Workload.arrivals(
      "bursts",
      Workload.exponential(1000 * 150 / callsPerSecond),
    ).pipe(
      Workload.serve(() => burst),
      Effect.provide(Limiter.layer(quotas[limit] ?? Quota.unlimited)),
    ),
  { module: import.meta.url },
);

const summary =
  `Bursts of 150 calls come at random before limits of 100 a second. All four let the same calls through in the long run, for they \
have room for more than come. They differ in the worst second, and in who waits.

A bucket that was full lets a burst of 100 through and refills meanwhile; a fixed window lets the end of one window and the start \
of the next through together; a sliding counter takes the last window for one whose calls came evenly. Each keeps what \
Quota.bound promises for it. The sliding window alone keeps to 100 in any second, and its callers \
wait for that. Those of the sliding counter gain next to nothing by a promise that is twice as loose: they wait hardly less on \
average, and the unluckiest in twenty no less.`;

/** What to run, and how far. */
export interface Run extends
  Pick<
    Simulation.SweepOptions<Setting>,
    "horizon" | "replications"
  > {
  /** Of calls a second. */
  readonly loads: ReadonlyArray<number>;
}

const minutes: Run = {
  loads: [20, 40, 60],
  horizon: "5 minutes",
  replications: 10,
};

/** How many calls the quotas promise at most for a second without its end, each number once. */
const bounds = Object.entries(
  Object.groupBy(
    Object.entries(quotas),
    ([, quota]) => Math.floor(Quota.bound(quota, 999.999)),
  ),
).map(([value, group = []]) => ({
  label: `${value} for ${group.map(([limit]) => limit).join(", ")}`,
  value: Number(value),
}));

/** Sweeps the limits, and gives a table and a page. */
export const study = (
  { loads, ...run }: Run,
): Effect.Effect<
  { readonly page: string; readonly table: string },
  Simulation.ModelFailed
> =>
  Effect.gen(function* () {
    const limits = Object.keys(quotas);
    const results = yield* Simulation.sweep(model, {
      ...run,
      points: limits.flatMap((limit) =>
        loads.map((callsPerSecond) => ({ limit, callsPerSecond }))
      ),
      onProgress: Simulation.progressBar,
    });
    const series = Object.fromEntries(
      limits.map((limit) => [
        limit,
        results.filter(({ point }) => point.limit === limit),
      ]),
    );
    const busiest = results.filter(({ point }) =>
      point.callsPerSecond === loads.at(-1)
    );
    const load = {
      series,
      x: ({ callsPerSecond }: Setting) => callsPerSecond,
    };
    const labels = { x: "calls a second, on average", y: "seconds" };
    const columns = ["admitted.peak", "admitted", "wait.p50", "wait.p95"];
    const page = Report.html({
      title: "Which limiter?",
      summary,
      parameters: {
        horizon: String(run.horizon),
        ...(run.replications && { replications: run.replications }),
        seed: 1,
      },
      charts: [{
        title: "The worst second",
        description: `The most calls within any second, at ${
          loads.at(-1)
        } a second on average. Dashed: the most that is promised.`,
        series: { "let through": busiest },
        x: ({ limit }) => limit,
        y: "admitted.peak",
        labels: { x: "limit", y: "calls" },
        bounds,
      }, {
        title: "Mean wait",
        ...{ ...load, labels },
        y: "wait.mean",
      }, {
        title: "Mean wait beside the sliding window",
        ...{ ...load, labels },
        y: "wait.mean",
        against: "sliding window",
      }, {
        title: "Wait of the unluckiest in twenty",
        ...{ ...load, labels },
        y: "wait.p95",
      }],
      tables: [{ title: "All settings", results, columns }],
    });
    return { page, table: Report.table(results, columns) };
  });

/** Prints the table, and writes the page. */
export const program: Effect.Effect<void, Simulation.ModelFailed> = Effect.gen(
  function* () {
    const { page, table } = yield* study(minutes);
    yield* Effect.promise(() => Deno.writeTextFile("limiters.html", page));
    yield* Console.log(table);
    yield* Console.log("\nThe pictures are in limiters.html.");
  },
);

if (import.meta.main) await Effect.runPromise(program);
