/**
 * Small programs over batches, each about one moment in which two things meet.
 *
 * @module
 */
import { Batch, Limiter } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Items } from "../support/items.ts";
import type { Simulated } from "../support/simulated.ts";

const unlimited = Effect.provide(Limiter.layerUnlimited);

/** The first of all fails, and the second takes its time to end then. */
const failingFirst = (n: number): Effect.Effect<void, string> => {
  if (n === 0) return Effect.fail("first");
  return Effect.ensuring(
    Effect.sleep(1),
    n === 1 ? Effect.sleep(5) : Effect.void,
  );
};

/** What is claimed of each moment. */
export const moments: ReadonlyArray<Simulated> = [
  {
    name:
      "Batch.forEach() that is interrupted closes its iterator once all items have ended",
    small: true,
    program: Effect.gen(function* () {
      const items = Items.endless();
      let running = 0;
      const fiber = yield* Batch.forEach(
        items,
        () =>
          Effect.acquireUseRelease(
            Effect.sync(() => running++),
            () => Effect.yieldNow,
            () => Effect.sync(() => running--),
          ),
        { batchSize: 2, concurrency: 2 },
      ).pipe(unlimited, Effect.forkChild);
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(fiber);
      deepStrictEqual([running, items.open], [0, false]);
    }),
  },
  {
    name:
      "Batch.forEach() of two items that fail together fails as one of them, and starts no more",
    small: true,
    program: Effect.gen(function* () {
      const items = Items.endless();
      const exit = yield* Batch.forEach(
        items,
        (n) => Effect.andThen(Effect.yieldNow, Effect.fail(n)),
        { batchSize: 2 },
      ).pipe(unlimited, Effect.exit);
      ok(Exit.isFailure(exit));
      deepStrictEqual([items.pulledAt.length, items.open], [2, false]);
    }),
  },
  {
    name:
      "an item of Batch.forEach() that fails keeps all others from starting at once",
    small: true,
    program: Effect.gen(function* () {
      const items = Items.endless();
      const exit = yield* Batch.forEach(items, failingFirst, {
        batchSize: 2,
        concurrency: 2,
      }).pipe(unlimited, Effect.exit);
      deepStrictEqual(exit, Exit.fail("first"));
      ok(items.pulledAt.length <= 4);
    }),
  },
  {
    name:
      "an item of Batch.mapEffect() that fails keeps all others from starting at once",
    program: Effect.gen(function* () {
      let begun = 0;
      const exit = yield* Stream.range(-2, 9).pipe(
        Stream.rechunk(1),
        Stream.tap((n) => n < 2 ? Effect.void : Effect.sleep(1)),
        Batch.mapEffect((n) => {
          begun++;
          return n < 0 ? Effect.never : failingFirst(n);
        }, { batchSize: 2, concurrency: 3 }),
        Stream.runDrain,
        unlimited,
        Effect.exit,
      );
      deepStrictEqual(exit, Exit.fail("first"));
      ok(begun <= 4);
    }),
  },
  {
    name:
      "Batch.gather() answers who stays, whoever leaves its batch at any moment",
    small: true,
    program: Effect.gen(function* () {
      const asked: Array<ReadonlyArray<number>> = [];
      const one = yield* Batch.gather((requests: ReadonlyArray<number>) => {
        asked.push(requests);
        return Effect.as(Effect.yieldNow, requests);
      }, { within: 0 });
      const leaving = yield* Effect.forkChild(one(1));
      const staying = yield* Effect.forkChild(one(2));
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(leaving);
      strictEqual(yield* Fiber.join(staying), 2);
      strictEqual(yield* one(3), 3);
      const requests = asked.flat();
      strictEqual(new Set(requests).size, requests.length);
      deepStrictEqual(requests.filter((request) => request > 1), [2, 3]);
    }).pipe(Effect.scoped, unlimited),
  },
  {
    name: "Batch.gather() asks for who stays of those who ask the same",
    small: true,
    program: Effect.gen(function* () {
      const one = yield* Batch.gather(
        (requests: ReadonlyArray<number>) => Effect.succeed(requests),
        { within: 5, key: String },
      );
      const leaving = yield* Effect.forkChild(one(1));
      const staying = yield* Effect.forkChild(one(1));
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(leaving);
      strictEqual(yield* Fiber.join(staying), 1);
    }).pipe(Effect.scoped, unlimited),
  },
  {
    name:
      "Batch.gather() lets in who waits outside, whoever leaves and makes room",
    small: true,
    program: Effect.gen(function* () {
      const one = yield* Batch.gather(
        (requests: ReadonlyArray<number>) =>
          Effect.as(Effect.sleep(5), requests),
        { within: 0, capacity: 1 },
      );
      const [first, leaving, staying] = yield* Effect.forEach(
        [1, 2, 3],
        (request) =>
          Effect.andThen(
            Effect.forkChild(one(request)),
            (fiber) => Effect.as(Effect.sleep(1), fiber),
          ),
      );
      yield* Fiber.interrupt(leaving!);
      strictEqual(yield* Fiber.join(first!), 1);
      strictEqual(yield* Fiber.join(staying!), 3);
    }).pipe(Effect.scoped, unlimited),
  },
  {
    name: "Batch.gather() ends a batch with the last who waits for it",
    small: true,
    program: Effect.gen(function* () {
      let running = 0;
      const one = yield* Batch.gather(
        (requests: ReadonlyArray<number>) =>
          Effect.acquireUseRelease(
            Effect.sync(() => running++),
            () => Effect.as(Effect.sleep(9), requests),
            () => Effect.andThen(Effect.yieldNow, Effect.sync(() => running--)),
          ),
        { within: 0, concurrency: 2 },
      );
      const callers = yield* Effect.forEach(
        [1, 2],
        (request) => Effect.forkChild(one(request)),
      );
      yield* Effect.yieldNow;
      yield* Fiber.interruptAll(callers);
      strictEqual(running, 0);
      strictEqual(yield* one(3), 3);
    }).pipe(Effect.scoped, unlimited),
  },
  {
    name: "Batch.gather() interrupts all who ask while its scope closes",
    small: true,
    program: Effect.gen(function* () {
      const scope = yield* Scope.make();
      let running = 0;
      const one = yield* Batch.gather(
        (requests: ReadonlyArray<number>) =>
          Effect.acquireUseRelease(
            Effect.sync(() => running++),
            () => Effect.as(Effect.yieldNow, requests),
            () => Effect.sync(() => running--),
          ),
        { within: 0, capacity: 1 },
      ).pipe(Scope.provide(scope));
      const callers = yield* Effect.forEach(
        [1, 2, 3],
        (request) => Effect.forkChild(one(request)),
      );
      yield* Scope.close(scope, Exit.void);
      strictEqual(running, 0);
      for (const caller of callers) {
        const exit = yield* Fiber.await(caller);
        ok(Exit.isSuccess(exit) || Exit.hasInterrupts(exit));
      }
    }).pipe(unlimited),
  },
  {
    name:
      "Batch.gather() lets a batch that waits for its turn take with it who comes meanwhile",
    small: true,
    program: Effect.gen(function* () {
      const limiter = yield* Limiter.make({ tiers: [] }, { concurrency: 1 });
      const gate = yield* Deferred.make<void>();
      const holding = yield* Effect.forkChild(
        limiter.limit(Deferred.await(gate)),
      );
      yield* Effect.yieldNow;
      const asked: Array<number> = [];
      const one = yield* Batch.gather((requests: ReadonlyArray<number>) => {
        asked.push(...requests);
        return Effect.succeed(requests);
      }, { within: 0 }).pipe(
        Effect.provideService(Limiter.Limiter, limiter),
      );
      const leaving = yield* Effect.forkChild(one(1));
      const open = yield* Effect.forkChild(Deferred.succeed(gate, undefined));
      const staying = yield* Effect.forkChild(one(2));
      yield* Fiber.interrupt(leaving);
      strictEqual(yield* Fiber.join(staying), 2);
      ok(asked.includes(2) && new Set(asked).size === asked.length);
      yield* Fiber.joinAll([holding, open]);
      strictEqual((yield* limiter.stats).running, 0);
    }).pipe(Effect.scoped),
  },
];
