import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { dying, finished } from "../support/effects.ts";

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

const withClients = <E>(
  quota: KeyedLimiter.QuotaByKey,
  options: KeyedLimiter.Options,
  body: (clients: KeyedLimiter.Service) => Effect.Effect<void, E>,
) =>
  Effect.flatMap(KeyedLimiter.make(quota, options), body).pipe(
    Effect.provide(LimiterStore.layerMemory()),
  );

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => Effect.yieldNow);

const operation = FastCheck.record({
  gap: FastCheck.constantFrom(0, 0, 1, 100, 400, 1000),
  by: FastCheck.constantFrom("acquire", "try", "peek", "reset", "interrupt"),
  cost: FastCheck.integer({ min: 1, max: 3 }),
  priority: FastCheck.integer({ min: 0, max: 1 }),
  maxWait: FastCheck.constantFrom(0, 700, 5000, "Infinity" as const),
  settle: FastCheck.constantFrom(undefined, undefined, 0, 2, 5),
});

type Operation = FastCheck.Arbitrary<unknown> extends never ? never
  : typeof operation extends FastCheck.Arbitrary<infer A> ? A
  : never;

/** Plays operations to a limiter, and writes down what came of them and when. */
const play = Effect.fnUntraced(function* (
  limiter: Limiter.Service,
  operations: ReadonlyArray<Operation>,
) {
  const log: Array<string> = [];
  const fibers: Array<Fiber.Fiber<unknown, unknown>> = [];
  let now = 0;
  const note = (n: number, what: string) => log.push(`${now}: ${n} ${what}`);
  for (const [n, op] of operations.entries()) {
    now += op.gap;
    yield* TestClock.adjust(op.gap);
    if (op.by === "acquire") {
      const { cost, maxWait, priority, settle } = op;
      fibers.push(
        yield* fork(
          limiter.acquire({ cost, maxWait, priority }).pipe(
            Effect.tap(({ remaining }) =>
              Effect.sync(() => note(n, `got ${remaining.toFixed(6)}`))
            ),
            Effect.tap((permit) =>
              settle === undefined ? Effect.void : permit.settle(settle)
            ),
            Effect.tapError(({ _tag }) => Effect.sync(() => note(n, _tag))),
            Effect.ignore,
          ),
        ),
      );
    } else if (op.by === "try" || op.by === "peek") {
      const answer = yield* op.by === "try"
        ? limiter.tryAcquire({ cost: op.cost })
        : limiter.peek({ cost: op.cost });
      note(
        n,
        answer._tag === "Allowed"
          ? `${op.by} ${answer.remaining.toFixed(6)}`
          : `${op.by} denied`,
      );
    } else if (op.by === "reset") {
      yield* limiter.reset;
    } else {
      const fiber = fibers[op.cost % Math.max(1, fibers.length)];
      if (fiber !== undefined) yield* Fiber.interrupt(fiber);
    }
    yield* Effect.replicateEffect(Effect.yieldNow, 5, { discard: true });
  }
  for (let n = 0; n < 20; n++) {
    now += 1000;
    yield* TestClock.adjust("1 second");
  }
  const { running, waiting } = yield* limiter.stats;
  return { log, running, waiting };
});

testProperty(
  "KeyedLimiter.for(key) does what a Limiter does",
  FastCheck.record({
    quota: FastCheck.constantFrom(
      perSecond(3),
      Quota.tokenBucket({ rate: 2, per: "1 second", burst: 4 }),
    ),
    operations: FastCheck.array(operation, { minLength: 1, maxLength: 15 }),
  }),
  Effect.fnUntraced(function* ({ operations, quota }) {
    const onTheirOwn = (make: Effect.Effect<Limiter.Service>) =>
      Effect.flatMap(make, (limiter) => play(limiter, operations)).pipe(
        Effect.provide(Layer.fresh(TestClock.layer())),
      );
    const plain = yield* onTheirOwn(Limiter.make(quota));
    const keyed = yield* onTheirOwn(
      Effect.map(KeyedLimiter.make(quota), (clients) => clients.for("anna"))
        .pipe(Effect.provide(LimiterStore.layerMemory())),
    );
    deepStrictEqual(keyed, plain);
    strictEqual(keyed.waiting, 0);
  }),
  { numRuns: 500 },
);

