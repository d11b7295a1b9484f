/**
 * Programs on what Effect opens and closes by itself, that leave nothing open.
 *
 * @module
 */
import * as Cache from "effect/Cache";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as FiberHandle from "effect/FiberHandle";
import * as FiberMap from "effect/FiberMap";
import * as FiberSet from "effect/FiberSet";
import * as Pool from "effect/Pool";
import * as Random from "effect/Random";
import * as RcMap from "effect/RcMap";
import * as RcRef from "effect/RcRef";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Simulated } from "../../support/simulated.ts";
import {
  crowd,
  moment,
  peacefulCrowd,
  range,
  Room,
  Store,
  type Thing,
  use,
} from "./crowd.ts";

const pools: ReadonlyArray<Simulated> = [false, true].map((invalidates) => ({
  name: invalidates
    ? "Pool.invalidate() closes what nobody uses, and makes another"
    : "Pool.get() shares nothing and leaves nothing open",
  program: Effect.gen(function* () {
    const size = 2;
    const store = new Store();
    yield* Effect.scoped(Effect.gen(function* () {
      const pool = yield* Pool.make({ acquire: store.thing, size });
      const inUse = new Set<Thing>();
      const borrow = (thing: Thing) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            ok(!inUse.has(thing), "shared");
            inUse.add(thing);
          }),
          () => use(thing),
          () => Effect.sync(() => inUse.delete(thing)),
        );
      const client = Effect.scoped(Effect.gen(function* () {
        const thing = yield* Pool.get(pool);
        yield* borrow(thing);
        if (invalidates && (yield* Random.nextBoolean)) {
          yield* Pool.invalidate(pool, thing);
        }
      }));
      yield* peacefulCrowd(range(6).map(() => client));
      yield* Effect.scoped(Effect.replicateEffect(Pool.get(pool), size));
      if (!invalidates) strictEqual(store.opened, size);
    }));
    strictEqual(store.open, 0);
  }),
}));

const fibers: ReadonlyArray<Simulated> = [
  {
    name: "FiberSet knows which of its fibers run, and ends with all of them",
    program: Effect.gen(function* () {
      const room = new Room();
      yield* Effect.scoped(Effect.gen(function* () {
        const set = yield* FiberSet.make<void>();
        const run = Effect.asVoid(FiberSet.run(set, room.visit));
        yield* peacefulCrowd(range(5).map(() => run));
        if (yield* Random.nextBoolean) yield* FiberSet.clear(set);
        yield* FiberSet.awaitEmpty(set);
        strictEqual(yield* FiberSet.size(set), 0);
        strictEqual(room.inside, 0);
        yield* run;
      }));
      strictEqual(room.inside, 0);
    }),
  },
  {
    name: "FiberMap knows which keys run, and ends with all of its fibers",
    program: Effect.gen(function* () {
      const room = new Room();
      yield* Effect.scoped(Effect.gen(function* () {
        const map = yield* FiberMap.make<number, void>();
        yield* peacefulCrowd(
          range(6).map((n) =>
            Effect.asVoid(FiberMap.run(map, n % 2, room.visit, {
              onlyIfMissing: n % 3 === 0,
            }))
          ),
        );
        if (yield* Random.nextBoolean) yield* FiberMap.remove(map, 0);
        yield* FiberMap.awaitEmpty(map);
        strictEqual(yield* FiberMap.size(map), 0);
      }));
      strictEqual(room.inside, 0);
    }),
  },
  {
    name: "FiberHandle ends with all that it ran",
    program: Effect.gen(function* () {
      const room = new Room();
      yield* Effect.scoped(Effect.gen(function* () {
        const handle = yield* FiberHandle.make<void>();
        const run = Effect.asVoid(FiberHandle.run(handle, room.visit));
        yield* peacefulCrowd(range(6).map(() => run));
        if (yield* Random.nextBoolean) yield* FiberHandle.clear(handle);
      }));
      strictEqual(room.inside, 0);
    }),
  },
];

