import { Limiter, Quota, WorkerPool } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Metric from "effect/Metric";
import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { CurrentMonitors } from "../../src/internal/monitors.ts";
import { Collector } from "../../src/simulation/collector.ts";
import { model, type Task } from "../support/simulation/models.ts";
import { makeGrowing } from "../support/simulation/growing_model.ts";
import {
  model as strange,
  other,
} from "../support/simulation/strange_models.ts";

const alone = Simulation.model(model.program);

const options = { horizon: "10 minutes", warmup: "1 minute" } as const;

/** What monitors of a program see. */
const measured = <A, E>(
  program: Effect.Effect<A, E>,
  more: Partial<Simulation.SweepOptions<number>> = {},
) =>
  Effect.map(
    Simulation.sweep(Simulation.model(() => program), {
      points: [0],
      horizon: "10 seconds",
      replications: 2,
      ...more,
    }),
    ([result]) => result!.measures,
  );

Deno.test("Simulation.sweep() has the same numbers in this thread, in another one, and in three", async () => {
  const numbers = (workers: number, which = model) =>
    Effect.runPromise(
      Simulation.sweep(which, {
        ...options,
        points: ["works", "hangs", "works"],
        replications: 3,
        workers,
      }).pipe(Effect.catchTag("ModelFailed", ({ detail, point, trace }) =>
        Effect.succeed([point, trace, detail]))),
    );
  const here = await numbers(1, alone);
  deepStrictEqual(await numbers(1), here);
  deepStrictEqual(await numbers(3), here);
});

Deno.test("Simulation.sweep() has the same numbers however many threads there are", async () => {
  const numbers = (workers: number, which = model) =>
    Effect.runPromise(Simulation.sweep(which, {
      ...options,
      points: ["works", "works"],
      replications: 7,
      precision: { of: "gap.mean", within: 0.02 },
      workers,
    }));
  const here = await numbers(1, alone);
  deepStrictEqual(await numbers(1), here);
  deepStrictEqual(await numbers(3), here);
  const [one, other] = here;
  deepStrictEqual(one?.measures, other?.measures);
});

for (
  const [task, what] of [
    ["fails", /no luck/],
    ["hangs", /deadlock|waits/i],
    ["ends", /ended before its warm-up/],
    ["escapes", /Promise/],
  ] as ReadonlyArray<readonly [Task, RegExp]>
) {
  testEffect(
    `Simulation.sweep() fails where a model ${task}, and says where and why`,
    Effect.gen(function* () {
      const failed = yield* Effect.flip(
        Simulation.sweep(alone, { ...options, points: ["works", task] }),
      );
      strictEqual(failed._tag, "ModelFailed");
      strictEqual(failed.point, task);
      match(failed.detail, what);
      ok(failed.message.includes(`"${task}"`));
      if (task === "fails") {
        const again = yield* Simulation.replay(
          model.program(task),
          failed.trace,
        );
        match(`${again.exit}`, what);
      }
    }),
  );
}

Deno.test("Simulation.sweep() fails in other threads as in this one, also where there is no model", async () => {
  const failed = await Effect.runPromise(Effect.flip(
    Simulation.sweep(model, { ...options, points: ["fails"], workers: 2 }),
  ));
  deepStrictEqual([failed.point, failed.trace], ["fails", "live?seed=1"]);
  match(failed.detail, /no luck/);
  for (
    const module of ["file:///nowhere.ts", import.meta.resolve("../../mod.ts")]
  ) {
    const missing = await Effect.runPromise(Effect.flip(
      Simulation.sweep(
        Simulation.model(() => Effect.void, { module }),
        { points: [0], horizon: "1 second", workers: 1 },
      ),
    ));
    ok(missing.detail.includes(module), missing.detail);
  }
});

