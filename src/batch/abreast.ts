/**
 * Batches of a stream, side by side.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import * as Semaphore from "effect/Semaphore";
import * as Stream from "effect/Stream";

/**
 * Runs so many chunks of a stream at once, and gives their results in order. A chunk keeps its place until its results are
 * read. One that fails ends the others.
 *
 * Whatever runs is a child of the one fiber that pulls: nothing starts once that is interrupted, and it ends after them.
 */
export function abreast<A, B, E0, R0, E, R>(
  chunks: Stream.Stream<A, E0, R0>,
  run: (
    chunk: NonEmptyReadonlyArray<A>,
  ) => Effect.Effect<NonEmptyReadonlyArray<B>, E, R>,
  concurrency: number,
): Stream.Stream<B, E0 | E, R0 | R> {
  type Running = Fiber.Fiber<NonEmptyReadonlyArray<B>, E>;
  return Stream.transformPullBracket(
    chunks,
    (pull, _, scope) =>
      Effect.gen(function* () {
        const places = Semaphore.makeUnsafe(concurrency);
        const started = yield* Queue.unbounded<Running, E0 | Cause.Done>();
        const running = new Set<Running>();
        let failure: Cause.Cause<E> | undefined;
        const track = (fiber: Running) => {
          running.add(fiber);
          fiber.addObserver((exit) => {
            running.delete(fiber);
            if (Exit.isSuccess(exit) || failure !== undefined) return;
            failure = exit.cause;
            for (const other of running) other.interruptUnsafe();
          });
          return Queue.offer(started, fiber);
        };
        const feed = places.take(1).pipe(
          Effect.andThen(pull),
          Effect.flatMap((chunk) =>
            Effect.forkChild(run(chunk), { startImmediately: true })
          ),
          Effect.flatMap(track),
          Effect.forever({ disableYield: true }),
          Effect.catchCause((cause) => Queue.failCause(started, cause)),
          // Its end would be that of those that still run.
          Effect.andThen(Effect.never),
        );
        yield* Effect.forkIn(feed, scope);
        const next = Effect.flatMap(Queue.take(started), Fiber.await);
        return Effect.flatMap(next, (exit) =>
          Exit.isSuccess(exit)
            ? Effect.as(places.release(1), exit.value)
            : Effect.failCause(failure!));
      }),
  );
}