const scopes: ReadonlyArray<Simulated> = [
  {
    name:
      "Effect.scoped() closes what was opened in it, and ends what was forked",
    program: Effect.gen(function* () {
      const store = new Store();
      const room = new Room();
      const client = Effect.scoped(Effect.gen(function* () {
        yield* Effect.flatMap(store.thing, use);
        yield* Effect.forkScoped(Effect.forever(room.visit));
        yield* Effect.flatMap(store.thing, use);
      }));
      yield* peacefulCrowd(range(4).map(() => client), 4);
      deepStrictEqual([store.open, room.inside], [0, 0]);
    }),
  },
  {
    name: "Scope.close() runs finalizers once, in reverse or all at once",
    program: Effect.gen(function* () {
      for (const kind of ["sequential", "parallel"] as const) {
        const scope = yield* Scope.make(kind);
        const order: Array<number> = [];
        for (const n of range(3)) {
          const finalizer = Effect.map(moment, () => order.push(n));
          yield* Scope.addFinalizer(scope, finalizer);
        }
        const close = Effect.uninterruptible(Scope.close(scope, Exit.void));
        yield* crowd([close, close], 1);
        yield* Effect.sleep(10);
        deepStrictEqual(
          kind === "parallel" ? order.toSorted() : order.toReversed(),
          [0, 1, 2],
        );
      }
    }),
  },
];

const shared: ReadonlyArray<Simulated> = [
  {
    name: "RcMap.get() shares what is open, and closes it after the last user",
    program: Effect.gen(function* () {
      const store = new Store();
      yield* Effect.scoped(Effect.gen(function* () {
        const map = yield* RcMap.make({ lookup: (_: number) => store.thing });
        const client = (n: number) =>
          Effect.scoped(Effect.flatMap(RcMap.get(map, n % 2), use));
        yield* peacefulCrowd(range(8).map(client));
        strictEqual(store.open, 0);
      }));
    }),
  },
  {
    name: "RcRef.get() shares what is open, and closes it after the last user",
    program: Effect.gen(function* () {
      const store = new Store();
      yield* Effect.scoped(Effect.gen(function* () {
        const ref = yield* RcRef.make({ acquire: store.thing });
        const client = Effect.scoped(Effect.flatMap(RcRef.get(ref), use));
        yield* peacefulCrowd(range(8).map(() => client));
        strictEqual(store.open, 0);
      }));
    }),
  },
  {
    name: "Cache.get() looks up once for all that are not interrupted",
    program: Effect.gen(function* () {
      const room = new Room();
      let lookups = 0;
      const cache = yield* Cache.make({
        capacity: 3,
        timeToLive: "1 hour",
        lookup: (key: number) => {
          lookups++;
          return Effect.as(room.visit, 10 * key);
        },
      });
      const client = (n: number) =>
        Effect.map(
          Cache.get(cache, n % 2),
          (value) => strictEqual(value, 10 * (n % 2)),
        );
      const interruptions = yield* Random.nextIntBetween(0, 3);
      yield* peacefulCrowd(range(8).map(client), interruptions);
      yield* Effect.forEach(range(2), client);
      strictEqual(room.inside, 0);
      ok(lookups <= 2 + interruptions, `${lookups} lookups`);
    }),
  },
  {
    name: "Cache.get() fails nobody because another one is interrupted",
    program: Effect.gen(function* () {
      const cache = yield* Cache.make({
        capacity: 1,
        lookup: (key: number) => Effect.as(moment, key),
      });
      const first = yield* Effect.forkChild(Cache.get(cache, 1));
      const second = yield* Effect.forkChild(
        Effect.andThen(moment, Cache.get(cache, 1)),
      );
      yield* moment;
      yield* Fiber.interrupt(first);
      strictEqual(yield* Fiber.join(second), 1);
    }),
  },
];

/** What they are. */
export const lifetimes: ReadonlyArray<Simulated> = [
  ...pools,
  ...fibers,
  ...scopes,
  ...shared,
];
