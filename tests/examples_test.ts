import { Simulation } from "@weir/weir/simulation";
import { testEffect, testLive } from "@weir/weir/testing";
import * as Array from "effect/Array";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as TestConsole from "effect/testing/TestConsole";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { program as tokenBucket } from "../examples/01_token_bucket.ts";
import { program as slidingWindow } from "../examples/02_sliding_window.ts";
import { program as perClient } from "../examples/03_per_client.ts";
import { program as workerPool } from "../examples/06_worker_pool.ts";
import { program as batches } from "../examples/07_batches.ts";
import { program as streaming } from "../examples/08_streaming.ts";
import { program as backgroundTasks } from "../examples/09_background_tasks.ts";
import { program as findARace } from "../examples/20_find_a_race.ts";
import {
  model as workers,
  study as studyWorkers,
} from "../examples/21_how_many_workers.ts";
import {
  model as limits,
  study as studyLimits,
} from "../examples/22_which_limiter.ts";
import { model as incident } from "../examples/23_incident.ts";
import { program as silentWorker } from "../examples/pitfalls/2_silent_worker.ts";
import { program as checkThenAct } from "../examples/pitfalls/3_check_then_act.ts";
import { program as leakedConnection } from "../examples/pitfalls/4_leaked_connection.ts";

import { program as producerConsumer } from "../examples/04_producer_consumer.ts";
import { program as manyToMany } from "../examples/05_many_to_many.ts";
import { program as unboundedQueue } from "../examples/pitfalls/1_unbounded_queue.ts";

testExample("01 makes its 50 calls in three seconds", {
  program: tokenBucket,
  takes: "3 seconds",
  prints: ["50 calls in 3.0 s"],
});

testExample("02 lets five go at once, and five more each second", {
  program: slidingWindow,
  takes: "3 seconds",
  prints: [
    ...Array.range(1, 5).map((n) => `call ${n}: at once`),
    ...Array.range(6, 10).map((n) => `call ${n}: waited 1.0 s`),
    ...Array.range(11, 15).map((n) => `call ${n}: waited 2.0 s`),
    ...Array.range(16, 20).map((n) => `call ${n}: waited 3.0 s`),
  ],
});

testExample("03 refuses the greedy client, and not its neighbours", {
  program: perClient,
  takes: 0,
  prints: [
    ...Array.range(1, 20).map((n) => `greedy ${n}: 200 (${20 - n} left)`),
    "greedy 21: 429 (retry in 100 ms)",
    "greedy 22: 429 (retry in 100 ms)",
    "modest: 200 (19 left)",
    "newcomer: 200 (19 left)",
  ],
});

testExample("04 consumes each item 200 ms after it is produced, and ends", {
  program: producerConsumer,
  takes: "2200 millis",
  prints: [
    ...["produced 1", "produced 2"],
    ...Array.range(1, 18).flatMap((n) => [
      `consumed ${n}`,
      `produced ${n + 2}`,
    ]),
    ...["consumed 19", "consumed 20"],
    "20 consumed, at most 1 waiting",
  ],
});

testExample("05 has all 30 results when the last item is done", {
  program: manyToMany,
  takes: "1400 millis",
  prints: ["30 processed"],
});

testExample("06 runs its twenty jobs five at a time", {
  program: workerPool,
  takes: "400 millis",
  prints: [
    "0 run, 20 wait",
    ...Array.range(0, 19).map((n) => `job ${n}: ITEM_${n}`),
  ],
});

testExample("07 fetches a hundred users in four rounds", {
  program: batches,
  takes: "400 millis",
  prints: ["100 users, the last is (nobody)"],
});

testExample("08 averages the last ten seconds, once a second", {
  program: streaming,
  takes: "14 seconds",
  prints: [
    "10.0 s: 1004 readings, 20.9 °C",
    "11.0 s: 1000 readings, 20.9 °C",
    "12.0 s: 1000 readings, 21.0 °C",
    "13.0 s: 1000 readings, 21.0 °C",
    "14.0 s: 1000 readings, 20.9 °C",
  ],
});

