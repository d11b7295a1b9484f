import { KeyedLimiter, type Limiter, Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { ok } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { slowStore } from "../support/slow_store.ts";

const latency = 10;

const fork = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.forkChild(effect), () => Effect.yieldNow);

const pass = (millis: number) =>
  Effect.replicateEffect(TestClock.adjust(1), millis, { discard: true });

/** Waits for an answer of the store. */
const answered = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.flatMap(
    fork(effect),
    (fiber) => Effect.andThen(pass(2 * latency), Fiber.join(fiber)),
  );

interface Steering {
  /** What is done before somebody waits. */
  readonly before: (
    anna: Limiter.Service,
    permit: Limiter.Permit,
  ) => Effect.Effect<void>;
  /** What lets it in. */
  readonly lets: (
    anna: Limiter.Service,
    permit: Limiter.Permit,
  ) => Effect.Effect<void>;
}

const steerings: Readonly<Record<string, Steering>> = {
  "settle()": {
    before: () => Effect.void,
    lets: (_, permit) => permit.settle(0),
  },
  reset: {
    before: () => Effect.void,
    lets: (anna) => anna.reset,
  },
  resume: {
    before: (anna, permit) =>
      Effect.andThen(answered(permit.settle(0)), answered(anna.pause())),
    lets: (anna) => anna.resume,
  },
};

for (const [name, { before, lets }] of Object.entries(steerings)) {
  testEffect(
    `${name} lets in who waits, also if it was interrupted before it heard that the store has done it`,
    Effect.gen(function* () {
      const clients = yield* KeyedLimiter.make(
        Quota.slidingWindow({ limit: 1, window: "1 day" }),
      );
      const anna = clients.for("anna");
      const permit = yield* answered(anna.acquire());
      yield* before(anna, permit);
      const waiting = yield* fork(anna.acquire());
      yield* pass(2 * latency);
      const steering = yield* fork(lets(anna, permit));
      yield* pass(latency);
      yield* Fiber.interrupt(steering);
      yield* pass(2 * latency);
      ok(finished(waiting));
    }).pipe(Effect.provide(slowStore(() => latency))),
  );
}

testEffect(
  "whom the shared quota refused first is let in as soon as it allows that, though another needs longer",
  Effect.gen(function* () {
    const clients = yield* KeyedLimiter.make(Quota.unlimited, {
      shared: Quota.slidingWindow({ limit: 4, window: "1 second" }),
    });
    yield* answered(clients.for("anna").acquire({ cost: 1 }));
    yield* pass(500);
    yield* answered(clients.for("anna").acquire({ cost: 3 }));
    const light = yield* fork(clients.for("ben").acquire({ cost: 1 }));
    const heavy = yield* fork(clients.for("carl").acquire({ cost: 4 }));
    yield* pass(600);
    ok(finished(light) && !finished(heavy));
    yield* pass(2000);
    yield* Fiber.join(heavy);
  }).pipe(Effect.provide(slowStore(() => latency))),
);
