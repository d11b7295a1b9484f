/**
 * Programs on what Effect makes of several effects, and on what it keeps, that make no mistake.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as SubscriptionRef from "effect/SubscriptionRef";
import * as SynchronizedRef from "effect/SynchronizedRef";
import * as TxQueue from "effect/TxQueue";
import * as TxRef from "effect/TxRef";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Simulated } from "../../support/simulated.ts";
import { moment, peacefulCrowd, range, Room } from "./crowd.ts";

/** Interrupts an effect at some moment. */
const interruptSoon = Effect.fnUntraced(function* <A, E>(
  effect: Effect.Effect<A, E>,
) {
  const fiber = yield* Effect.forkChild(effect);
  yield* moment;
  yield* Fiber.interrupt(fiber);
});

const fails = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(
    Effect.exit(effect),
    (exit) => ok(Exit.isFailure(exit) && Cause.hasFails(exit.cause)),
  );

const together: ReadonlyArray<Simulated> = [
  {
    name:
      "Effect.forEach() and Effect.all() keep order and concurrency, and end with what they run",
    program: Effect.gen(function* () {
      const room = new Room();
      const double = (n: number) => Effect.as(room.visit, 2 * n);
      const doubles = range(6).map((n) => 2 * n);
      const two = Effect.forEach(range(6), double, { concurrency: 2 });
      deepStrictEqual(yield* two, doubles);
      ok(room.most <= 2, `${room.most} at once`);
      yield* interruptSoon(two);
      strictEqual(room.inside, 0);
      yield* fails(Effect.forEach(
        range(6),
        (n) => n === 3 ? Effect.andThen(moment, Effect.fail("no")) : double(n),
        { concurrency: 3 },
      ));
      strictEqual(room.inside, 0);
      deepStrictEqual(
        yield* Effect.all(range(6).map(double), { concurrency: "unbounded" }),
        doubles,
      );
    }),
  },
  {
    name: "Effect.race() and its kin give what won, and end with the rest",
    program: Effect.gen(function* () {
      const room = new Room();
      const win = (n: number) => Effect.as(room.visit, n);
      const lose = Effect.andThen(room.visit, Effect.fail("no"));
      const races = [
        Effect.race(win(1), win(2)),
        Effect.race(lose, win(2)),
        Effect.raceFirst(win(1), win(2)),
        Effect.raceAll([lose, lose, win(3)]),
        Effect.raceAllFirst([win(1), win(2), win(3)]),
      ];
      for (const race of races) {
        ok([1, 2, 3].includes(yield* race));
        strictEqual(room.inside, 0);
        yield* interruptSoon(race);
        strictEqual(room.inside, 0);
      }
      yield* fails(Effect.race(lose, lose));
      yield* fails(Effect.raceAll([lose, lose]));
      strictEqual(room.inside, 0);
    }),
  },
  {
    name: "Effect.timeout() and its kin end in time, and end what is late",
    program: Effect.gen(function* () {
      const room = new Room();
      const takes = (ms: number) =>
        Effect.ensuring(Effect.sleep(ms), room.visit);
      const time = Clock.currentTimeMillis;
      const start = yield* time;
      ok((yield* Effect.timeoutOption(takes(5), 20))._tag === "Some");
      ok((yield* time) - start <= 8);
      ok((yield* Effect.timeoutOption(takes(20), 5))._tag === "None");
      ok((yield* time) - start <= 16);
      yield* fails(Effect.timeout(takes(20), 5));
      yield* Effect.timeoutOption(takes(5), 5);
      yield* interruptSoon(Effect.timeout(takes(5), 20));
      strictEqual(room.inside, 0);
    }),
  },
  {
    name:
      "Effect.retry() and Effect.repeat() go on as often as their schedule has it",
    program: Effect.gen(function* () {
      let tries = 0;
      const third = Effect.flatMap(
        moment,
        () => ++tries < 3 ? Effect.fail("no") : Effect.succeed(tries),
      );
      strictEqual(yield* Effect.retry(third, Schedule.exponential(2)), 3);
      yield* fails(Effect.retry(Effect.fail("no"), Schedule.recurs(2)));
      let times = 0;
      const count = Effect.sync(() => times++);
      const start = yield* Clock.currentTimeMillis;
      yield* Effect.repeat(
        count,
        Schedule.upTo(Schedule.spaced(3), { times: 3 }),
      );
      strictEqual(times, 4);
      strictEqual((yield* Clock.currentTimeMillis) - start, 9);
      const fiber = yield* Effect.forkChild(
        Effect.repeat(count, Schedule.fixed(3)),
      );
      yield* Effect.sleep(10);
      yield* Fiber.interrupt(fiber);
      strictEqual(times, 8);
    }),
  },
  {
    name: "Effect.cached() gives all the same, though some are interrupted",
    program: Effect.gen(function* () {
      let runs = 0;
      const cached = yield* Effect.cached(
        Effect.suspend(() => Effect.as(moment, ++runs)),
      );
      const exits = yield* peacefulCrowd(range(5).map(() => cached));
      const value = yield* cached;
      for (const exit of exits) {
        ok(Exit.isFailure(exit) || exit.value === value);
      }
      strictEqual(yield* cached, value);
    }),
  },
];

