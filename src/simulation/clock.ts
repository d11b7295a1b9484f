/**
 * Virtual time.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type { FastClock, Time } from "../internal/time.ts";
import { Chance } from "./chance.ts";
import { type FiberState, stateOf } from "./fibers.ts";
import type { Task } from "./order.ts";
import type { Plan } from "./plan.ts";
import { type Timer, Timers } from "./timers.ts";

/** Knows what else goes on while a fiber sleeps. */
export interface Sleepers {
  /** A fiber goes to sleep. */
  sleeps(fiber: FiberState, millis: number): void;
  /** Lets time pass at once if nothing else happens until then, and says whether it did. */
  passes(fiber: FiberState, at: number): boolean;
}

interface Sleep extends Timer, Task {}

/** A clock that stands still until it is moved. It starts in 1970. */
export class VirtualClock implements FastClock {
  /** In milliseconds. */
  now = 0;
  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() =>
    this.currentTimeMillisUnsafe()
  );
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() =>
    this.currentTimeNanosUnsafe()
  );
  readonly monotonicTimeNanos: Effect.Effect<bigint> = Effect.sync(() =>
    this.monotonicTimeNanosUnsafe()
  );
  readonly time: Time = {
    now: () => this.now,
    sleep: (millis) =>
      millis > 0 && millis < Infinity
        ? Effect.suspend(() => this.sleepMillis(millis))
        : this.sleep(Duration.millis(millis)),
  };
  private readonly timers = new Timers<Sleep>();
  private readonly jitter: number;
  private readonly chance: Chance;
  private readonly sleepers: Sleepers;
  private count = 0;

  constructor({ seed, timerJitter }: Plan, sleepers: Sleepers) {
    this.jitter = timerJitter;
    this.chance = new Chance(seed, "lateness");
    this.sleepers = sleepers;
  }

  currentTimeMillisUnsafe(): number {
    return Math.floor(this.now);
  }

  currentTimeNanosUnsafe(): bigint {
    return BigInt(Math.round(this.now * 1e6));
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe();
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration);
    if (millis <= 0) return Effect.yieldNow;
    if (!Number.isFinite(millis)) return Effect.never;
    return Effect.suspend(() => this.sleepMillis(millis));
  }

  /** When the next timer is due; `Infinity` if there is none. */
  get nextAt(): number {
    return this.timers.peek()?.at ?? Infinity;
  }

  /** Takes a timer that is due. */
  take(): Task | undefined {
    return this.nextAt <= this.now ? this.timers.pop() : undefined;
  }

  private sleepMillis(millis: number): Effect.Effect<void> {
    const late = this.jitter > 0 ? this.chance.next() * this.jitter : 0;
    // On a grid of nanoseconds, lest errors of fractions add up to wrong milliseconds.
    const at = Math.round((this.now + millis + late) * 1e6) / 1e6;
    const fiber = stateOf(Fiber.getCurrent());
    if (fiber !== undefined) {
      this.sleepers.sleeps(fiber, at - this.now);
      if (this.sleepers.passes(fiber, at)) return Effect.void;
    }
    return Effect.callback((resume) => {
      const number = this.count++;
      const run = () => resume(Effect.void);
      const timer: Sleep = { at, number, cancelled: false, fiber, run };
      this.timers.push(timer);
      return Effect.sync(() => {
        if (at > this.now) this.timers.cancel(timer);
      });
    });
  }
}
