/**
 * Three servers and a line (M/M/3): customers arrive by chance, 24 a second, and each is served for a tenth of one on average.
 * Two sleeps a customer.
 *
 * @module
 */
import { Workload } from "@weir/weir/simulation";
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

/** The two sleeps of a customer. */
interface Sleeps {
  /** Until the next one comes. */
  readonly gap: Effect.Effect<void>;
  readonly service: Effect.Effect<void>;
}

/** Gives how many were served, of so many customers. */
export type Program = (customers: number) => Effect.Effect<number>;

const sleep = (rate: number): Effect.Effect<void> =>
  Effect.flatMap(
    Random.next,
    (chance) => Effect.sleep(exponential(rate, chance)),
  );

/** As programs sleep that know nothing of a simulation. */
export const plainly: Sleeps = {
  gap: sleep(arrivals),
  service: sleep(services),
};

/** As models sleep. */
export const asModels: Sleeps = {
  gap: Workload.sleep("gap", Workload.exponential(1 / arrivals)),
  service: Workload.sleep("service", Workload.exponential(1 / services)),
};

/** Servers take customers from a queue. */
export const byQueue = ({ gap, service }: Sleeps): Program =>
  Effect.fnUntraced(function* (customers) {
    const line = yield* Queue.unbounded<boolean>();
    let served = 0;
    const server = Effect.gen(function* () {
      while (yield* Queue.take(line)) {
        yield* service;
        served++;
      }
    });
    const all = [];
    for (let i = 0; i < servers; i++) all.push(yield* Effect.forkChild(server));
    for (let i = 0; i < customers; i++) {
      yield* gap;
      yield* Queue.offer(line, true);
    }
    yield* Queue.offerAll(line, new Array(servers).fill(false));
    yield* Fiber.awaitAll(all);
    return served;
  });

/** Each customer is a fiber, and waits for a permit. */
export const byFibers = ({ gap, service }: Sleeps): Program =>
  Effect.fnUntraced(function* (customers) {
    const line = yield* Semaphore.make(servers);
    let served = 0;
    const customer = line.withPermit(Effect.map(service, () => served++));
    for (let i = 0; i < customers; i++) {
      yield* gap;
      yield* Effect.forkDetach(customer);
    }
    yield* line.withPermits(servers)(Effect.void);
    return served;
  });
