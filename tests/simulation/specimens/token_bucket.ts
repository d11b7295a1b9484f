/**
 * Token buckets: the classic asyncio form, which computes a wait, sleeps, and does not check again; and one that does.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Random from "effect/Random";
import * as Semaphore from "effect/Semaphore";
import { ok } from "node:assert/strict";

/** Milliseconds in which a token comes back. */
const interval = 100;
const capacity = 2;

/** Waits for a token. */
export type Acquire = (bucket: Bucket) => Effect.Effect<void>;

/** Tokens that come back in time, counted in the milliseconds that they are worth. */
export class Bucket {
  private credit = capacity * interval;
  private countedAt = 0;
  private readonly lock = Semaphore.makeUnsafe(1);

  /** Takes a token, and gives 0; or takes none, and gives how long it takes until there is one. */
  readonly take: Effect.Effect<number> = this.lock.withPermit(
    Effect.map(Clock.currentTimeMillis, (now) => {
      const earned = this.credit + now - this.countedAt;
      this.credit = Math.min(capacity * interval, earned);
      this.countedAt = now;
      if (this.credit < interval) return interval - this.credit;
      this.credit -= interval;
      return 0;
    }),
  );
}

export const classic: Acquire = Effect.fnUntraced(function* (bucket) {
  const wait = yield* bucket.take;
  if (wait === 0) return;
  yield* Effect.sleep(wait);
  yield* bucket.take;
});

export const mended: Acquire = Effect.fnUntraced(function* (bucket) {
  for (;;) {
    const wait = yield* bucket.take;
    if (wait === 0) return;
    yield* Effect.sleep(wait);
  }
});

/** Callers that come at these times, each of which is let in by a bucket. */
const callers = Effect.fnUntraced(function* (
  acquire: Acquire,
  arrivals: ReadonlyArray<number>,
) {
  const bucket = new Bucket();
  const starts: Array<number> = [];
  const call = Effect.fn("call")(function* (arrival: number) {
    yield* Effect.sleep(arrival);
    yield* acquire(bucket);
    starts.push(yield* Clock.currentTimeMillis);
  });
  const fibers = yield* Effect.forEach(
    arrivals,
    (arrival) => Effect.forkChild(call(arrival)),
  );
  yield* Effect.forEach(fibers, Fiber.join);
  checkRate(starts);
});

/** Between two starts there may be no more than the tokens of that time, and those that were there at first. */
function checkRate(starts: ReadonlyArray<number>): void {
  for (const [i, from] of starts.entries()) {
    for (const [more, to] of starts.slice(i).entries()) {
      const most = capacity + (to - from) / interval;
      ok(more + 1 <= most, `${more + 1} calls in ${to - from} ms`);
    }
  }
}

/** Four at once: two may go, and two must wait for one token each. */
export const rush = (acquire: Acquire): Effect.Effect<void> =>
  callers(acquire, [0, 0, 0, 0]);

/** Ten that come by chance, half as often as tokens do. */
export const trickle = (acquire: Acquire): Effect.Effect<void> =>
  Effect.gen(function* () {
    let time = 0;
    const arrivals: Array<number> = [];
    for (let i = 0; i < 10; i++) {
      const pause = -2 * interval * Math.log(1 - (yield* Random.next));
      arrivals.push(time += Math.round(pause));
    }
    yield* callers(acquire, arrivals);
  });