Deno.test("Simulation.sweep() refuses bad options by name and value", async () => {
  const points: ReadonlyArray<Task> = ["works"];
  const refused = (
    bad: Partial<Simulation.SweepOptions<Task>>,
    message: RegExp,
  ) =>
    throws(
      () => Simulation.sweep(alone, { ...options, points, ...bad }),
      message,
    );
  refused({ points: [] }, /"points" must be an array of at least one/);
  refused({ horizon: 0 }, /"horizon" .* was 0/);
  refused({ horizon: Infinity }, /"horizon" .* was Infinity/);
  refused({ warmup: "10 minutes" }, /"warmup" .* shorter than the horizon/);
  refused({ warmup: -1 }, /"warmup" .* was -1/);
  refused({ replications: 1 }, /"replications" .* at least 2 .*, was 1/);
  refused(
    { replications: 1e6 + 1 },
    /"replications" .* at most 1000000, was 1000001/,
  );
  refused({ seed: 0.5 }, /"seed" .* was 0.5/);
  refused(
    { seed: 2 ** 53 - 1 },
    /"seed" .* at most 9007199254740981, was 9007199254740991/,
  );
  refused({ workers: 0 }, /"workers" .* was 0/);
  refused({ precision: { of: "gap.mean", within: 0 } }, /"precision.within"/);
  throws(
    () => Simulation.model(() => Effect.void, { module: "x" }),
    /"module"/,
  );
  const circle: Record<string, unknown> = {};
  circle["itself"] = circle;
  for (
    const point of [() => {}, { wait: Duration.seconds(5) }, new Map(), 1n, [
      circle,
    ]]
  ) {
    throws(
      () =>
        Simulation.sweep(
          Simulation.model((_: unknown) => Effect.void, {
            module: import.meta.url,
          }),
          { points: [{ a: [1, null] }, point], horizon: 1 },
        ),
      /"points\[1\]" must be plain data/,
    );
  }
  const died = await Effect.runPromiseExit(Simulation.sweep(alone, {
    ...options,
    points,
    precision: { of: "gap", within: 0.1 },
  }));
  match(
    `${died}`,
    /"precision.of" must be one of the measures \(.*gap.mean.*\), was "gap"/,
  );
});

testEffect(
  "Simulation.sweep() refuses a precision of what has no interval",
  Effect.gen(function* () {
    const died = yield* Effect.exit(Simulation.sweep(alone, {
      ...{ ...options, points: ["works"] },
      precision: { of: "gap.max", within: 0.1 },
    }));
    match(`${died}`, /"precision.of" must be an estimate, was "gap.max"/);
  }),
);

testEffect(
  "Simulation.sweep() fails alike where the function of a model throws",
  Effect.gen(function* () {
    const broken = Simulation.model((mean: number) =>
      Workload.sleep("work", Workload.exponential(mean))
    );
    const { detail, trace } = yield* Effect.flip(
      Simulation.sweep(broken, { points: [0], horizon: "1 minute" }),
    );
    strictEqual(trace, "live?seed=1");
    match(detail, /"mean" .* was 0/);
  }),
);

Deno.test("Simulation.sweep() refuses to run another model than the one that it was given", async () => {
  const { detail } = await Effect.runPromise(Effect.flip(
    Simulation.sweep(other, { ...options, points: [""], workers: 1 }),
  ));
  match(detail, /"module" must be of the module that exports this model/);
  throws(
    () => Simulation.sweep(makeGrowing(1000), { points: [1], horizon: 1 }),
    /"module" must be of a model that is made once, was "2 times"/,
  );
});

Deno.test("Simulation.sweep() fails where a model ends its thread", async () => {
  const { detail } = await Effect.runPromise(Effect.flip(
    Simulation.sweep(strange, { ...options, points: ["exits"], workers: 1 }),
  ));
  match(detail, /a model may not end the thread that it runs in/);
});

Deno.test("Simulation.sweep() starts no threads in a thread that loads a module which sweeps", async () => {
  const { swept } = await import(
    "../support/simulation/sweeping_model.ts"
  );
  match(String(swept), /sweeps when it is loaded: .* import\.meta\.main/);
});

testEffect(
  "Simulation.sweep() goes on until a wanted precision, and no longer, and tells how far it is",
  Effect.gen(function* () {
    const told: Array<readonly [number, number]> = [];
    const at = (within: number) =>
      Simulation.sweep(alone, {
        ...options,
        points: ["works"],
        replications: 4,
        precision: { of: "gap.mean", within },
        onProgress: (done, total) =>
          Effect.sync(() => {
            told.push([done, total]);
          }),
      }).pipe(Effect.map(([result]) => result!.measures.tallies["gap"]!.mean));
    const loose = yield* at(0.5);
    strictEqual(loose.values.length, 4);
    deepStrictEqual(told.slice(-2), [[4, 40], [4, 4]]);
    const sharp = yield* at(0.015);
    ok(sharp.values.length > 4 && sharp.values.length % 5 === 4);
    ok(sharp.halfWidth <= 0.015 * sharp.mean);
    deepStrictEqual(sharp.values.slice(0, 4), loose.values);
    strictEqual((yield* at(1e-9)).values.length, 40);
  }),
);

