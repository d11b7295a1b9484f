import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { testEffect, testLive } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";

const bucket = (burst: number) =>
  Quota.tokenBucket({ rate: 1, per: "1 second", burst });

const withClients = <E>(
  quota: KeyedLimiter.QuotaByKey,
  options: KeyedLimiter.Options,
  body: (clients: KeyedLimiter.Service) => Effect.Effect<void, E>,
) =>
  Effect.flatMap(KeyedLimiter.make(quota, options), body).pipe(
    Effect.provide(LimiterStore.layerMemory()),
  );

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => aWhile);

const aWhile = Effect.replicateEffect(Effect.yieldNow, 10, { discard: true });

for (const patience of [undefined, 6000]) {
  const leaves = patience === undefined
    ? "is interrupted"
    : "has waited too long";
  const leave = (fiber: Fiber.Fiber<unknown, unknown>) =>
    Effect.andThen(
      TestClock.adjust(6000),
      patience === undefined ? Fiber.interrupt(fiber) : aWhile,
    );

  testEffect(
    `a heavy caller at the head of its line that ${leaves} lets the next one go at once`,
    withClients(
      bucket(9),
      {},
      Effect.fnUntraced(function* (clients) {
        const anna = clients.for("anna");
        const permit = yield* anna.acquire({ cost: 5 });
        const heavy = yield* fork(anna.acquire({ cost: 9, maxWait: patience }));
        const light = yield* fork(anna.acquire());
        yield* permit.settle(8);
        yield* leave(heavy);
        yield* aWhile;
        ok(finished(heavy) && finished(light));
        strictEqual((yield* clients.stats).waiting, 0);
      }),
    ),
  );

  testEffect(
    `a heavy caller whose turn at the shared quota it is, and that ${leaves}, lets the other keys go at once`,
    withClients(
      Quota.unlimited,
      { shared: bucket(9) },
      Effect.fnUntraced(function* (clients) {
        const anna = clients.for("anna");
        const permit = yield* anna.acquire({ cost: 5 });
        const heavy = yield* fork(anna.acquire({ cost: 9, maxWait: patience }));
        const others = [
          yield* fork(clients.for("ben").acquire()),
          yield* fork(clients.for("carl").acquire()),
        ];
        yield* permit.settle(8);
        yield* aWhile;
        ok(!others.some(finished));
        yield* leave(heavy);
        yield* aWhile;
        ok(finished(heavy) && others.every(finished));
      }),
    ),
  );
}

testEffect(
  "settle() under a key that nobody waits for lets those of other keys go that wait for the shared quota",
  withClients(
    Quota.unlimited,
    { shared: bucket(5) },
    Effect.fnUntraced(function* (clients) {
      const permit = yield* clients.for("anna").acquire({ cost: 5 });
      const ben = yield* fork(clients.for("ben").acquire({ cost: 3 }));
      yield* permit.settle(0);
      yield* aWhile;
      ok(finished(ben));
    }),
  ),
);

testEffect(
  "limit() holds its slot also when it began as the last one of its key ended",
  withClients(
    Quota.unlimited,
    { concurrency: 1 },
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const holder = yield* fork(anna.limit(Effect.sleep("1 second")));
      // Goes on to its second turn in the very step in which its first is served.
      const again = yield* fork(
        Effect.andThen(anna.limit(Effect.void), anna.limit(Effect.never)),
      );
      yield* TestClock.adjust("1 second");
      yield* Fiber.join(holder);
      strictEqual((yield* anna.stats).running, 1);
      const third = yield* fork(anna.limit(Effect.void));
      strictEqual(finished(third), false);
      yield* Fiber.interrupt(again);
      yield* Fiber.join(third);
      strictEqual((yield* anna.stats).running, 0);
    }),
  ),
);

testEffect(
  "pause() for no time ends no pause",
  withClients(
    bucket(5),
    {},
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("anna").pause("1 hour");
      yield* clients.for("anna").pause(0);
      strictEqual((yield* clients.for("anna").tryAcquire())._tag, "Denied");
      yield* clients.for("anna").resume;
      strictEqual((yield* clients.for("anna").tryAcquire())._tag, "Allowed");
    }),
  ),
);

testEffect(
  "tryAcquire() behind those who wait says when they are through, and never that it could go now",
  withClients(
    Quota.unlimited,
    { shared: bucket(5) },
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("anna").acquire({ cost: 5 });
      const waiting = yield* fork(clients.for("anna").acquire({ cost: 4 }));
      for (const [key, wait] of [["anna", 6000], ["ben", 2000]] as const) {
        const denied = yield* clients.for(key).tryAcquire({ cost: 2 });
        ok(denied._tag === "Denied");
        strictEqual(Duration.toMillis(denied.retryAfter), wait);
      }
      yield* TestClock.adjust("3 seconds");
      const free = yield* clients.for("ben").tryAcquire({ cost: 1 });
      ok(free._tag === "Denied" && Duration.toMillis(free.retryAfter) > 0);
      yield* TestClock.adjust("1 second");
      yield* Fiber.join(waiting);
    }),
  ),
);

testEffect(
  "a new key that there is no room for, for all others are paused for ever, is served once one is resumed",
  Effect.gen(function* () {
    const clients = yield* KeyedLimiter.make(bucket(5));
    yield* clients.for("anna").pause();
    const ben = yield* fork(clients.for("ben").acquire());
    yield* TestClock.adjust("30 days");
    strictEqual(finished(ben), false);
    const late = yield* Effect.flip(
      clients.for("carl").acquire({ maxWait: 0 }),
    );
    strictEqual(late._tag, "WaitTimeout");
    yield* clients.for("anna").resume;
    yield* aWhile;
    ok(finished(ben));
  }).pipe(Effect.provide(LimiterStore.layerMemory({ maxKeys: 1 }))),
);

testLive(
  "a wait for a key that is interrupted leaves no timer behind",
  withClients(
    bucket(1),
    {},
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("anna").acquire();
      const sleeper = yield* fork(clients.for("anna").acquire());
      yield* Fiber.interrupt(sleeper);
      strictEqual((yield* clients.stats).waiting, 0);
    }),
  ),
);

testEffect(
  "settle() of a charge from before two resets gives nothing back, also where a pause came between",
  withClients(
    Quota.fixedWindow({ limit: 4, window: "1 second" }),
    {},
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      const before = yield* anna.acquire();
      yield* TestClock.adjust(1);
      yield* anna.reset;
      yield* anna.pause(250);
      yield* anna.reset;
      yield* anna.resume;
      yield* anna.acquire();
      yield* before.settle(0);
      const peeked = yield* anna.peek();
      ok(peeked._tag === "Allowed");
      strictEqual(peeked.remaining, 3);
    }),
  ),
);
