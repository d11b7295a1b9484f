import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual } from "node:assert/strict";
import { play, scripts } from "../support/limiter_script.ts";

/** Of numbers whose quotients are exact, so that the two cannot differ by rounding. */
const quotas = FastCheck.constantFrom(
  Quota.slidingWindow({ limit: 4, window: "1 second" }),
  Quota.tokenBucket({ rate: 2, per: 1024, burst: 4 }),
  Quota.fixedWindow({ limit: 4, window: "1 second" }),
  Quota.all(
    Quota.slidingWindow({ limit: 4, window: "1 second" }),
    Quota.tokenBucket({ rate: 8, per: 2048, burst: 8 }),
  ),
  Quota.unlimited,
);

testProperty(
  "KeyedLimiter.for(key) does all that a Limiter does, at the same times",
  FastCheck.record({
    quota: quotas,
    concurrency: FastCheck.constantFrom(undefined, 1, 2),
    script: scripts,
  }),
  Effect.fnUntraced(function* ({ concurrency, quota, script }) {
    const options = { concurrency };
    const played = (make: Effect.Effect<Limiter.Service>) =>
      Effect.flatMap(make, (limiter) => play(limiter, script)).pipe(
        Effect.provide(Layer.fresh(TestClock.layer())),
      );
    const plain = yield* played(Limiter.make(quota, options));
    const keyed = yield* played(
      Effect.map(
        KeyedLimiter.make(quota, options),
        (clients) => clients.for("anna"),
      ).pipe(Effect.provide(LimiterStore.layerMemory())),
    );
    deepStrictEqual(keyed, plain);
  }),
  { numRuns: 500 },
);