const references: ReadonlyArray<Simulated> = [
  {
    name: "SynchronizedRef.updateEffect() loses no update",
    program: Effect.gen(function* () {
      const ref = yield* SynchronizedRef.make(0);
      const add = SynchronizedRef.updateEffect(
        ref,
        (n) => Effect.as(moment, n + 1),
      );
      const exits = yield* peacefulCrowd(range(6).map(() => add));
      const sum = yield* SynchronizedRef.get(ref);
      ok(sum >= exits.filter(Exit.isSuccess).length && sum <= 6, `${sum}`);
      yield* add;
    }),
  },
  {
    name: "SubscriptionRef.changes() gives changes in order, up to the last",
    program: Effect.gen(function* () {
      const ref = yield* SubscriptionRef.make(0);
      const watcher = yield* SubscriptionRef.changes(ref).pipe(
        Stream.takeUntil((n) => n === 5),
        Stream.runCollect,
        Effect.forkChild,
      );
      yield* moment;
      const add = SubscriptionRef.update(ref, (n) => n + 1);
      yield* peacefulCrowd(range(5).map(() => add), 0);
      const seen = yield* Fiber.join(watcher);
      deepStrictEqual(seen, [...new Set(seen)].toSorted());
      strictEqual(seen.at(-1), 5);
    }),
  },
  {
    name: "TxRef moves something from one to another in one step",
    program: Effect.gen(function* () {
      const accounts = [yield* TxRef.make(5), yield* TxRef.make(5)] as const;
      const [here, there] = accounts;
      const move = (from: TxRef.TxRef<number>, to: TxRef.TxRef<number>) =>
        Effect.tx(Effect.gen(function* () {
          const left = yield* TxRef.get(from);
          yield* TxRef.set(from, left - 1);
          yield* TxRef.set(to, (yield* TxRef.get(to)) + 1);
        }));
      const sum = Effect.tx(
        Effect.map(Effect.all(accounts.map(TxRef.get)), ([a = 0, b = 0]) => {
          strictEqual(a + b, 10);
        }),
      );
      yield* peacefulCrowd([
        ...range(3).map(() => move(here, there)),
        ...range(3).map(() => move(there, here)),
        ...range(3).map(() => sum),
      ]);
      yield* sum;
    }),
  },
  {
    name: "TxQueue gives each message once",
    program: Effect.gen(function* () {
      const queue = yield* TxQueue.bounded<number>(2);
      const taker = yield* Effect.forkChild(
        Effect.replicateEffect(TxQueue.take(queue), 6),
      );
      const offers = range(6).map((n) => TxQueue.offer(queue, n));
      yield* peacefulCrowd(offers, 0);
      deepStrictEqual((yield* Fiber.join(taker)).toSorted(), range(6));
    }),
  },
];

/** What they are. */
export const combinators: ReadonlyArray<Simulated> = [
  ...together,
  ...references,
];
