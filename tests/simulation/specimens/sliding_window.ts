/**
 * Sliding windows: one that holds its lock while it sleeps, so that who only asks must wait, too; and one that gives each
 * caller a time, and holds nothing.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as Random from "effect/Random";
import * as Semaphore from "effect/Semaphore";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

const limit = 2;
/** In milliseconds. */
const window = 1000;

/** Lets in so many in each window. */
export interface Window {
  /** Waits until the caller may go. */
  readonly enter: Effect.Effect<void>;
  /** Lets the caller go, or not, at once. */
  readonly tryEnter: Effect.Effect<boolean>;
}

/** Whether one more may go, if these did or will, in order of time. */
function isFree(entries: ReadonlyArray<number>, now: number): boolean {
  const earlier = entries[entries.length - limit];
  return earlier === undefined || earlier + window <= now;
}

export const locked = (): Window => {
  const entries: Array<number> = [];
  const lock = Semaphore.makeUnsafe(1);
  const tryEnter = Effect.map(Clock.currentTimeMillis, (now) => {
    const mayGo = isFree(entries, now);
    if (mayGo) entries.push(now);
    return mayGo;
  });
  const enter = Effect.gen(function* () {
    if (yield* tryEnter) return;
    const now = yield* Clock.currentTimeMillis;
    yield* Effect.sleep(entries[entries.length - limit]! + window - now);
    yield* tryEnter;
  });
  return {
    enter: lock.withPermit(enter),
    tryEnter: lock.withPermit(tryEnter),
  };
};

export const mended = (): Window => {
  const entries: Array<number> = [];
  const book = (now: number): number => {
    const time = isFree(entries, now)
      ? now
      : entries[entries.length - limit]! + window;
    entries.push(time);
    entries.sort((a, b) => a - b);
    return time;
  };
  return {
    enter: Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const time = book(now);
        return Effect.onInterrupt(
          restore(Effect.sleep(time - now)),
          () => Effect.sync(() => entries.splice(entries.indexOf(time), 1)),
        );
      })
    ),
    tryEnter: Effect.map(Clock.currentTimeMillis, (now) => {
      const mayGo = isFree(entries, now);
      if (mayGo) book(now);
      return mayGo;
    }),
  };
};

/** Two may go, two must wait, one gives up its place, and one that only asks is told at once. */
export const program = (make: () => Window): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { enter, tryEnter } = make();
    const ask = Effect.fn("ask")(function* () {
      yield* Effect.sleep(10);
      const mayGo = yield* tryEnter;
      const now = yield* Clock.currentTimeMillis;
      ok(now === 10, `asked at 10 ms, told at ${now} ms`);
      return mayGo;
    });
    const wait = Effect.fn("wait")(function* (arrival: number) {
      yield* Effect.sleep(arrival);
      yield* enter;
      return yield* Clock.currentTimeMillis;
    });
    const impatient = yield* Effect.forkChild(Effect.timeoutOption(wait(1), 5));
    const patient = yield* Effect.forEach(
      [0, 0, 0, 8],
      (arrival) => Effect.forkChild(wait(arrival)),
    );
    const asking = yield* Effect.forkChild(ask());
    strictEqual(yield* Fiber.join(asking), false);
    ok(Option.isNone(yield* Fiber.join(impatient)));
    const entries = yield* Effect.forEach(patient, Fiber.join);
    deepStrictEqual(entries.toSorted((a, b) => a - b), [0, 0, window, window]);
  });

/** Some that wait, some that ask, and some that give up, each at a time of its own. */
export const crowd = (make: () => Window): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { enter, tryEnter } = make();
    const entries: Array<number> = [];
    const client = Effect.fn("client")(function* (
      attempt: Effect.Effect<unknown>,
    ) {
      yield* Effect.sleep(yield* Random.nextIntBetween(0, 3 * window));
      const start = yield* Clock.currentTimeMillis;
      const mayGo = yield* attempt;
      const now = yield* Clock.currentTimeMillis;
      if (mayGo !== false) entries.push(now);
      ok(attempt !== tryEnter || now === start, "who asks has to wait");
    });
    const fibers = [];
    for (let i = 0; i < 16; i++) {
      const attempt = i % 4 === 3 ? tryEnter : enter;
      fibers.push(yield* Effect.forkChild(client(attempt)));
    }
    const impatient = fibers.splice(0, 4);
    for (const fiber of impatient) {
      yield* Effect.sleep(yield* Random.nextIntBetween(0, window));
      yield* Fiber.interrupt(fiber);
    }
    yield* Effect.forEach(fibers, Fiber.join);
    entries.sort((a, b) => a - b);
    for (const [i, time] of entries.entries()) {
      const next = entries[i + limit] ?? Infinity;
      ok(next - time >= window, `${limit + 1} in ${next - time} ms`);
    }
  });