testExample("09 runs tasks, and says what became of them", {
  program: backgroundTasks,
  takes: "3100 millis",
  prints: [
    "cleaned up",
    "cat.png: running, 1 of 2",
    "dog.png: cancelled true",
    "cat.png: 64-cat.png 256-cat.png",
    "cleaned up",
    "flaky: attempt 3 worked",
    "4 completed, 1 cancelled",
  ],
});

testExample(
  "20 finds that the classic limiter lets three through where two may",
  {
    program: findARace,
    takes: 0,
    prints: [
      `the program dies: AssertionError [ERR_ASSERTION]: 3 admitted in 0.1 s

Effect's own scheduler goes this way; found after 1 run

  0 ms    #0       waits in Effect.all; forks #1
          #1 call  Clock.currentTimeMillis; \`admitted++\`; ends with 0
          #0       forks #2
          #2 call  Clock.currentTimeMillis; sleeps 100 ms
          #0       forks #3
          #3 call  Clock.currentTimeMillis; sleeps 100 ms
  100 ms  #2 call  Clock.currentTimeMillis; \`admitted++\`; ends with 1
          #3 call  Clock.currentTimeMillis; \`admitted++\`; ends with 2
          #0       Clock.currentTimeMillis; dies: AssertionError [ERR_ASSERTION]: 3 admitted in 0.1
                   s

To see it again:
    Simulation.replay(program, "live?seed=1")`,
    ],
  },
);

testLive(
  "21 loses requests of too few workers, and none of enough",
  Effect.gen(function* () {
    const results = yield* Simulation.sweep(workers, {
      points: [1, 12],
      horizon: "20 minutes",
      replications: 2,
    });
    const [few, enough] = results.map(({ measures }) => measures);
    ok(few!.counts["lost"]!.rate.mean > 0.2);
    strictEqual(enough!.counts["lost"]!.rate.mean, 0);
    ok(enough!.tallies["response"]!.p50.mean < 6);
  }),
);

testLive(
  "21 loses nobody at night, and at noon only those of too few workers",
  Effect.gen(function* () {
    const results = yield* Simulation.sweep(workers, {
      points: [6, 8, 10],
      horizon: "1 day",
      replications: 2,
    });
    const lost = results.map(({ measures }) => {
      const sum = (isMeant: (hour: number) => boolean) =>
        measures.counts["lost"]!.series
          .filter(([seconds]) => isMeant(seconds / 3600))
          .reduce((all, [, rate]) => all + rate, 0);
      return [
        sum((hour) => hour < 5 || hour >= 19),
        sum((hour) => hour >= 11 && hour < 13),
      ] as const;
    });
    deepStrictEqual(lost.map(([night]) => night), [0, 0, 0]);
    const [few, fewer, enough] = lost.map(([, noon]) => noon);
    ok(few! > fewer! && fewer! > 0, `${few} and ${fewer}`);
    strictEqual(enough, 0);
  }),
);

testLive(
  "21 draws what it measured",
  Effect.gen(function* () {
    const { page, table } = yield* studyWorkers({
      points: [1, 9],
      horizon: "10 minutes",
      replications: 2,
    });
    match(page, /<h2>Queue over the day<\/h2>/);
    match(page, /<h2>Lost over the day<\/h2>/);
    match(page, /<dt>replications<\/dt><dd>2<\/dd>/);
    match(table, /response\.p95/);
  }),
);

testLive(
  "22 keeps to 100 in any second by the sliding window alone, whose callers wait longer",
  Effect.gen(function* () {
    const [bucket, window, counter, fixed] = yield* Simulation.sweep(limits, {
      points: [
        ...["token bucket", "sliding window"],
        ...["sliding counter", "fixed window"],
      ].map((limit) => ({ limit, callsPerSecond: 40 })),
      horizon: "1 minute",
      replications: 5,
    });
    const peaks = [bucket, window, counter, fixed].map((result) =>
      result!.measures.counts["admitted"]!.peak
    );
    strictEqual(peaks[1], 100);
    ok([peaks[0], peaks[2], peaks[3]].every((n) => n! > 140 && n! <= 200));
    const { halfWidth, mean } = Simulation.difference(
      ...[window!, bucket!, "wait.mean"] as const,
    );
    ok(mean > halfWidth, `${mean} ± ${halfWidth}`);
    const [onAverage, unluckiest] = ["wait.mean", "wait.p95"].map((measure) =>
      Simulation.difference(counter!, window!, measure)
    );
    const wait = window!.measures.tallies["wait"]!.mean.mean;
    const difference = onAverage!.mean;
    ok(Math.abs(difference) < 0.15 * wait, `${difference} of ${wait}`);
    ok(unluckiest!.mean > -unluckiest!.halfWidth, `${unluckiest!.mean}`);
  }),
);

