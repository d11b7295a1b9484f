import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Scheduler from "effect/Scheduler";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { slowStore } from "../support/slow_store.ts";

const bucket = (burst: number) =>
  Quota.tokenBucket({ rate: 1, per: "1 second", burst });

const withClients = <E>(
  quota: Quota.Quota,
  options: KeyedLimiter.Options,
  store: Layer.Layer<LimiterStore.LimiterStore>,
  body: (clients: KeyedLimiter.Service) => Effect.Effect<void, E>,
) =>
  Effect.flatMap(KeyedLimiter.make(quota, options), body).pipe(
    Effect.provide(store),
  );

const aWhile = Effect.replicateEffect(Effect.yieldNow, 10, { discard: true });

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => aWhile);

/** A store that does something of its own before it takes. */
const storeThat = (before: (key: string) => Effect.Effect<void>) =>
  Layer.effect(
    LimiterStore.LimiterStore,
    Effect.map(LimiterStore.LimiterStore, (store): LimiterStore.Service => ({
      take: (accounts, cost) =>
        Effect.andThen(before(accounts[0].key), store.take(accounts, cost)),
      peek: (accounts, cost, ahead) => store.peek(accounts, cost, ahead),
      settle: (accounts, charge, cost) => store.settle(accounts, charge, cost),
      pause: (account, duration) => store.pause(account, duration),
      reset: (account) => store.reset(account),
      size: store.size,
    })),
  ).pipe(Layer.provide(LimiterStore.layerMemory()));

testEffect(
  "a store that dies takes the caller that it was asked for with it, and nobody else",
  Effect.suspend(() => {
    let broken = false;
    const store = storeThat((key) => {
      if (!broken || key !== "a") return Effect.void;
      broken = false;
      return Effect.die("lost");
    });
    return withClients(
      bucket(1),
      {},
      store,
      Effect.fnUntraced(function* (clients) {
        for (const key of ["a", "b"]) yield* clients.for(key).acquire();
        const first = yield* fork(clients.for("a").acquire());
        const second = yield* fork(clients.for("a").acquire());
        const other = yield* fork(clients.for("b").acquire());
        broken = true;
        yield* TestClock.adjust("1 second");
        ok(Exit.isFailure(yield* Fiber.await(first)));
        yield* TestClock.adjust("1 second");
        yield* Fiber.joinAll([second, other]);
        strictEqual((yield* clients.stats).waiting, 0);
      }),
    );
  }),
);

testEffect(
  "a key whose call hangs holds up neither the turns nor the deadlines of those who wait already",
  Effect.suspend(() => {
    let hangs = false;
    const store = storeThat((key) =>
      hangs && key === "a" ? Effect.sleep("1 hour") : Effect.void
    );
    return withClients(
      bucket(3),
      {},
      store,
      Effect.fnUntraced(function* (clients) {
        const ends: Array<string> = [];
        const call = (key: string, cost: number, maxWait?: number) =>
          fork(
            clients.for(key).acquire({ cost, maxWait }).pipe(
              Effect.exit,
              Effect.flatMap(({ _tag }) =>
                Effect.map(
                  Clock.currentTimeMillis,
                  (at) => void ends.push(`${key} ${_tag} ${at}`),
                )
              ),
            ),
          );
        for (const key of ["a", "b"]) {
          yield* clients.for(key).acquire({ cost: 3 });
        }
        const fibers = [
          yield* call("a", 1),
          yield* call("a", 1, 3500),
          yield* call("b", 2),
          yield* call("b", 3, 5000),
        ];
        hangs = true;
        yield* TestClock.adjust("1 minute");
        deepStrictEqual(ends, [
          "b Success 2000",
          "a Failure 3500",
          "b Success 5000",
        ]);
        yield* TestClock.adjust("1 hour");
        yield* Fiber.joinAll(fibers);
      }),
    );
  }),
);