testEffect(
  "Simulation.difference() pairs replications, and has the others' common ones",
  Effect.gen(function* () {
    const slower = Simulation.model((factor: number) =>
      Workload.arrivals("calls", Workload.exponential("1 second")).pipe(
        Workload.serve(() =>
          Effect.delay(
            Workload.sleep("work", Workload.exponential(1000 * factor)),
            "1 second",
          ).pipe(Monitor.time("gap"))
        ),
      )
    );
    const [one, other] = yield* Simulation.sweep(slower, {
      points: [1, 1.1],
      horizon: "1 hour",
      replications: 5,
    });
    const { halfWidth, mean } = Simulation.difference(other!, one!, "gap.mean");
    ok(Math.abs(mean - 0.1) < 0.01, `${mean}`);
    const { halfWidth: alone } = one!.measures.tallies["gap"]!.mean;
    ok(halfWidth < alone / 4, `${halfWidth}, not below ${alone} / 4`);
    throws(() => Simulation.difference(one!, other!, "gap.max"), /"measure"/);
    throws(() => Simulation.difference(one!, other!, "gap"), /"measure"/);
  }),
);

testEffect(
  "Simulation.difference() refuses results of other seeds, horizons and warm-ups",
  Effect.gen(function* () {
    const result = (more: Partial<Simulation.SweepOptions<number>>) =>
      Simulation.sweep(
        Simulation.model(() => Effect.delay(Monitor.count("n"), "4 seconds")),
        { points: [0], horizon: "5 seconds", replications: 2, ...more },
      ).pipe(Effect.map(([result]) => result!));
    const one = yield* result({ seed: 7, warmup: "1 second" });
    deepStrictEqual(one.replications, {
      ...{ count: 2, seed: 7, horizon: 5, warmup: 1 },
    });
    const alike = yield* result({
      ...{ seed: 7, warmup: 1000, replications: 3 },
    });
    strictEqual(Simulation.difference(one, alike, "n").mean, 0);
    for (
      const more of [
        { seed: 8, warmup: "1 second" },
        { seed: 7 },
        { seed: 7, warmup: "1 second", horizon: "6 seconds" },
      ] as const
    ) {
      const other = yield* result(more);
      throws(
        () => Simulation.difference(one, other, "n"),
        /"other" must be measured with seed 7, horizon 5, warmup 1, was "seed [78], horizon [56], warmup [01]"/,
      );
    }
  }),
);

testEffect(
  "levels are weighted by time, from the warm-up on, and their series has all of it",
  Effect.gen(function* () {
    const program = Effect.gen(function* () {
      yield* Monitor.level("water", 9);
      yield* Effect.sleep("2 seconds");
      yield* Monitor.level("water", 3);
      yield* Effect.sleep("3 seconds");
      yield* Monitor.level("water", 100);
      yield* Monitor.level("water", 1);
      yield* Effect.never.pipe(Effect.timeoutOption("1 day"));
    });
    const all = (yield* measured(program)).levels["water"]!;
    strictEqual(all.mean.mean, (2 * 9 + 3 * 3 + 5) / 10);
    strictEqual(all.max, 9);
    const late = (yield* measured(program, { warmup: "1 second" }))
      .levels["water"]!;
    ok(Math.abs(late.mean.mean - (9 + 9 + 5) / 9) < 1e-9);
    strictEqual(late.max, 9);
    const later = (yield* measured(program, { warmup: "4 seconds" }))
      .levels["water"]!;
    ok(Math.abs(later.mean.mean - (3 + 5) / 6) < 1e-9);
    strictEqual(later.max, 3);
    strictEqual(all.series.length, 360);
    const integral = all.series.reduce((sum, [, value]) => sum + value, 0) / 36;
    ok(Math.abs(integral - 32) < 1e-9, `${integral}`);
    deepStrictEqual(late.series, all.series);
  }),
);