testEffect(
  "KeyedLimiter.quotaOf() tells what a key is held to, the shared quota too",
  Effect.gen(function* () {
    const [free, paid, shared] = [perSecond(1), perSecond(9), perSecond(100)];
    const ofPlan = (key: string) => key === "paid" ? paid : free;
    yield* withClients(ofPlan, {}, (clients) =>
      Effect.sync(() => {
        strictEqual(clients.quotaOf("paid"), paid);
        strictEqual(clients.quotaOf("ben"), free);
      }));
    yield* withClients(ofPlan, { shared }, (clients) =>
      Effect.sync(() => {
        deepStrictEqual(clients.quotaOf("paid").tiers, [
          ...paid.tiers,
          ...shared.tiers,
        ]);
        strictEqual(clients.quotaOf("ann"), clients.quotaOf("ben"));
      }));
  }),
);

testEffect(
  "keys do not block each other",
  withClients(
    perSecond(1),
    {},
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("anna").acquire();
      const waiting = yield* fork(clients.for("anna").acquire());
      yield* clients.for("ben").acquire({ maxWait: 0 });
      strictEqual(finished(waiting), false);
      const { keys, waiting: count } = yield* clients.stats;
      deepStrictEqual([keys, count], [2, 1]);
      yield* TestClock.adjust("1 second");
      yield* Fiber.join(waiting);
    }),
  ),
);

testEffect(
  "a shared quota is handed out in turn: a key with one caller does not wait behind a hundred of another",
  withClients(
    Quota.unlimited,
    { shared: perSecond(1) },
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("greedy").acquire();
      const newcomer = yield* fork(
        Effect.andThen(
          Effect.sleep("1 second"),
          clients.for("newcomer").tryAcquire(),
        ),
      );
      const order: Array<string> = [];
      const call = (key: string) =>
        fork(clients.for(key).limit(Effect.sync(() => order.push(key))));
      const fibers = [];
      for (let n = 0; n < 100; n++) fibers.push(yield* call("greedy"));
      for (const key of ["anna", "ben", "anna"]) fibers.push(yield* call(key));
      yield* TestClock.adjust("6 seconds");
      deepStrictEqual(order, [
        "greedy",
        "anna",
        "ben",
        "greedy",
        "anna",
        "greedy",
      ]);
      strictEqual((yield* Fiber.join(newcomer))._tag, "Denied");
      yield* TestClock.adjust("97 seconds");
      yield* Fiber.joinAll(fibers);
    }),
  ),
);

testEffect(
  "a heavy caller under a shared quota keeps its turn",
  withClients(
    Quota.unlimited,
    { shared: Quota.tokenBucket({ rate: 1, per: "1 second", burst: 5 }) },
    Effect.fnUntraced(function* (clients) {
      yield* clients.for("anna").acquire({ cost: 5 });
      const heavy = yield* fork(clients.for("anna").acquire({ cost: 5 }));
      const light = yield* fork(clients.for("ben").acquire());
      yield* TestClock.adjust("4999 millis");
      ok(!finished(heavy) && !finished(light));
      yield* TestClock.adjust("1 milli");
      yield* Fiber.join(heavy);
      strictEqual(finished(light), false);
      yield* TestClock.adjust("1 second");
      yield* Fiber.join(light);
    }),
  ),
);

testEffect(
  "a key and the shared quota are charged together, or neither",
  withClients(
    perSecond(2),
    { shared: perSecond(3) },
    Effect.fnUntraced(function* (clients) {
      const tags = [];
      for (const key of ["a", "a", "a", "a", "b", "b"]) {
        tags.push((yield* clients.for(key).tryAcquire())._tag === "Allowed");
      }
      deepStrictEqual(tags, [true, true, false, false, true, false]);
      const peeked = yield* clients.for("c").peek();
      ok(peeked._tag === "Denied");
      yield* TestClock.adjust("1 second");
      strictEqual(
        (yield* clients.for("b").tryAcquire({ cost: 2 }))._tag,
        "Allowed",
      );
    }),
  ),
);

testEffect(
  "concurrency 1 with no quota is a lock for each key",
  withClients(
    Quota.unlimited,
    { concurrency: 1 },
    Effect.fnUntraced(function* (clients) {
      const log: Array<string> = [];
      const write = (key: string, text: string) =>
        Effect.gen(function* () {
          log.push(`${text}+`);
          yield* Effect.sleep("1 second");
          log.push(`${text}-`);
        }).pipe((self) => clients.for(key).limit(self));
      const fibers = [
        yield* fork(write("a", "1")),
        yield* fork(write("a", "2")),
        yield* fork(write("b", "3")),
      ];
      strictEqual(
        (yield* Effect.flip(
          clients.for("a").limit(Effect.void, { maxWait: 0 }),
        ))._tag,
        "WaitTimeout",
      );
      yield* clients.for("a").limit(
        clients.for("b").limit(Effect.void),
      ).pipe(Effect.forkChild, Effect.flatMap(Fiber.interrupt));
      yield* TestClock.adjust("1 second");
      yield* TestClock.adjust("1 second");
      yield* Fiber.joinAll(fibers);
      deepStrictEqual(log, ["1+", "3+", "1-", "2+", "3-", "2-"]);
      const { running, waiting } = yield* clients.stats;
      deepStrictEqual([running, waiting], [0, 0]);
    }),
  ),
);

