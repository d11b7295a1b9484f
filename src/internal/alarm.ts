/**
 * One timer that can be moved.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import { forkFrom } from "./async_scope.ts";
import { shortest, type Time, timeIn } from "./time.ts";

/**
 * Rings once, at or after the time that was set last. A fiber of its own sleeps meanwhile; there is none while no time is
 * set. It may ring early, when it was moved to a later time: whoever is called looks at the clock.
 */
export class Alarm {
  readonly time: Time;
  private at = Infinity;
  private fiber: Fiber.Fiber<void> | undefined;
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>;
  private readonly ring: Effect.Effect<void>;

  constructor(context: Context.Context<never>, ring: Effect.Effect<void>) {
    this.time = timeIn(context);
    this.fork = forkFrom(context);
    this.ring = ring;
  }

  /** Moves the alarm; infinitely far switches it off. */
  set(at: number, now: number): void {
    if (at === Infinity) {
      this.stop();
    } else if (this.fiber === undefined || at < this.at) {
      this.stop();
      this.at = at;
      let rang = false;
      const ring = Effect.suspend(() => {
        rang = true;
        this.fiber = undefined;
        return this.ring;
      });
      const sleep = this.time.sleep(Math.max(shortest, at - now));
      const fiber = this.fork(Effect.andThen(sleep, ring));
      if (!rang) this.fiber = fiber;
    }
  }

  private stop(): void {
    const { fiber } = this;
    this.fiber = undefined;
    fiber?.interruptUnsafe();
  }
}