testEffect(
  "counts have the most within any second, whose beginning is in it and whose end is not",
  Effect.gen(function* () {
    const at = (...millis: ReadonlyArray<number>) =>
      measured(
        Workload.serve(
          Workload.arrivalsAt(millis),
          () => Monitor.count("events"),
        ).pipe(Effect.andThen(Effect.sleep("1 day"))),
      ).pipe(Effect.map(({ counts }) => counts["events"]!));
    strictEqual((yield* at(100, 1099.9)).peak, 2);
    strictEqual((yield* at(100, 1100)).peak, 1);
    strictEqual((yield* at(0, 0, 500, 999, 1000, 1001, 3000)).peak, 4);
    const { rate, series } = yield* at(0, 5000, 5000);
    strictEqual(rate.mean, 0.3);
    ok(Math.abs(series.reduce((sum, [, n]) => sum + n, 0) / 36 - 3) < 1e-9);
    const many = yield* at(...Array.from({ length: 5000 }, (_, n) => n));
    strictEqual(many.peak, 1000);
  }),
);

testEffect(
  "tallies have quantiles to one in a thousand, also of values that lie far apart",
  Effect.gen(function* () {
    const spread = (n: number) => 10 ** (16 * n / 10_000 - 8);
    const program = Effect.forEach(
      Array.from({ length: 10_000 }, (_, n) => n + 1),
      (n) =>
        Effect.andThen(
          Monitor.tally("size", n),
          Monitor.tally("spread", spread(n)),
        ),
      { discard: true },
    );
    const { tallies } = yield* measured(Effect.delay(program, "1 second"));
    const { count, max, mean } = tallies["size"]!;
    deepStrictEqual([count.mean, mean.mean, max], [10_000, 5000.5, 10_000]);
    const exactly = { size: (n: number) => n, spread };
    for (const [name, exact] of Object.entries(exactly)) {
      const { p50, p95, p99 } = tallies[name]!;
      for (
        const [{ mean }, n] of [[p50, 5000], [p95, 9500], [p99, 9900]] as const
      ) {
        // There is no saying which of two neighbours it is.
        const low = 0.99899 * exact(n);
        const high = 1.001 * exact(n + 1);
        ok(mean >= low && mean <= high, `${name}: ${mean}, not ${exact(n)}`);
      }
    }
    throws(() => Monitor.tally("size", NaN), /"value" .* was NaN/);
    throws(() => Monitor.level("size", Infinity), /"value" .* was Infinity/);
  }),
);

testEffect(
  "tallies of few values have as quantiles what so many of them are not above",
  Effect.gen(function* () {
    const of = (...values: ReadonlyArray<number>) =>
      measured(
        Effect.forEach(values, (value) => Monitor.tally("v", value)).pipe(
          Effect.delay("1 second"),
        ),
      ).pipe(Effect.map(({ tallies }) => {
        const { p50, p95, p99 } = tallies["v"]!;
        return [p50, p95, p99].map(({ mean }) => Math.round(mean));
      }));
    deepStrictEqual(yield* of(1, 2, 3, 4, 5, 6, 7, 8, 9, 100), [5, 100, 100]);
    deepStrictEqual(yield* of(1, 10), [1, 10, 10]);
    deepStrictEqual(yield* of(7), [7, 7, 7]);
    const same = yield* measured(
      Effect.delay(Monitor.tally("v", 60), "1 second"),
    );
    strictEqual(same.tallies["v"]!.p99.mean, 60);
  }),
);

testEffect(
  "intervals of quantiles have room for what these may be off by",
  Effect.gen(function* () {
    const values = [...Array.from({ length: 9 }, () => 60), 75];
    const { tallies } = yield* measured(
      Effect.forEach(values, (value) => Monitor.tally("v", value)).pipe(
        Effect.delay("1 second"),
      ),
    );
    const { halfWidth, mean } = tallies["v"]!.p50;
    ok(Math.abs(mean - 60) <= halfWidth, `${mean} ± ${halfWidth}`);
    ok(halfWidth <= 0.0011 * 60, `${halfWidth}`);
    strictEqual(tallies["v"]!.mean.halfWidth, 0);
  }),
);

