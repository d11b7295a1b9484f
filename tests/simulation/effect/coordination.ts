/**
 * Programs on Effect's own semaphores, queues and the like, that make no mistake.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Option from "effect/Option";
import * as PubSub from "effect/PubSub";
import * as Queue from "effect/Queue";
import * as Random from "effect/Random";
import * as Semaphore from "effect/Semaphore";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Simulated } from "../../support/simulated.ts";
import { crowd, moment, peacefulCrowd, range, Room, taking } from "./crowd.ts";

const permits = 3;

/** How a client may hold permits. */
const holds: Readonly<
  Record<
    string,
    (
      semaphore: Semaphore.Semaphore,
      n: number,
      body: Effect.Effect<void>,
    ) => Effect.Effect<unknown>
  >
> = {
  "withPermits()": (semaphore, n, body) => semaphore.withPermits(n)(body),
  "withPermits() with a time limit": (semaphore, n, body) =>
    Effect.timeoutOption(semaphore.withPermits(n)(body), 2),
  "withPermits() in a race": (semaphore, n, body) =>
    Effect.raceFirst(semaphore.withPermits(n)(body), moment),
  "withPermitsIfAvailable()": (semaphore, n, body) =>
    semaphore.withPermitsIfAvailable(n)(body),
  "takeScoped()": (semaphore, n, body) =>
    Effect.scoped(Effect.andThen(semaphore.takeScoped(n), body)),
};

const semaphores = Object.entries(holds).map(([how, hold]): Simulated => ({
  name: `Semaphore.${how} gives no permit twice and gets all back`,
  program: Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(permits);
    const room = new Room();
    const client = Effect.flatMap(
      Random.nextIntBetween(1, permits),
      (n) => hold(semaphore, n, room.visitBy(n)),
    );
    yield* peacefulCrowd(range(6).map(() => client));
    ok(room.most <= permits, `${room.most} permits at once`);
    ok(yield* semaphore.takeIfAvailable(permits), "a permit is lost");
  }),
}));

type Messages = Queue.Queue<number, Cause.Done>;

const queueKinds: Readonly<Record<string, Effect.Effect<Messages>>> = {
  unbounded: Queue.unbounded(),
  bounded: Queue.bounded(2),
  "hand-over": Queue.bounded(0),
  dropping: Queue.dropping(2),
  sliding: Queue.sliding(2),
};

const takes: ReadonlyArray<
  (queue: Messages) => Effect.Effect<ReadonlyArray<number>, Cause.Done>
> = [
  (queue) => Effect.map(Queue.take(queue), (n) => [n]),
  (queue) => Effect.map(Queue.poll(queue), Option.toArray),
  (queue) => Queue.takeBetween(queue, 1, 2),
  Queue.takeAll,
];

/** Takes messages in one way or another. */
const take = (queue: Messages) =>
  Effect.flatMap(
    Random.nextIntBetween(0, takes.length - 1),
    (i) => takes[i]!(queue),
  );

/** Offers one message or two, and gives those that the queue has accepted. */
const offer = (
  queue: Messages,
  n: number,
): Effect.Effect<ReadonlyArray<number>> =>
  Effect.flatMap(Random.nextBoolean, (isOne) => {
    if (isOne) {
      return Effect.map(Queue.offer(queue, n), (isIn) => isIn ? [n] : []);
    }
    const both = [n, n + 100];
    return Effect.map(
      Queue.offerAll(queue, both),
      (left) => both.filter((n) => !left.includes(n)),
    );
  });

/** Producers and consumers, some of which are interrupted, and one that takes what they leave. */
const queueProgram = Effect.fnUntraced(function* (
  make: Effect.Effect<Messages>,
  isLossless: boolean,
) {
  const queue = yield* make;
  const accepted: Array<number> = [];
  const taken: Array<number> = [];
  const keep = (list: Array<number>) => (items: ReadonlyArray<number>) => {
    list.push(...items);
  };
  const produce = Effect.fnUntraced(function* (id: number) {
    for (const i of range(3)) {
      yield* taking(offer(queue, 10 * id + i), keep(accepted));
      yield* moment;
    }
  });
  const consume = taking(take(queue), keep(taken));
  const consumer = Effect.replicateEffect(Effect.andThen(consume, moment), 4, {
    discard: true,
  });
  const consumers = yield* Effect.forkChild(
    crowd(range(3).map(() => consumer)),
  );
  const last = yield* Effect.forkChild(
    Effect.andThen(
      Effect.sleep(4),
      Effect.forever(taking(takes[0]!(queue), keep(taken))),
    ),
  );
  yield* peacefulCrowd(range(3).map(produce));
  yield* Queue.end(queue);
  for (
    const exit of [yield* Fiber.await(last), ...yield* Fiber.join(consumers)]
  ) {
    ok(Exit.isSuccess(exit) || !Cause.hasDies(exit.cause), String(exit));
  }
  strictEqual(new Set(taken).size, taken.length, "a message was taken twice");
  if (isLossless) {
    deepStrictEqual(accepted.filter((n) => !taken.includes(n)), []);
  }
});

