import { Simulation, Workload } from "@weir/weir/simulation";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Stream from "effect/Stream";
import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { statistics } from "../../src/simulation/statistics.ts";

/** What a program gives in a simulation. */
const simulated = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.Options,
): Effect.Effect<A, E> =>
  Effect.flatMap(Simulation.run(program, options), ({ exit, sickness }) => {
    strictEqual(sickness, undefined);
    return exit;
  });

const nanos = Clock.monotonicTimeNanos;

/** When those who come arrive, in milliseconds. */
const timesOf = (arrivals: Stream.Stream<number>, count: number) =>
  arrivals.pipe(
    Stream.take(count),
    Stream.mapEffect(() => Effect.map(nanos, (at) => Number(at) / 1e6)),
    Stream.runCollect,
    Effect.map((times): ReadonlyArray<number> => [...times]),
  );

const kinds: Readonly<Record<string, Workload.Distribution>> = {
  constant: Workload.constant("3 seconds"),
  exponential: Workload.exponential("3 seconds"),
  lognormal: Workload.lognormal({ median: "2 seconds", p99: "9 seconds" }),
  gamma: Workload.gamma({ mean: "3 seconds", shape: 0.7 }),
  erlang: Workload.gamma({ mean: "3 seconds", shape: 5 }),
  "gamma of a large shape": Workload.gamma({ mean: "3 seconds", shape: 1e12 }),
  empirical: Workload.empirical(["1 second", 500, "7 seconds"]),
};

for (const [name, { mean, quantile }] of Object.entries(kinds)) {
  Deno.test(`a distribution that is ${name} has the mean that it says, and quantiles that rise`, () => {
    const n = 20_000;
    let sum = 0;
    let before = 0;
    for (let i = 0; i < n; i++) {
      const value = Duration.toMillis(quantile((i + 0.5) / n));
      ok(value >= before);
      sum += before = value;
    }
    const wanted = Duration.toMillis(mean);
    ok(Math.abs(sum / n - wanted) < 0.01 * wanted, `${sum / n}, not ${wanted}`);
    ok(Duration.toMillis(quantile(0)) >= 0);
  });
}

Deno.test("Workload.gamma() of a large shape is near the exact quantiles", () => {
  const shape = 20_000;
  const { quantile } = Workload.gamma({ mean: shape, shape });
  for (const u of [1e-9, 0.001, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9]) {
    const exact = statistics.gamma.inv(u, shape, 1);
    const off = Math.abs(Duration.toMillis(quantile(u)) / exact - 1);
    ok(off < 1e-5, `${u}: ${off}`);
  }
});

Deno.test("quantiles of distributions are asked for parts from 0 up to 1, which is not one", () => {
  for (const [name, { quantile }] of Object.entries(kinds)) {
    for (const u of [1, -0.1, NaN]) {
      throws(() => quantile(u), /"u" must be a number from 0 up to 1/, name);
    }
  }
});

Deno.test("Workload.exponential() and lognormal() have the quantiles of their formulas", () => {
  const seconds = (value: Duration.Duration) => Duration.toSeconds(value);
  const { quantile } = Workload.exponential("2 seconds");
  ok(Math.abs(seconds(quantile(0.9)) + 2 * Math.log(0.1)) < 1e-9);
  const skewed = Workload.lognormal({ median: "2 seconds", p99: "9 seconds" });
  ok(Math.abs(seconds(skewed.quantile(0.5)) - 2) < 1e-6);
  ok(Math.abs(seconds(skewed.quantile(0.99)) - 9) < 1e-6);
});