testEffect(
  "what happens at the horizon itself is not measured",
  Effect.gen(function* () {
    const tick = Effect.andThen(Monitor.count("tick"), Monitor.tally("v", 1));
    const ticks = Effect.forever(Effect.delay(tick, "1 second"));
    const { counts, tallies } = yield* measured(Effect.andThen(tick, ticks));
    strictEqual(counts["tick"]!.rate.mean, 1);
    strictEqual(tallies["v"]!.count.mean, 10);
    const warm = yield* measured(ticks, { warmup: "5 seconds" });
    strictEqual(warm.counts["tick"]!.rate.mean, 1);
  }),
);

testEffect(
  "a level that was not set yet is 0, also in a replication that never sets it",
  Effect.gen(function* () {
    const late = Effect.andThen(
      Effect.sleep("2 seconds"),
      Effect.andThen(Monitor.level("water", 8), Effect.sleep("2 seconds")),
    );
    const { levels } = yield* measured(late);
    strictEqual(levels["water"]!.mean.mean, 4);
    const warm = yield* measured(late, { warmup: "1 second" });
    ok(Math.abs(warm.levels["water"]!.mean.mean - 16 / 3) < 1e-9);
  }),
);

testEffect(
  "monitors may be called what every object has",
  Effect.gen(function* () {
    const program = Effect.gen(function* () {
      const tells = yield* Workload.bernoulli("coin", 0.5);
      if (tells) yield* Monitor.tally("constructor", 5);
      if (tells) yield* Monitor.level("toString", 5);
      yield* Effect.sleep("1 second");
    });
    const { levels, tallies } = yield* measured(program, { replications: 9 });
    const { count, max, mean } = tallies["constructor"]!;
    ok(count.mean > 0 && count.mean < 1);
    deepStrictEqual([mean.mean, max], [5, 5]);
    strictEqual(levels["toString"]!.mean.mean, 5 * count.mean);
  }),
);

testEffect(
  "a count of none is known, and is 0; more than one at once are as many",
  Effect.gen(function* () {
    const program = Effect.gen(function* () {
      yield* Monitor.count("lost", 0);
      yield* Monitor.count("served", 20);
      yield* Effect.sleep("10 seconds");
    });
    const { counts } = yield* measured(program);
    const { peak, rate, series } = counts["lost"]!;
    deepStrictEqual([rate.values, peak], [[0, 0], 0]);
    ok(series.length > 0 && series.every(([, value]) => value === 0));
    deepStrictEqual(
      [counts["served"]!.rate.mean, counts["served"]!.peak],
      [2, 20],
    );
    throws(() => Monitor.count("lost", 0.5), /"number" .* was 0.5/);
  }),
);

testEffect(
  "series of a program that ends early have all of its events, and no more than there were",
  Effect.gen(function* () {
    const done = (after: Duration.Input) =>
      measured(Effect.delay(Monitor.count("done"), after), {
        horizon: "6 minutes",
      }).pipe(Effect.map(({ counts }) => counts["done"]!.series));
    deepStrictEqual((yield* done(10_000)).at(-1), [9, 1]);
    deepStrictEqual((yield* done(10_250)).at(-1), [9, 0.8]);
    deepStrictEqual((yield* done(10_500)).at(-1), [10, 2]);
    deepStrictEqual((yield* done(1)).at(-1), [0, 1000]);
  }),
);

testEffect(
  "a count that the first replication did not see has a series of zeros",
  Effect.gen(function* () {
    const program = Effect.andThen(
      Workload.bernoulli("coin", 0.3),
      (happens) =>
        Effect.andThen(
          happens ? Monitor.count("rare") : Effect.void,
          Effect.sleep("1 day"),
        ),
    );
    const { counts } = yield* measured(program, { replications: 20 });
    const { rate, series } = counts["rare"]!;
    strictEqual(rate.values[0], 0);
    deepStrictEqual(series, [[0, 0], [10, 0]]);
  }),
);

const poolOf = (workers: number) =>
  WorkerPool.layer({ workers }).pipe(Layer.provide(Limiter.layerUnlimited));

