/**
 * A limiter that remembers who asked it.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import { Limiter, Quota } from "../limiter/mod.ts";

/** One turn, as it was asked for. */
export interface RecordedTurn extends Limiter.TurnOptions {
  /** How it was asked for. */
  readonly by: "acquire" | "tryAcquire" | "limit";
  /** When, in milliseconds of the clock's wall time. */
  readonly at: number;
}

/** A limiter, and what it was asked. */
export interface RecordingLimiter {
  /** Answers as the limiter under it does. Provide it where a limiter is asked for. */
  readonly limiter: Limiter.Service;
  /** The turns that were asked for so far, in order. */
  readonly turns: Effect.Effect<ReadonlyArray<RecordedTurn>>;
}

/**
 * Builds a limiter that remembers who asked it: to test that a program asks for its turns, and at which cost.
 *
 * @example
 * ```ts
 * import { recordingLimiter } from "@weir/weir/testing";
 * import { Limiter } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const upload = Effect.void.pipe(Limiter.limit({ cost: 3 }));
 *
 * const program = Effect.gen(function* () {
 *   const { limiter, turns } = yield* recordingLimiter();
 *   yield* Effect.provideService(upload, Limiter.Limiter, limiter);
 *   deepStrictEqual((yield* turns).map(({ by, cost }) => [by, cost]), [["limit", 3]]);
 * });
 * await Effect.runPromise(program);
 * ```
 */
export const recordingLimiter = (
  quota: Quota.Quota = Quota.unlimited,
  options?: Limiter.Options,
): Effect.Effect<RecordingLimiter> =>
  Effect.map(Limiter.make(quota, options), (under) => {
    const turns: Array<RecordedTurn> = [];
    const record = (
      by: RecordedTurn["by"],
      options: Limiter.TurnOptions | undefined,
    ) =>
      Effect.map(Clock.currentTimeMillis, (at) => {
        turns.push({ ...options, by, at });
      });
    const limiter: Limiter.Service = {
      ...under,
      acquire: (options) =>
        Effect.andThen(record("acquire", options), under.acquire(options)),
      tryAcquire: (options) =>
        Effect.andThen(
          record("tryAcquire", options),
          under.tryAcquire(options),
        ),
      limit: (self, options) =>
        Effect.andThen(record("limit", options), under.limit(self, options)),
    };
    return { limiter, turns: Effect.sync(() => [...turns]) };
  });
