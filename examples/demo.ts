/**
 * 50 real calls to an upstream that allows 10 a second: with no limiter, then through Weir's. The same program, another Layer.
 * Then an ingestion: producers, a bounded queue and consumers, at the same upstream by the same limit. Then what the simulator
 * finds in a limiter that is wrong.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Console from "effect/Console";
import * as Data from "effect/Data";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import * as Runtime from "effect/Runtime";
import { program as findARace } from "./20_find_a_race.ts";
import { chart, perColumn } from "./demo/chart.ts";
import { bar, ingest, items, nothing, quantile } from "./demo/ingestion.ts";
import { liveLines } from "./demo/live.ts";
import { serve, type Upstream } from "./demo/upstream.ts";

const calls = 50;
const rate = 10;
const burst = 20;
const quota = Quota.tokenBucket({ rate, per: "1 second", burst });
const bestSeconds = (calls - burst) / rate;
const tolerance = 0.02;

/** One to spare: the upstream counts when calls arrive, and no network is equally fast each time. */
const upstreamBurst = burst + 1;

const introduction = `\
${calls} calls at once, to a server on loopback that keeps its own count and answers
429 beyond ${rate} a second with bursts of ${upstreamBurst}: ${burst}, and one to spare for the network's
jitter, without which even a perfect pacer earns a 429. Each run has a server of
its own, so that none pays for another. Charted: calls that it admitted, one
column for 100 ms, an eighth of a line for each call.`;

const get = (url: string) =>
  Effect.tryPromise(async (signal) => {
    const response = await fetch(url, { signal });
    await response.text();
    return response.status;
  });

/** Makes all the calls, each when the limiter lets it. Which limiter that is, is decided elsewhere. */
const callAll = Effect.fnUntraced(function* (url: string) {
  const limiter = yield* Limiter.Limiter;
  const call = Effect.gen(function* () {
    const { waited } = yield* limiter.acquire();
    const status = yield* get(url);
    return { waited: Duration.toSeconds(waited), status };
  });
  const [elapsed, answers] = yield* Effect.timed(
    Effect.replicateEffect(call, calls, { concurrency: "unbounded" }),
  );
  return {
    refused: answers.filter(({ status }) => status === 429).length,
    seconds: Duration.toSeconds(elapsed),
    longestWait: Math.max(...answers.map(({ waited }) => waited)),
  };
});

/** Makes all the calls to an upstream of their own, by this limiter, and draws what comes of it. */
const run = (title: string, limiter: Layer.Layer<Limiter.Limiter>) =>
  Effect.scoped(Effect.gen(function* () {
    const upstream = yield* serve(rate, upstreamBurst);
    // The first fetch of a process takes some milliseconds to set itself up, which is nobody's wait for a turn.
    yield* get(upstream.healthUrl);
    yield* Console.log(`\n${title}\n`);
    const start = performance.now();
    const finish = yield* liveLines(() => picture(upstream, start));
    const result = yield* Effect.provide(callAll(upstream.url), limiter);
    yield* finish;
    return result;
  }));

function picture({ arrivals }: Upstream, start: number): readonly string[] {
  const admitted = arrivals.filter((arrival) => arrival.admitted);
  const moments = admitted.map(({ at }) => at - start);
  const refused = arrivals.length - admitted.length;
  return [
    ...chart(perColumn(moments, 32)),
    `${admitted.length} × 200, ${refused} × 429`,
  ];
}

const seconds = (value: number) => `${value.toFixed(3)} s`;

const row = (name: string, ...cells: readonly (string | number)[]) =>
  Console.log(
    name.padEnd(14) + cells.map((cell) => `${cell}`.padStart(12)).join(""),
  );

const verdict = (kept: boolean, claim: string) =>
  kept
    ? Console.log(`%cok%c      ${claim}`, "color: green", "")
    : Console.log(`%cFAILED%c  ${claim}`, "color: red", "");

/** The limiter did not do what it is for, which was said already. */
class Missed extends Data.TaggedError("Missed") {
  override readonly [Runtime.errorReported] = false;
}

/** Takes in items by calls to an upstream of their own, and says whether all came through. */
const takeIn = Effect.scoped(Effect.gen(function* () {
  const upstream = yield* serve(rate, upstreamBurst);
  yield* get(upstream.healthUrl);
  yield* Console.log(
    "\nIngestion: 3 producers → a queue of 10 → 5 consumers, each call by the same quota\n",
  );
  const progress = nothing();
  const finish = yield* liveLines(() => [bar(progress)]);
  const { refused, report, seconds: took, waits } = yield* ingest(
    get(upstream.url),
    quota,
    progress,
  );
  yield* finish;
  yield* Console.log();
  yield* row("", "p50", "p95", "p99");
  yield* row(
    "wait",
    ...[0.5, 0.95, 0.99].map((part) => seconds(quantile(waits, part) / 1000)),
  );
  yield* row("throughput", `${(report.consumed / took).toFixed(1)} /s`);
  yield* row("longest queue", report.peakPending);
  yield* Console.log();
  const all = refused === 0 && report.consumed === items;
  yield* verdict(all, `${report.consumed} of ${items} items, ${refused} × 429`);
  return all;
}));

const program = Effect.gen(function* () {
  yield* Console.log(introduction);
  const before = yield* run(
    "No limiter: Limiter.layerUnlimited",
    Limiter.layerUnlimited,
  );
  const after = yield* run(
    `Limiter: Limiter.layer(Quota.tokenBucket({ rate: ${rate}, per: "1 second", burst: ${burst} }))`,
    Limiter.layer(quota),
  );

  yield* Console.log();
  yield* row("", "no limiter", "Limiter");
  yield* row("429s", before.refused, after.refused);
  yield* row("took", seconds(before.seconds), seconds(after.seconds));
  yield* row(
    "longest wait",
    seconds(before.longestWait),
    seconds(after.longestWait),
  );
  yield* Console.log();

  const none = after.refused === 0;
  yield* verdict(none, `${after.refused} × 429 through the limiter`);
  const over = after.seconds / bestSeconds - 1;
  const inTime = over >= 0 && over <= tolerance;
  const percent = (over * 100).toFixed(1);
  const best = `the ${bestSeconds.toFixed(1)} s that the quota allows at best`;
  yield* verdict(
    inTime,
    `${seconds(after.seconds)}: ${percent}% over ${best}`,
  );
  const taken = yield* takeIn;
  yield* Console.log(
    "\nThree calls through a token bucket that does not look again, in the simulator:\n",
  );
  yield* findARace;
  if (!none || !inTime || !taken) return yield* new Missed();
});

/** Runs the program; Ctrl-C interrupts it, so that its server shuts down first. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  Deno.addSignalListener("SIGINT", () => fiber.interruptUnsafe());
  fiber.addObserver((exit) => teardown(exit, Deno.exit));
});

if (import.meta.main) runMain(program);