testEffect(
  "services that follow each other, or differ in attributes alone, are measured together",
  Effect.gen(function* () {
    const jobs = (count: number) =>
      Effect.sleep("5 seconds").pipe(
        WorkerPool.run(),
        Effect.replicateEffect(count, { concurrency: "unbounded" }),
      );
    const apart = (name: string, count: number) =>
      jobs(count).pipe(
        Effect.provide(poolOf(9)),
        Effect.provideService(Metric.CurrentMetricAttributes, { name }),
      );
    const beside = yield* measured(
      Effect.all([apart("a", 4), apart("b", 2)], { concurrency: 2 }),
    );
    strictEqual(beside.levels["pool.running"]!.mean.mean, 6);
    strictEqual(beside.tallies["pool.wait"]!.count.mean, 6);
    const after = yield* measured(
      Effect.andThen(apart("a", 4), apart("b", 2)),
      { horizon: "20 seconds" },
    );
    strictEqual(after.levels["pool.running"]!.mean.mean, 3);
    strictEqual(after.tallies["pool.wait"]!.count.mean, 6);
  }),
);

testEffect(
  "monitors do nothing where nobody measures, and do not look at the clock",
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    const broken = new Proxy(clock, {
      get: () => {
        throw new Error("looked at the clock");
      },
    });
    const program = Monitor.tally("a", 1).pipe(
      Effect.andThen(Monitor.level("a", 1)),
      Effect.andThen(Monitor.count("a")),
      Effect.as(1),
      Monitor.time("a"),
      Effect.provideService(Clock.Clock, broken),
    );
    strictEqual(yield* program, 1);
    const collector = new Collector({ horizon: 1, warmup: 0 });
    const died = yield* Effect.exit(
      Effect.provideService(program, CurrentMonitors, collector),
    );
    match(`${died}`, /looked at the clock/);
  }),
);

class Mail extends Limiter.Service<Mail>()("app/Mail") {}

testEffect(
  "services report by themselves what their metrics show, also what they counted before they ended",
  Effect.gen(function* () {
    const burst = Workload.arrivalsAt([0, 0, 0, 0]);
    const program = burst.pipe(
      Workload.serve(() =>
        Effect.sleep("1 second").pipe(WorkerPool.run(), Mail.limit())
      ),
      Effect.provide(
        WorkerPool.layer({ workers: 2 }).pipe(
          Layer.provide(Limiter.layerUnlimited),
        ),
      ),
      Effect.provide(
        Mail.layer(Quota.tokenBucket({ rate: 1, per: "1 second", burst: 3 })),
      ),
    );
    const { counts, levels, tallies } = yield* measured(program);
    // Three at once, of which one waits a second for a worker; the fourth comes after a second, and finds one.
    strictEqual(counts["pool.completed"]?.rate.mean, 2);
    deepStrictEqual(
      [tallies["pool.wait"]?.count.mean, tallies["pool.wait"]?.mean.mean],
      [4, 0.25],
    );
    deepStrictEqual(
      [levels["pool.running"]?.mean.mean, levels["pool.pending"]?.mean.mean],
      [2, 0.5],
    );
    strictEqual(levels["pool.running"]?.max, 2);
    const mail = tallies["limiter[app/Mail].wait"];
    deepStrictEqual([mail?.count.mean, mail?.max], [4, 1]);
    strictEqual(counts["limiter[app/Mail].admitted"]?.peak, 3);
    ok(levels["limiter.waiting"] !== undefined);
  }),
);

testEffect(
  "zeros that came before the warm-up do not count",
  Effect.gen(function* () {
    const program = Workload.arrivals("a", Workload.constant("1 second")).pipe(
      Workload.serve(() => WorkerPool.run(Effect.void)),
      Effect.provide(
        WorkerPool.layer({ workers: 2 }).pipe(
          Layer.provide(Limiter.layerUnlimited),
        ),
      ),
    );
    const { counts, tallies } = yield* measured(program, { warmup: 4500 });
    strictEqual(tallies["pool.wait"]?.count.mean, 5);
    ok(Math.abs(counts["pool.completed"]!.rate.mean - 5 / 5.5) < 1e-9);
  }),
);

testEffect(
  "Simulation.sweep() lets other fibers go on, and ends when it is interrupted",
  Effect.gen(function* () {
    let done = 0;
    const fiber = yield* Effect.forkChild(Simulation.sweep(alone, {
      ...options,
      points: ["works"],
      replications: 10_000,
      onProgress: (n) => Effect.sync(() => done = n),
    }));
    while (done < 3) yield* Effect.yieldNow;
    yield* Fiber.interrupt(fiber);
    const then = done;
    yield* Effect.yieldNow;
    ok(then < 100);
    strictEqual(done, then);
  }),
);
