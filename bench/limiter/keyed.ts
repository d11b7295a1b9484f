/**
 * A million keys, some asked for far more often than others.
 *
 * The n-th most popular key is asked for in proportion to 1/n. All keys are known before what is measured begins, and no
 * key is as good as new before it ends, so none is forgotten. Every contestant's keys stay in memory throughout.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Theirs from "effect/persistence/RateLimiter";
import { RateLimiterMemory } from "../peers.ts";
import {
  atLeast,
  atMost,
  best,
  heap,
  nanos,
  nanosIn,
  ratio,
  rounds,
  type Row,
  shown,
  times,
} from "../report.ts";
import { BareKeys } from "./bare.ts";

const population = 1_000_000;
const calls = 400_000;
/** One an hour, and a million at once: plenty for all, and what was taken stays taken. */
const burst = 1_000_000;
const perMilli = 1 / 3_600_000;

const keys = Array.from({ length: population }, (_, i) => `client-${i}`);
/** Whole and hashed already, whoever comes first. */
const everyone = new Set(keys).size;
/** Which keys are asked for, again and again. */
const popular = sample();

/** Every key once, or the popular ones. */
type Asked = ReadonlyArray<string>;

async function contestants() {
  const bare = new BareKeys(perMilli, burst);
  const weir = await Effect.runPromise(
    KeyedLimiter.make(
      Quota.tokenBucket({ rate: 1, per: "1 hour", burst }),
    ).pipe(Effect.provide(LimiterStore.layerMemory({ maxKeys: population }))),
  );
  const flexible = new RateLimiterMemory({ points: burst, duration: 86_400 });
  const theirs = await Effect.runPromise(
    Effect.provide(Theirs.make, Theirs.layerStoreMemory),
  );
  const window = Duration.hours(burst);

  return {
    "Map of objects": (asked: Asked) =>
      nanos(asked.length, () => {
        let admitted = 0;
        for (let i = 0; i < asked.length; i++) {
          if (bare.take(asked[i]!)) admitted++;
        }
        return admitted;
      }),
    "Weir, for(key).tryAcquire": (asked: Asked) =>
      nanosIn(asked.length, function* () {
        let admitted = 0;
        for (let i = 0; i < asked.length; i++) {
          const decision = yield* weir.for(asked[i]!).tryAcquire();
          if (decision._tag === "Allowed") admitted++;
        }
        return admitted;
      }),
    "rate-limiter-flexible, consume": (asked: Asked) =>
      nanos(asked.length, async () => {
        let admitted = 0;
        for (let i = 0; i < asked.length; i++) {
          const result = await flexible.consume(asked[i]!);
          if (result.remainingPoints > 0) admitted++;
        }
        return admitted;
      }),
    "effect's RateLimiter, token bucket": (asked: Asked) =>
      nanosIn(asked.length, function* () {
        let admitted = 0;
        for (let i = 0; i < asked.length; i++) {
          const result = yield* theirs.consume({
            algorithm: "token-bucket",
            key: asked[i]!,
            limit: burst,
            window,
          });
          if (result.remaining > 0) admitted++;
        }
        return admitted;
      }),
  };
}

/** A million keys: time and weight. */
export async function keyed(): Promise<ReadonlyArray<Row>> {
  if (everyone !== population) throw new Error("keys are not distinct");
  const runs = await contestants();
  const names = Object.keys(runs) as Array<keyof typeof runs>;
  const bytes: Record<string, number> = {};
  for (const name of names) {
    const before = await heap();
    await runs[name](keys)();
    bytes[name] = (await heap() - before) / population;
  }
  const scores = await rounds({
    "Map of objects": runs["Map of objects"](popular),
    "Weir, for(key).tryAcquire": runs["Weir, for(key).tryAcquire"](popular),
    "rate-limiter-flexible, consume": runs["rate-limiter-flexible, consume"](
      popular,
    ),
    "effect's RateLimiter, token bucket": runs
      ["effect's RateLimiter, token bucket"](popular),
  }, { counted: 7, warmUp: 2 });
  const weir = scores["Weir, for(key).tryAcquire"];
  const peer = best(
    scores["rate-limiter-flexible, consume"],
    scores["effect's RateLimiter, token bucket"],
  );
  return [
    ...times(scores),
    atLeast(2, "fastest peer ÷ Weir", ratio(peer, weir), "×"),
    shown("Weir ÷ Map of objects", ratio(weir, scores["Map of objects"]), "×"),
    atMost(60, "Weir, a key", bytes["Weir, for(key).tryAcquire"]!, "B"),
    ...names.filter((name) => !name.startsWith("Weir")).map((name) =>
      shown(`${name}, a key`, bytes[name]!, "B")
    ),
  ];
}

/** Keys by popularity: the n-th in proportion to 1/n. The same ones every time. */
function sample(): Asked {
  const upTo = new Float64Array(population);
  let sum = 0;
  for (let n = 0; n < population; n++) upTo[n] = sum += 1 / (n + 1);
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: calls }, () => {
    const at = random() * sum;
    let low = 0;
    let high = population - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! < at) low = middle + 1;
      else high = middle;
    }
    // Popular keys do not lie side by side: a prime that does not divide their number scatters them.
    return keys[low * 7_919 % population]!;
  });
}
