/**
 * What programs on Effect's own structures are made of.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Random from "effect/Random";
import type * as Scope from "effect/Scope";
import { ok } from "node:assert/strict";

/** The numbers from 0 up to `n`. */
export const range = (n: number): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => i);

/** Goes on at once, lets others go first, or takes some milliseconds. */
export const moment: Effect.Effect<void> = Effect.flatMap(
  Random.nextIntBetween(0, 6),
  (n) => n === 0 ? Effect.void : n <= 3 ? Effect.yieldNow : Effect.sleep(n - 3),
);

/** Runs effects at once, each from a moment of its own on, and interrupts some of them. Gives how they ended. */
export const crowd = <A, E>(
  effects: ReadonlyArray<Effect.Effect<A, E>>,
  interruptions = 3,
): Effect.Effect<ReadonlyArray<Exit.Exit<A, E>>> =>
  Effect.gen(function* () {
    const fibers: Array<Fiber.Fiber<A, E>> = [];
    for (const effect of effects) {
      fibers.push(yield* Effect.forkChild(Effect.andThen(moment, effect)));
    }
    const last = fibers.length - 1;
    for (let i = 0; i < interruptions; i++) {
      yield* moment;
      const victim = fibers[yield* Random.nextIntBetween(0, last)]!;
      if (yield* Random.nextBoolean) yield* Fiber.interrupt(victim);
      else victim.interruptUnsafe();
    }
    return yield* Fiber.awaitAll(fibers);
  });

/** As {@linkcode crowd}, and fails if any of them ended in another way than by itself or interrupted. */
export const peacefulCrowd = <A, E>(
  effects: ReadonlyArray<Effect.Effect<A, E>>,
  interruptions?: number,
): Effect.Effect<ReadonlyArray<Exit.Exit<A, E>>> =>
  Effect.map(crowd(effects, interruptions), (exits) => {
    for (const exit of exits) {
      ok(
        Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause),
        String(exit),
      );
    }
    return exits;
  });

/** What is not interrupted between its end and what is made of it. */
export const taking = <A, E, R, B>(
  effect: Effect.Effect<A, E, R>,
  take: (value: A) => B,
): Effect.Effect<B, E, R> =>
  Effect.uninterruptibleMask((restore) => Effect.map(restore(effect), take));

/** Counts those who are in at once. */
export class Room {
  inside = 0;
  most = 0;

  /** Stays for a moment. */
  readonly visit: Effect.Effect<void> = this.visitBy(1);

  /** Stays for a moment, in the place of several. */
  visitBy(places: number): Effect.Effect<void> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        this.inside += places;
        this.most = Math.max(this.most, this.inside);
      }),
      () => moment,
      () =>
        Effect.sync(() => {
          this.inside -= places;
        }),
    );
  }
}

/** Something that is opened and closed. */
export interface Thing {
  isOpen: boolean;
}

/** Knows what was opened and not closed. Opening and closing each take a moment. */
export class Store {
  opened = 0;
  open = 0;

  readonly thing: Effect.Effect<Thing, never, Scope.Scope> = Effect
    .acquireRelease(
      Effect.map(moment, (): Thing => {
        this.opened++;
        this.open++;
        return { isOpen: true };
      }),
      (thing) =>
        Effect.map(moment, () => {
          ok(thing.isOpen, "closed twice");
          thing.isOpen = false;
          this.open--;
        }),
    );
}

/** Uses something for a moment, in which it must be open. */
export const use = (thing: Thing): Effect.Effect<void> =>
  Effect.suspend(() => {
    ok(thing.isOpen, "closed before use");
    return Effect.map(moment, () => ok(thing.isOpen, "closed in use"));
  });