Deno.test("distributions refuse what makes no sense, by option and value", () => {
  throws(() => Workload.constant(-1), /"value" .* was -1/);
  throws(() => Workload.exponential(0), /"mean" .* was 0/);
  throws(() => Workload.exponential(Infinity), /"mean" .* was Infinity/);
  throws(
    () => Workload.lognormal({ median: 10, p99: 10 }),
    /"p99" must be above median, was 10/,
  );
  throws(() => Workload.gamma({ mean: 1, shape: 0 }), /"shape" .* was 0/);
  throws(() => Workload.empirical([]), /"values" must be at least one/);
  throws(() => Workload.empirical([1, NaN]), /"values\[1\]" .* was NaN/);
  throws(
    () => Workload.arrivalsVarying("a", { rate: () => 1, maxRate: 0 }),
    /"maxRate" .* was 0/,
  );
  throws(
    () => Workload.lognormal({ median: 1, p99: 1e300 }),
    /"p99" must be such that the mean is finite, was 1e\+300/,
  );
  for (const gap of [Workload.constant(0), Workload.empirical([0, 0])]) {
    throws(
      () => Workload.arrivals("a", gap),
      /"gap" must be longer than nothing on average, was 0/,
    );
  }
  for (const probability of [-0.1, 1.1, NaN]) {
    throws(
      () => Workload.bernoulli("a", probability),
      /"probability" must be a number from 0 to 1, was/,
    );
  }
  throws(
    () => Workload.arrivalsAt([1, 2].values()),
    /"times" must be iterable more than once/,
  );
});

const gap = Workload.exponential("1 second");

testEffect(
  "each name draws by itself: what one draws does not change another, nor does the order of programs",
  Effect.gen(function* () {
    const ten = (name: string) =>
      Effect.all(Array.from({ length: 10 }, () => Workload.draw(name, gap)));
    const alone = yield* simulated(ten("a"), { seed: 5 });
    const [, among] = yield* simulated(Effect.all([ten("b"), ten("a")]), {
      seed: 5,
    });
    deepStrictEqual(among, alone);
    const [other] = yield* simulated(Effect.all([ten("b")]), { seed: 5 });
    ok(Duration.toMillis(other[0]!) !== Duration.toMillis(alone[0]!));
    const [later] = yield* simulated(Effect.all([ten("a")]), { seed: 6 });
    ok(Duration.toMillis(later[0]!) !== Duration.toMillis(alone[0]!));
  }),
);

testEffect(
  "Workload.bernoulli() happens as often as it says, and never or always at the ends",
  Effect.gen(function* () {
    const often = (probability: number) =>
      Workload.bernoulli("coin", probability).pipe(
        Effect.replicateEffect(10_000),
        Effect.map((all) => all.filter((happens) => happens).length),
        simulated,
      );
    ok(Math.abs((yield* often(0.2)) - 2000) < 4 * Math.sqrt(10_000 * 0.16));
    deepStrictEqual([yield* often(0), yield* often(1)], [0, 10_000]);
  }),
);

testEffect(
  "Workload.arrivalsVarying() lets time pass where nobody comes, for ever or for a while",
  Effect.gen(function* () {
    const never = Workload.arrivalsVarying("a", { rate: () => 0, maxRate: 2 });
    const { exit, sickness } = yield* Simulation.run(
      Stream.runHead(never).pipe(Effect.timeoutOption("10 hours")),
    );
    deepStrictEqual([sickness, `${exit}`.includes("none")], [undefined, true]);
    const night = Workload.arrivalsVarying("a", {
      rate: (elapsed) => Duration.toHours(elapsed) < 10 ? 0 : 2,
      maxRate: 2,
    });
    const [first] = yield* simulated(timesOf(night, 1));
    ok(first! > 36e6 && first! < 36.1e6, `${first}`);
  }),
);

testEffect(
  "Workload.serve() leaves nobody behind when it is interrupted, whenever that is",
  Simulation.check(
    Effect.gen(function* () {
      const served = Workload.arrivalsAt([0, 0, 1]).pipe(
        Workload.serve(() => Effect.sleep("1 second")),
      );
      const fiber = yield* Effect.forkChild(served);
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(fiber);
    }),
    { runs: 500 },
  ),
);

