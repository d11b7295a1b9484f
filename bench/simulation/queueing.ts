/**
 * Three servers and a line (M/M/3): customers arrive by chance, 24 a second, and each is served for a tenth of one on average.
 * Two sleeps a customer.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import * as Random from "effect/Random";
import * as Semaphore from "effect/Semaphore";

export const servers = 3;
/** How many customers arrive in a millisecond. */
export const arrivals: number = 24 / 1000;
/** How many customers a server serves in a millisecond. */
export const services: number = 10 / 1000;

/** Milliseconds to the next of what happens so often a millisecond. */
export const exponential = (rate: number, chance: number): number =>
  -Math.log(1 - chance) / rate;

const sleep = (rate: number): Effect.Effect<void> =>
  Effect.flatMap(
    Random.next,
    (chance) => Effect.sleep(exponential(rate, chance)),
  );

/** Servers take customers from a queue. Gives how many were served. */
export const byQueue: (customers: number) => Effect.Effect<number> = Effect
  .fnUntraced(function* (customers) {
    const line = yield* Queue.unbounded<boolean>();
    let served = 0;
    const server = Effect.gen(function* () {
      while (yield* Queue.take(line)) {
        yield* sleep(services);
        served++;
      }
    });
    const all = [];
    for (let i = 0; i < servers; i++) all.push(yield* Effect.forkChild(server));
    for (let i = 0; i < customers; i++) {
      yield* sleep(arrivals);
      yield* Queue.offer(line, true);
    }
    yield* Queue.offerAll(line, new Array(servers).fill(false));
    yield* Fiber.awaitAll(all);
    return served;
  });

/** Each customer is a fiber, and waits for a permit. Gives how many were served. */
export const byFibers: (customers: number) => Effect.Effect<number> = Effect
  .fnUntraced(function* (customers) {
    const line = yield* Semaphore.make(servers);
    let served = 0;
    const customer = line.withPermit(
      Effect.map(sleep(services), () => served++),
    );
    for (let i = 0; i < customers; i++) {
      yield* sleep(arrivals);
      yield* Effect.forkDetach(customer);
    }
    yield* line.withPermits(servers)(Effect.void);
    return served;
  });
