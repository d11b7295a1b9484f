/**
 * How jobs end.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as References from "effect/References";

/** How a job ended. */
export type End = Exit.Exit<unknown, unknown>;

/** How a job that ended so is counted. */
export function statusOf(exit: End): "completed" | "failed" | "cancelled" {
  if (Exit.isSuccess(exit)) return "completed";
  return Cause.hasInterruptsOnly(exit.cause) ? "cancelled" : "failed";
}

/** Whether a defect is part of how a job ended. */
export function dies(exit: End): exit is Exit.Failure<unknown, unknown> {
  return Exit.isFailure(exit) && Cause.hasDies(exit.cause);
}

/** Reports a defect that nobody waits for, where its job would have logged. */
export function report(
  context: Context.Context<never>,
  cause: Cause.Cause<unknown>,
): void {
  Effect.runForkWith(context)(
    Effect.flatMap(
      References.UnhandledLogLevel,
      (level) =>
        level === undefined ? Effect.void : Effect.logWithLevel(level)(
          "A job died while nobody waited for it",
          cause,
        ),
    ),
  );
}
