import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
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

/** With and without a store that answers at once. */
const stores = {
  "a store that answers in one step": Effect.flatMap(
    LimiterStore.LimiterStore,
    Effect.succeed,
  ),
  "a store that answers by an effect": Effect.map(
    LimiterStore.LimiterStore,
    (store): LimiterStore.Service => ({
      take: (accounts, cost) => store.take(accounts, cost),
      peek: (accounts, cost, ahead) => store.peek(accounts, cost, ahead),
      settle: (accounts, charge, cost) => store.settle(accounts, charge, cost),
      pause: (account, duration) => store.pause(account, duration),
      reset: (account) => store.reset(account),
      size: store.size,
    }),
  ),
};

for (const [over, store] of Object.entries(stores)) {
  const client = (options?: KeyedLimiter.Options) =>
    Effect.map(
      KeyedLimiter.make(quota, options),
      (clients) => clients.for("anna"),
    ).pipe(
      Effect.provideServiceEffect(LimiterStore.LimiterStore, store),
      Effect.provide(LimiterStore.layerMemory()),
    );

  sweepTest(
    `acquire() and tryAcquire() of a key lose nothing, wherever they are interrupted, over ${over}`,
    Effect.fnUntraced(function* (watch) {
      const anna = yield* client();
      let got = 0;
      const fiber = yield* start(
        Effect.gen(function* () {
          for (let n = 0; n < limit / 4; n++) {
            yield* anna.acquire();
            got++;
            if ((yield* anna.tryAcquire())._tag === "Allowed") got++;
          }
        }),
        watch,
      );
      yield* Fiber.await(fiber);
      yield* aWhile;
      strictEqual(got + (yield* handOut(anna)), limit);
    }),
  );

  sweepTest(
    `acquire() of a key that waits loses nothing, wherever it is interrupted, over ${over}`,
    Effect.fnUntraced(function* (watch) {
      const anna = yield* client();
      const holder = yield* anna.acquire({ cost: limit });
      let got = 0;
      const fiber = yield* start(
        Effect.gen(function* () {
          for (let n = 0; n < limit / 4; n++) {
            yield* anna.acquire();
            got++;
          }
        }),
        watch,
      );
      const next = yield* Effect.forkChild(
        Effect.andThen(Effect.yieldNow, anna.acquire({ cost: 2 })),
      );
      yield* aWhile;
      yield* holder.settle(0);
      yield* Fiber.join(next);
      yield* Fiber.await(fiber);
      yield* aWhile;
      strictEqual((yield* anna.stats).waiting, 0);
      strictEqual(got + 2 + (yield* handOut(anna)), limit);
    }),
  );

  sweepTest(
    `limit() of a key returns every slot, wherever it is interrupted, over ${over}`,
    Effect.fnUntraced(function* (watch) {
      const anna = yield* client({ concurrency: 1 });
      const gate = yield* Deferred.make<void>();
      const holder = yield* Effect.forkChild(
        anna.limit(Deferred.await(gate)),
      );
      let begun = 0;
      const call = Effect.suspend(() => {
        begun++;
        return Effect.yieldNow;
      });
      const fiber = yield* start(
        Effect.replicateEffect(anna.limit(call), 8),
        watch,
      );
      const next = yield* Effect.forkChild(
        Effect.andThen(Effect.yieldNow, anna.limit(Effect.void)),
      );
      yield* aWhile;
      yield* Deferred.succeed(gate, undefined);
      yield* Fiber.joinAll([holder, next]);
      yield* Fiber.await(fiber);
      yield* aWhile;
      const { admitted, running, waiting } = yield* anna.stats;
      strictEqual(running + waiting, 0);
      ok(admitted - 2 === begun || admitted - 2 === begun + 1);
      strictEqual(admitted + (yield* handOut(anna)), limit);
    }),
  );
}
