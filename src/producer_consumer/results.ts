/**
 * A run as a stream of its results.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Channel from "effect/Channel";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import type { NonEmptyReadonlyArray } from "effect/Array";
import { Flow, type Program, type Setting } from "./flow.ts";
import { Pipe } from "./pipe.ts";

/** How many results wait for whoever reads them; consumers with more wait as well. */
const capacity = 16;

/** Runs a program and gives its results as they complete. The run is over before the stream is. */
export function results<A, B, E1, E, R>(
  setting: Setting,
  program: Program<A, B, E1, E, R>,
): Stream.Stream<B, E, R> {
  return Stream.fromChannel(
    Channel.fromTransform((_, scope) =>
      Effect.uninterruptible(Effect.withFiber((fiber) => {
        const { currentDispatcher } = fiber;
        const pipe = new Pipe<B, E | Cause.Done>(
          capacity,
          "suspend",
          () => true,
          currentDispatcher,
        );
        const flow = new Flow(setting, program, fiber);
        const start = Effect.forkDetach(
          flow.run((result) => pipe.give(result)),
          { startImmediately: true },
        );
        return Effect.flatMap(start, (run) => {
          run.addObserver((exit) =>
            pipe.end(Exit.isSuccess(exit) ? ended : Exit.asVoid(exit))
          );
          const stop = (exit: Exit.Exit<unknown, unknown>) => {
            pipe.abandon();
            const stopped = Fiber.interrupt(run);
            return Exit.hasInterrupts(exit)
              ? Effect.andThen(stopped, flow.logLeft)
              : stopped;
          };
          const take = Effect.sync(() =>
            // It is ready, and nobody else takes.
            pipe.takeAll() as ReadonlyArray<B> as NonEmptyReadonlyArray<B>
          );
          return Effect.as(
            Scope.addFinalizerExit(scope, stop),
            Effect.andThen(pipe.ready, take),
          );
        });
      }))
    ),
  );
}

const ended = Exit.fail(Cause.Done());