testEffect(
  "one that leaves while it is asked for gives back what was taken for it",
  withClients(
    bucket(2),
    {},
    slowStore(() => 50),
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const first = yield* fork(anna.acquire({ cost: 2 }));
      yield* TestClock.adjust("100 millis");
      yield* Fiber.join(first);
      const second = yield* fork(anna.acquire({ cost: 2 }));
      yield* TestClock.adjust("1 second");
      // Refused at 150 and told so at 200, it is asked for again at 2100; the answer is on its way from 2150 on.
      yield* TestClock.adjust("1080 millis");
      strictEqual((yield* anna.stats).waiting, 1);
      yield* Fiber.interrupt(second);
      yield* TestClock.adjust("200 millis");
      const peek = yield* fork(anna.peek({ cost: 2 }));
      yield* TestClock.adjust("100 millis");
      strictEqual((yield* Fiber.join(peek))._tag, "Allowed");
      strictEqual((yield* anna.stats).admitted, 1);
    }),
  ),
);

testEffect(
  "calls that are under way together take no more slots than there are",
  withClients(
    Quota.unlimited,
    { concurrency: 1 },
    slowStore((call) => call === 0 ? 30 : 10),
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const log: Array<string> = [];
      const fibers = [];
      for (const name of ["a", "b", "c"]) {
        const work = Effect.sync(() => log.push(`${name}+`)).pipe(
          Effect.andThen(Effect.sleep("100 millis")),
          Effect.andThen(Effect.sync(() => log.push(`${name}-`))),
        );
        fibers.push(yield* fork(anna.limit(work)));
      }
      yield* TestClock.adjust("1 second");
      yield* Fiber.joinAll(fibers);
      deepStrictEqual(log, ["a+", "a-", "b+", "b-", "c+", "c-"]);
      strictEqual((yield* anna.stats).running, 0);
    }),
  ),
);

testEffect(
  "newcomers do not overtake a key that is being asked for at the shared quota",
  withClients(
    Quota.unlimited,
    { shared: bucket(5) },
    // The second time that the store is asked for the heavy one takes its time.
    slowStore((call) => call === 2 ? 40 : 1),
    Effect.fnUntraced(function* (clients) {
      const spent = yield* fork(clients.for("anna").acquire({ cost: 5 }));
      yield* TestClock.adjust("2 millis");
      yield* Fiber.join(spent);
      const heavy = yield* fork(clients.for("anna").acquire({ cost: 5 }));
      yield* TestClock.adjust("5010 millis");
      strictEqual(finished(heavy), false);
      const light = yield* fork(clients.for("ben").acquire());
      const denied = yield* fork(clients.for("carl").tryAcquire());
      yield* TestClock.adjust("100 millis");
      strictEqual((yield* Fiber.join(denied))._tag, "Denied");
      ok(finished(heavy) && !finished(light));
      yield* TestClock.adjust("2 seconds");
      yield* Fiber.join(light);
    }),
  ),
);

for (let budget = 3; budget <= 20; budget++) {
  testEffect(
    `a heavy caller that was refused is not overtaken on its way into the line, at ${budget} operations a turn`,
    withClients(
      bucket(5),
      {},
      storeThat(() => Effect.yieldNow),
      Effect.fnUntraced(function* (clients) {
        const anna = clients.for("anna");
        yield* anna.acquire({ cost: 3 });
        const order: Array<string> = [];
        const call = (name: string, cost: number) =>
          Effect.forkChild(
            Effect.map(anna.acquire({ cost }), () => void order.push(name)),
          );
        const fibers = [yield* call("heavy", 5), yield* call("light", 1)];
        for (let second = 0; second < 10; second++) {
          yield* Effect.replicateEffect(aWhile, 5);
          yield* TestClock.adjust("1 second");
        }
        yield* Fiber.joinAll(fibers);
        deepStrictEqual(order, ["heavy", "light"]);
      }),
    ).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, budget)),
  );
}
