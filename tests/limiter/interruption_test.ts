import { Limiter, Quota } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { ok, strictEqual } from "node:assert/strict";
import {
  aWhile,
  handOut,
  start,
  sweepTest,
} from "../support/interrupt_sweep.ts";

const limit = 40;
const quota = Quota.slidingWindow({ limit, window: "1 hour" });

sweepTest(
  "acquire() that need not wait loses nothing, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(quota);
    let got = 0;
    const fiber = yield* start(
      Effect.gen(function* () {
        for (let n = 0; n < limit; n++) {
          yield* n % 2 === 0
            ? limiter.acquire()
            : limiter.acquire({ cost: 1, maxWait: 0 });
          got++;
        }
      }),
      watch,
    );
    yield* Fiber.await(fiber);
    strictEqual(got + (yield* handOut(limiter)), limit);
  }),
);

sweepTest(
  "tryAcquire() loses nothing, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(quota);
    let got = 0;
    const fiber = yield* start(
      Effect.gen(function* () {
        for (let n = 0; n < limit; n++) {
          const answer = yield* limiter.tryAcquire();
          if (answer._tag === "Allowed") got++;
        }
      }),
      watch,
    );
    yield* Fiber.await(fiber);
    strictEqual(got + (yield* handOut(limiter)), limit);
  }),
);

sweepTest(
  "acquire() that waits loses nothing and lets the next one through, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(quota);
    const holder = yield* limiter.acquire({ cost: limit });
    let got = 0;
    const fiber = yield* start(
      Effect.gen(function* () {
        for (let n = 0; n < limit / 2; n++) {
          yield* limiter.acquire({ maxWait: "1 day" });
          got++;
        }
      }),
      watch,
    );
    const next = yield* Effect.forkChild(
      Effect.andThen(Effect.yieldNow, limiter.acquire({ cost: 2 })),
    );
    yield* aWhile;
    yield* holder.settle(0);
    yield* Fiber.join(next);
    yield* Fiber.await(fiber);
    strictEqual(got + 2 + (yield* handOut(limiter)), limit);
    strictEqual((yield* limiter.stats).waiting, 0);
  }),
);

for (const concurrency of [1, undefined]) {
  let stillborn = 0;
  sweepTest(
    `limit() with concurrency ${concurrency} charges what began and returns every slot, wherever it is interrupted`,
    Effect.fnUntraced(function* (watch) {
      const limiter = yield* Limiter.make(quota, { concurrency });
      let begun = 0;
      const call = Effect.suspend(() => {
        begun++;
        return Effect.yieldNow;
      });
      const nested = limiter.limit(Effect.andThen(call, limiter.limit(call)));
      const fiber = yield* start(
        Effect.replicateEffect(nested, limit / 4, { discard: true }),
        watch,
      );
      yield* Fiber.await(fiber);
      const { admitted, running } = yield* limiter.stats;
      strictEqual(running, 0);
      // Between being handed to the fiber and its own first step a call can be interrupted, and only there.
      ok(admitted === begun || admitted === begun + 1);
      if (admitted > begun) stillborn++;
      strictEqual(admitted + (yield* handOut(limiter)), limit);
    }),
    { claim: (moments) => ok(stillborn < moments / 4) },
  );
}

sweepTest(
  "limit() that waits for its slot returns it, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(quota, { concurrency: 1 });
    const gate = yield* Deferred.make<void>();
    const holder = yield* Effect.forkChild(
      limiter.limit(Deferred.await(gate)),
    );
    const fiber = yield* start(
      Effect.replicateEffect(limiter.limit(Effect.yieldNow), 10),
      watch,
    );
    const next = yield* Effect.forkChild(
      Effect.andThen(Effect.yieldNow, limiter.limit(Effect.void)),
    );
    yield* aWhile;
    yield* Deferred.succeed(gate, undefined);
    yield* Fiber.joinAll([holder, next]);
    yield* Fiber.await(fiber);
    const { admitted, running, waiting } = yield* limiter.stats;
    strictEqual(running + waiting, 0);
    strictEqual(admitted + (yield* handOut(limiter)), limit);
  }),
);