testEffect(
  "limit() inside a slot of the same key takes no second one; of another key it does",
  withClients(
    perSecond(10),
    { concurrency: 1 },
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      yield* anna.limit(anna.limit(anna.acquire()));
      const gate = yield* Deferred.make<void>();
      const ben = yield* fork(
        clients.for("ben").limit(Deferred.await(gate)),
      );
      const nested = yield* fork(
        anna.limit(clients.for("ben").limit(Effect.void)),
      );
      strictEqual(finished(nested), false);
      yield* Deferred.succeed(gate, undefined);
      yield* Fiber.joinAll([ben, nested]);
      strictEqual((yield* anna.stats).running, 0);
    }),
  ),
);

testEffect(
  "ten thousand keys with callers that wait are all served when they are due",
  withClients(
    perSecond(1),
    {},
    Effect.fnUntraced(function* (clients) {
      const keys = Array.from({ length: 10_000 }, (_, n) => `client-${n}`);
      const all = Effect.forEach(
        keys,
        (key) => Effect.replicateEffect(clients.for(key).acquire(), 2),
        { concurrency: "unbounded", discard: true },
      );
      const fiber = yield* Effect.forkChild(all);
      yield* TestClock.adjust("999 millis");
      strictEqual((yield* clients.stats).waiting, 10_000);
      yield* TestClock.adjust("1 milli");
      yield* Fiber.join(fiber);
      strictEqual((yield* clients.stats).waiting, 0);
    }),
  ),
);

testEffect(
  "a second limiter of one name in a store is refused, until the layer of the first is gone",
  Effect.gen(function* () {
    const api = KeyedLimiter.layer(perSecond(1), { name: "api" });
    const store = yield* LimiterStore.LimiterStore;
    const another = KeyedLimiter.make(perSecond(1), { name: "api" }).pipe(
      Effect.provideService(LimiterStore.LimiterStore, store),
    );
    const message = yield* dying(another).pipe(Effect.provide(api));
    strictEqual(message, '"name" must be new to the store, was "api"');
    yield* another;
  }).pipe(Effect.provide(LimiterStore.layerMemory())),
);

testEffect(
  "a quota by key, made anew at each call, is one quota, and may change",
  Effect.gen(function* () {
    let limit = 2;
    yield* withClients(
      () => perSecond(limit),
      {},
      Effect.fnUntraced(function* (clients) {
        const anna = clients.for("anna");
        yield* anna.acquire({ cost: 2 });
        strictEqual((yield* anna.tryAcquire())._tag, "Denied");
        limit = 3;
        strictEqual((yield* anna.tryAcquire())._tag, "Allowed");
        strictEqual((yield* anna.tryAcquire())._tag, "Denied");
        const error = yield* Effect.flip(anna.acquire({ cost: 4 }));
        strictEqual(error._tag, "CostExceedsLimit");
      }),
    );
  }),
);

testEffect(
  "WaitTimeout comes at once when those before are known to take longer",
  withClients(
    perSecond(1),
    {},
    Effect.fnUntraced(function* (clients) {
      const anna = clients.for("anna");
      yield* anna.acquire();
      const first = yield* fork(anna.acquire());
      const error = yield* Effect.flip(anna.acquire({ maxWait: 1999 }));
      ok(error._tag === "WaitTimeout" && error.retryAfter !== undefined);
      strictEqual(Duration.toMillis(error.retryAfter), 2000);
      yield* TestClock.adjust("1 second");
      yield* Fiber.join(first);
    }),
  ),
);

testEffect(
  "bad options are refused by name and value",
  Effect.sync(() => {
    throws(() => KeyedLimiter.layer(perSecond(1), { concurrency: 1.5 }), {
      message: '"concurrency" must be a whole number, at least 1, was 1.5',
    });
    const shared = { tiers: [{ ...perSecond(1).tiers[0]!, limit: 0 }] };
    throws(
      () => KeyedLimiter.make(perSecond(1), { shared: shared as Quota.Quota }),
      { message: '"limit" must be a whole number, at least 1, was 0' },
    );
  }),
);
