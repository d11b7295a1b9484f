/**
 * What a call costs that need not wait.
 *
 * Every contestant has a loop of its own, for one loop that was handed each in turn would be compiled for none of them.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Theirs from "effect/persistence/RateLimiter";
import {
  Bottleneck,
  pThrottle,
  RateLimiter,
  RateLimiterMemory,
} from "../peers.ts";
import {
  atLeast,
  atMost,
  best,
  nanos,
  nanosIn,
  ratio,
  rounds,
  type Row,
  shown,
  times,
} from "../report.ts";
import { BareBucket } from "./bare.ts";

const calls = 300_000;
const callsOfBottleneck = 30;
const plenty = 1e9;

/** Who is measured, each on its own loop. */
async function contestants() {
  const bare = new BareBucket(plenty, plenty);
  const weir = Limiter.makeUnsafe(
    Quota.tokenBucket({ rate: plenty, per: "1 second" }),
  );
  const limiter = new RateLimiter({
    tokensPerInterval: plenty,
    interval: "second",
  });
  const flexible = new RateLimiterMemory({ points: plenty, duration: 1 });
  const throttle = pThrottle({ limit: plenty, interval: 1000 });
  const throttled = throttle(() => 1);
  const throttledAsync = throttle(() => Promise.resolve(1));
  const bottleneck = new Bottleneck();
  const theirs = await Effect.runPromise(
    Effect.provide(Theirs.make, Theirs.layerStoreMemory),
  );
  const one = Effect.succeed(1);
  const options = {
    key: "key",
    limit: plenty,
    window: Duration.seconds(1),
    onExceeded: "fail",
  } as const;
  const bucket = { ...options, algorithm: "token-bucket" } as const;
  const window = { ...options, algorithm: "fixed-window" } as const;

  return {
    "bare bucket": nanos(calls, () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) if (bare.take()) admitted++;
      return admitted;
    }),
    "bare bucket, and yield* Effect.void": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        if (bare.take()) admitted++;
        yield* Effect.void;
      }
      return admitted;
    }),
    "Weir tryAcquire": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const decision = yield* weir.tryAcquire();
        if (decision._tag === "Allowed") admitted++;
      }
      return admitted;
    }),
    "Weir acquire": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const permit = yield* weir.acquire();
        if (permit.remaining > 0) admitted++;
      }
      return admitted;
    }),
    "Weir limit(effect)": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) admitted += yield* weir.limit(one);
      return admitted;
    }),
    "limiter, tryRemoveTokens": nanos(calls, () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        if (limiter.tryRemoveTokens(1)) admitted++;
      }
      return admitted;
    }),
    "limiter, removeTokens": nanos(calls, async () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        if (await limiter.removeTokens(1) >= 0) admitted++;
      }
      return admitted;
    }),
    "rate-limiter-flexible, consume": nanos(calls, async () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const result = await flexible.consume("key");
        if (result.remainingPoints > 0) admitted++;
      }
      return admitted;
    }),
    "p-throttle, a function": nanos(calls, async () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) admitted += await throttled();
      return admitted;
    }),
    "p-throttle, a promise function": nanos(calls, async () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) admitted += await throttledAsync();
      return admitted;
    }),
    "bottleneck, schedule": nanos(callsOfBottleneck, async () => {
      let admitted = 0;
      for (let i = 0; i < callsOfBottleneck; i++) {
        admitted += await bottleneck.schedule(() => Promise.resolve(1));
      }
      return admitted;
    }),
    "effect's RateLimiter, token bucket": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const result = yield* theirs.consume(bucket);
        if (result.remaining > 0) admitted++;
      }
      return admitted;
    }),
    "effect's RateLimiter, fixed window": nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const result = yield* theirs.consume(window);
        if (result.remaining > 0) admitted++;
      }
      return admitted;
    }),
  };
}

/** One admitted call. */
export async function admitted(): Promise<ReadonlyArray<Row>> {
  const scores = await rounds(await contestants());
  const acquire = scores["Weir acquire"];
  const awaited = best(
    scores["limiter, removeTokens"],
    scores["rate-limiter-flexible, consume"],
    scores["p-throttle, a function"],
    scores["p-throttle, a promise function"],
    scores["bottleneck, schedule"],
  );
  const theirs = best(
    scores["effect's RateLimiter, token bucket"],
    scores["effect's RateLimiter, fixed window"],
  );
  const bare = scores["bare bucket"];
  return [
    ...times(scores),
    atMost(1.8, "Weir acquire ÷ bare bucket", ratio(acquire, bare), "×"),
    shown(
      "Weir tryAcquire ÷ bare bucket",
      ratio(scores["Weir tryAcquire"], bare),
      "×",
    ),
    atLeast(
      1,
      "fastest awaited peer ÷ Weir acquire",
      ratio(awaited, acquire),
      "×",
    ),
    atLeast(
      6,
      "effect's RateLimiter ÷ Weir acquire",
      ratio(theirs, acquire),
      "×",
    ),
  ];
}