const queues = Object.entries(queueKinds).map(([kind, make]): Simulated => ({
  name: `Queue (${kind}) loses and doubles no message`,
  program: queueProgram(make, kind !== "sliding"),
}));

const pubSubKinds = {
  unbounded: PubSub.unbounded<number>(),
  bounded: PubSub.bounded<number>(1),
  dropping: PubSub.dropping<number>(2),
  sliding: PubSub.sliding<number>(2),
} as const;

const pubSubs = Object.entries(pubSubKinds).map(([kind, make]): Simulated => ({
  name: `PubSub (${kind}) gives each subscriber each message once, in order`,
  program: Effect.gen(function* () {
    const pubSub = yield* make;
    const end = 99;
    const takers = [
      PubSub.takeAll<number>,
      (subscription: PubSub.Subscription<number>) =>
        Effect.map(PubSub.take(subscription), (n) => [n]),
      (subscription: PubSub.Subscription<number>) =>
        PubSub.takeBetween(subscription, 1, 2),
    ];
    const subscribed = yield* Deferred.make<void>();
    let subscribers = 0;
    const readers = yield* Effect.forEach(
      takers,
      (take) =>
        Effect.forkChild(Effect.scoped(Effect.gen(function* () {
          const subscription = yield* PubSub.subscribe(pubSub);
          if (++subscribers === takers.length) {
            yield* Deferred.succeed(subscribed, undefined);
          }
          const read: Array<number> = [];
          while (!read.includes(end)) {
            read.push(...yield* take(subscription));
            yield* moment;
          }
          return read;
        }))),
    );
    yield* Deferred.await(subscribed);
    const accepted: Array<number> = [];
    yield* peacefulCrowd(
      range(3).map((id) =>
        Effect.forEach(range(3), (i) => {
          const n = 10 * id + i;
          const publish = taking(PubSub.publish(pubSub, n), (isIn) => {
            if (isIn) accepted.push(n);
          });
          return Effect.andThen(publish, moment);
        })
      ),
    );
    while (!(yield* PubSub.publish(pubSub, end))) yield* Effect.sleep(1);
    for (const reader of readers) {
      const read = yield* Fiber.join(reader);
      strictEqual(new Set(read).size, read.length, "a message came twice");
      for (const id of range(3)) {
        const own = read.filter((n) => Math.floor(n / 10) === id);
        deepStrictEqual(own, own.toSorted());
      }
      if (kind !== "sliding") {
        deepStrictEqual(accepted.filter((n) => !read.includes(n)), []);
      }
    }
  }),
}));

const others: ReadonlyArray<Simulated> = [
  {
    name: "Deferred.succeed() wins once, and all get the same",
    program: Effect.gen(function* () {
      const deferred = yield* Deferred.make<number>();
      const waiting = yield* Effect.forkChild(
        peacefulCrowd(range(5).map(() => Deferred.await(deferred))),
      );
      const attempts = yield* peacefulCrowd(
        range(3).map((n) => Deferred.succeed(deferred, n)),
        1,
      );
      yield* Deferred.succeed(deferred, 9);
      const value = yield* Deferred.await(deferred);
      const wins = attempts.flatMap((exit, n) =>
        Exit.isSuccess(exit) && exit.value ? [n] : []
      );
      ok(wins.length <= 1 && wins.every((n) => n === value));
      for (const exit of yield* Fiber.join(waiting)) {
        ok(Exit.isFailure(exit) || exit.value === value);
      }
    }),
  },
  {
    name:
      "Latch.whenOpen() lets all in that wait or come later, and none before",
    program: Effect.gen(function* () {
      const latch = yield* Latch.make();
      let isOpen = false;
      const waiting = yield* Effect.forkChild(peacefulCrowd(
        range(5).map(() => latch.whenOpen(Effect.sync(() => ok(isOpen)))),
      ));
      yield* moment;
      isOpen = true;
      if (yield* Random.nextBoolean) yield* latch.open;
      else latch.openUnsafe();
      yield* Fiber.join(waiting);
      yield* latch.await;
    }),
  },
];

/** What they are. */
export const coordination: ReadonlyArray<Simulated> = [
  ...semaphores,
  ...queues,
  ...pubSubs,
  ...others,
];
