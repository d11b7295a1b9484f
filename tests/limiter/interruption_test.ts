import { Limiter, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { ok, strictEqual } from "node:assert/strict";
import { sweepInterrupts, type Watch } from "../support/interrupt_sweep.ts";

const limit = 40;
const quota = Quota.slidingWindow({ limit, window: "1 second" });

/** Starts a fiber that the watch sees from its first step. */
const start = <A, E>(effect: Effect.Effect<A, E>, watch: Watch) =>
  Effect.map(
    Effect.forkChild(Effect.andThen(Effect.yieldNow, effect)),
    watch,
  );

/** What the limiter still hands out now. */
const handOut = Effect.fnUntraced(function* (limiter: Limiter.Service) {
  let handedOut = 0;
  while ((yield* limiter.tryAcquire())._tag === "Allowed") handedOut++;
  return handedOut;
});

function sweepTest(
  name: string,
  body: (watch: Watch) => Effect.Effect<void, unknown, Scope.Scope>,
): void {
  Deno.test(name, async () => {
    const moments = await sweepInterrupts(body);
    ok(moments > 100);
    // deno-lint-ignore no-console
    console.log(`${moments} distinct moments of interruption, 0 failures`);
  });
}

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
    yield* limiter.acquire({ cost: limit });
    let got = 0;
    const fiber = yield* start(
      Effect.gen(function* () {
        for (let n = 0; n < limit / 2; n++) {
          yield* limiter.acquire({ maxWait: "1 minute" });
          got++;
        }
      }),
      watch,
    );
    const next = yield* Effect.forkChild(
      Effect.andThen(Effect.yieldNow, limiter.acquire({ cost: 2 })),
    );
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(next);
    yield* Fiber.await(fiber);
    strictEqual(got + 2 + (yield* handOut(limiter)), limit);
    strictEqual((yield* limiter.stats).waiting, 0);
  }),
);

for (const concurrency of [1, undefined]) {
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
      // One that was handed to the fiber may have been interrupted before its own first step.
      ok(admitted === begun || admitted === begun + 1);
      strictEqual(admitted + (yield* handOut(limiter)), limit);
    }),
  );
}

sweepTest(
  "limit() that waits for its slot returns it, wherever it is interrupted",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Limiter.make(quota, { concurrency: 1 });
    const holder = yield* Effect.forkChild(
      limiter.limit(Effect.sleep("10 millis")),
    );
    const fiber = yield* start(
      Effect.replicateEffect(limiter.limit(Effect.yieldNow), 10),
      watch,
    );
    const next = yield* Effect.forkChild(
      Effect.andThen(Effect.yieldNow, limiter.limit(Effect.void)),
    );
    yield* TestClock.adjust("10 millis");
    yield* Fiber.joinAll([holder, next]);
    yield* Fiber.await(fiber);
    const { admitted, running, waiting } = yield* limiter.stats;
    strictEqual(running + waiting, 0);
    strictEqual(admitted + (yield* handOut(limiter)), limit);
  }),
);
