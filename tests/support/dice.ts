/**
 * What happens by chance in a program that is run many times.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Random from "effect/Random";
import { lcg } from "./random.ts";

/** Draws without an Effect around it. Drawn before fibers start, a plan is the same whatever their order. */
export class Dice {
  /** A dice thrown by the random numbers of the fiber. */
  static readonly make: Effect.Effect<Dice> = Effect.map(
    Random.nextInt,
    (seed) => new Dice(lcg(seed)),
  );

  private constructor(private readonly next: () => number) {}

  /** A whole number from `min` to `max`. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Whether something happens that does `likely` often, from 0 to 1. */
  happens(likely: number): boolean {
    return this.next() < likely;
  }

  pick<const A>(...choices: ReadonlyArray<A>): A {
    return choices[this.whole(0, choices.length - 1)]!;
  }

  /** Milliseconds up to so many, often none. */
  pause(most: number): number {
    return this.happens(0.3) ? 0 : this.whole(1, most);
  }

  list<A>(length: number, draw: (place: number) => A): Array<A> {
    return Array.from({ length }, (_, place) => draw(place));
  }
}

/** Sleeps, or goes on at once. */
export const pause = (millis: number): Effect.Effect<void> =>
  millis === 0 ? Effect.void : Effect.sleep(millis);

/** Milliseconds, exactly: the wall clock of a simulation tells whole ones. */
export const monotonic: Effect.Effect<number> = Effect.map(
  Clock.monotonicTimeNanos,
  (nanos) => Number(nanos) / 1e6,
);