testLive(
  "22 draws what it measured, with what is promised",
  Effect.gen(function* () {
    const { page, table } = yield* studyLimits({
      loads: [20, 60],
      horizon: "20 seconds",
      replications: 2,
    });
    match(page, />199 for token bucket, sliding counter</);
    match(page, />100 for sliding window</);
    match(page, />200 for fixed window</);
    match(table, /admitted\.peak/);
  }),
);

testLive(
  "23 never recovers without a budget, late without a bound, and at once with both",
  Effect.gen(function* () {
    const results = yield* Simulation.sweep(incident, {
      points: (["three each", "from a budget"] as const).flatMap((retries) =>
        (["endless", "of 100"] as const).map((queue) => ({ retries, queue }))
      ),
      horizon: "18 minutes",
      replications: 2,
    });
    const answered = (when: string) =>
      results.map(({ measures }) =>
        measures.tallies[`answered.${when}`]!.mean.mean
      );
    ok(answered("before").every((part) => part > 0.99), "it is well at first");
    ok(answered("during").every((part) => part < 0.01), "all are hit");
    const [retries, bound, budget, both] = answered("after");
    deepStrictEqual([retries, bound, budget], [0, 0, 0]);
    ok(both! > 0.85, `${both}`);
    const [tries, , few] = results.map(({ measures }) =>
      measures.counts["tries"]!.rate.mean
    );
    ok(tries! > 2.5 * few!, `${tries} and ${few} tries a second`);
  }),
);

testExample("pitfall 1 shows a queue that grows, and one that does not", {
  program: unboundedQueue,
  takes: "12 seconds",
  prints: ["wrong: 900 items wait", "right: never more than 100 wait"],
});

testExample("pitfall 2 loses its workers unnoticed, and its cure does not", {
  program: silentWorker,
  takes: "1 second",
  prints: [
    "wrong: 45 of 100 done, and nobody was told",
    "right: 90 done, 10 failed, 5 workers alive",
  ],
});

testExample("pitfall 3 lets everybody through, and its cure does not", {
  program: checkThenAct,
  takes: 0,
  prints: ["wrong: 20 of 5", "right: 5 of 5"],
});

testExample("pitfall 4 leaves connections open, and its cure does not", {
  program: leakedConnection,
  takes: 0,
  prints: [
    "wrong: 10 connections left open",
    "right: 0 connections left open",
  ],
});

interface Example {
  readonly program: Effect.Effect<void, unknown>;
  readonly takes: Duration.Input;
  readonly prints: readonly string[];
}

/** Runs an example twice, for the first run must leave nothing behind for the second. */
function testExample(name: string, { program, takes, prints }: Example): void {
  const run = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(program);
    // What takes no time is done before time goes on.
    yield* Effect.replicateEffect(Effect.yieldNow, 500, { discard: true });
    yield* TestClock.adjust(takes);
    yield* Fiber.join(fiber);
    return yield* TestConsole.logLines;
  });
  testEffect(
    name,
    Effect.gen(function* () {
      for (const _ of ["first", "second"]) {
        const lines = yield* Effect.provide(run, TestConsole.layer);
        deepStrictEqual(lines, prints);
      }
    }),
  );
  Deno.test(`${name}, and is well in every order`, () =>
    Simulation.check(Effect.provide(program, TestConsole.layer), { runs: 12 })
      .pipe(Effect.asVoid, Effect.runPromise));
}