testEffect(
  "Workload.arrivals() come at gaps of their own, however long whoever takes them is busy",
  Effect.gen(function* () {
    const times = yield* simulated(
      timesOf(Workload.arrivals("a", Workload.constant(100)), 4),
    );
    deepStrictEqual(times, [100, 200, 300, 400]);
    const seen: Array<readonly [number, number]> = [];
    yield* simulated(
      Workload.arrivals("a", Workload.constant(100)).pipe(
        Stream.take(5),
        Stream.runForEach((n) =>
          Effect.andThen(
            Effect.map(nanos, (at) => seen.push([n, Number(at) / 1e6])),
            n === 1 ? Effect.sleep(250) : Effect.void,
          )
        ),
      ),
    );
    deepStrictEqual(seen, [
      ...[[1, 100], [2, 350], [3, 350], [4, 400], [5, 500]] as const,
    ]);
  }),
);

testEffect(
  "Workload.arrivals() of exponential gaps are a Poisson process: as many on average as they vary",
  Effect.gen(function* () {
    const times = yield* simulated(
      timesOf(Workload.arrivals("a", gap), 20_000),
    );
    const counts: Array<number> = [];
    for (const at of times) {
      const n = Math.floor(at / 10_000);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    const full = Array.from(counts, (n) => n ?? 0).slice(0, -1);
    const mean = full.reduce((a, b) => a + b, 0) / full.length;
    const variance = full.reduce((sum, n) => sum + (n - mean) ** 2, 0) /
      full.length;
    ok(Math.abs(mean - 10) < 0.25, `${mean}`);
    ok(Math.abs(variance / mean - 1) < 0.12, `${variance / mean}`);
  }),
);

testEffect(
  "Workload.arrivalsVarying() come as often as its rate says, and die of one above maxRate",
  Effect.gen(function* () {
    const rate = (elapsed: Duration.Duration) =>
      Duration.toSeconds(elapsed) % 20 < 10 ? 9 : 1;
    const times = yield* simulated(
      timesOf(Workload.arrivalsVarying("a", { rate, maxRate: 10 }), 20_000),
    );
    const high = times.filter((at) => at % 20_000 < 10_000).length;
    ok(Math.abs(high / times.length - 0.9) < 0.01, `${high}`);
    ok(Math.abs(times.length / times.at(-1)! - 0.005) < 0.0002);
    const { exit } = yield* Simulation.run(
      timesOf(Workload.arrivalsVarying("a", { rate, maxRate: 8 }), 1),
    );
    ok(/"rate" must be a number from 0 to maxRate, 8, was 9/.test(`${exit}`));
  }),
);

testEffect(
  "Workload.arrivalsAt() come when they were recorded, end with the last, and refuse disorder",
  Effect.gen(function* () {
    const log = ["1 second", 1000, "1 minute"] as const;
    deepStrictEqual(
      yield* simulated(timesOf(Workload.arrivalsAt(log), 10)),
      [1000, 1000, 60_000],
    );
    deepStrictEqual(yield* simulated(timesOf(Workload.arrivalsAt([]), 10)), []);
    const { exit } = yield* Simulation.run(
      timesOf(Workload.arrivalsAt([5, 4]), 10),
    );
    ok(/"times\[1\]" must be not before the last one, was 4/.test(`${exit}`));
  }),
);

testEffect(
  "Workload.serve() has a fiber for each, and ends when all have ended",
  Effect.gen(function* () {
    let most = 0;
    let busy = 0;
    const { exit, time } = yield* Simulation.run(
      Workload.serve(
        Workload.arrivalsAt([0, 0, 1000]),
        () =>
          Effect.suspend(() => {
            most = Math.max(most, ++busy);
            return Effect.sleep("5 seconds");
          }).pipe(Effect.ensuring(Effect.sync(() => busy--))),
      ),
    );
    deepStrictEqual(exit, Exit.void);
    deepStrictEqual([most, busy, Duration.toSeconds(time)], [3, 0, 6]);
  }),
);

testEffect(
  "Workload.serve() fails with the first that fails, or with its arrivals, and interrupts all others",
  Effect.gen(function* () {
    for (
      const arrivals of [
        Workload.arrivalsAt([0, 0, 1, 2, 3]),
        Stream.concat(Workload.arrivalsAt([0, 0]), Stream.fail("no luck")),
      ]
    ) {
      const ends: Array<string> = [];
      const { exit } = yield* Simulation.run(
        Workload.serve(
          arrivals,
          (n) =>
            (n === 3 ? Effect.fail("no luck") : Effect.never).pipe(
              Effect.onExit(({ _tag }) => Effect.sync(() => ends.push(_tag))),
            ),
        ),
      );
      deepStrictEqual(exit, Exit.fail("no luck"));
      ok(ends.length >= 2 && ends.every((tag) => tag === "Failure"));
    }
  }),
);

testEffect(
  "interrupting Workload.serve() interrupts those who are served",
  Effect.gen(function* () {
    let interrupted = 0;
    const { exit } = yield* Simulation.run(
      Workload.serve(Workload.arrivals("a", gap), () =>
        Effect.onInterrupt(
          Effect.never,
          () => Effect.sync(() => interrupted++),
        )).pipe(Effect.timeoutOption("10 seconds")),
      { seed: 3 },
    );
    ok(Exit.isSuccess(exit));
    ok(interrupted > 3, `${interrupted}`);
  }),
);

testEffect(
  "Workload.serve() serves everybody once, in whatever order fibers go on",
  Simulation.check(
    Effect.gen(function* () {
      const served: Array<number> = [];
      yield* Workload.arrivalsAt([0, 0, 1, 1, 2]).pipe(
        Workload.serve((n) =>
          Effect.andThen(
            n % 2 === 0 ? Effect.yieldNow : Effect.sleep(1),
            Effect.sync(() => served.push(n)),
          )
        ),
      );
      deepStrictEqual(served.sort(), [1, 2, 3, 4, 5]);
    }),
    { runs: 600 },
  ),
);

testEffect(
  "Workload.serve() lets nobody in who comes while it fails, in whatever order fibers go on",
  Simulation.check(
    Workload.arrivalsAt([0, 0, 1, 1]).pipe(
      Workload.serve((n) => n === 3 ? Effect.fail("x") : Effect.sleep(5)),
      Effect.exit,
    ),
    { runs: 1000 },
  ),
);

testEffect(
  "times that are infinite or below 0, and gaps of nothing without end, end a run and not the process",
  Effect.gen(function* () {
    const drawn = (millis: number): Workload.Distribution => ({
      mean: Duration.seconds(1),
      quantile: () => Duration.millis(millis),
    });
    for (const millis of [Infinity, -1]) {
      for (
        const program of [
          Stream.runDrain(Workload.arrivals("a", drawn(millis))),
          Workload.sleep("a", drawn(millis)),
          Workload.draw("a", drawn(millis)),
        ]
      ) {
        const { exit } = yield* Simulation.run<unknown, unknown>(program);
        match(
          `${exit}`,
          /"(gap|distribution)" must be of finite times, none below 0/,
        );
      }
    }
    const crowd = Workload.arrivals("a", drawn(0));
    const { sickness } = yield* Simulation.run(
      Workload.serve(crowd, () => Effect.void),
    );
    strictEqual(sickness?._tag, "Livelock");
  }),
);

testEffect(
  "Workload.serve() leaves nobody behind when it fails, in whatever order fibers go on",
  Simulation.check(
    Effect.gen(function* () {
      let inside = 0;
      const exit = yield* Workload.arrivalsAt([0, 1, 1, 2]).pipe(
        Workload.serve((n) =>
          Effect.acquireUseRelease(
            Effect.sync(() => inside++),
            () => n === 3 ? Effect.fail("no luck") : Effect.sleep(n),
            () => Effect.sync(() => inside--),
          )
        ),
        Effect.exit,
      );
      deepStrictEqual([exit, inside], [Exit.fail("no luck"), 0]);
    }),
    { runs: 600 },
  ),
);
