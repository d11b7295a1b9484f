/**
 * What an attempt means for its task.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Schedule from "effect/Schedule";
import type * as Schema from "effect/Schema";
import { wordsFor } from "../internal/words.ts";
import { codecsOf } from "./codecs.ts";
import type { Ending } from "./ending.ts";
import type { Claimed, Outcome } from "./model.ts";
import type { Handler } from "./registry.ts";

/** Why an attempt is interrupted from outside. */
export type Reason = "cancelled" | "released" | "lost";

/** What an attempt that ended so means for its task. */
export function outcomeOf(
  { task }: Handler,
  claimed: Claimed,
  exit: Exit.Exit<unknown, unknown>,
  reason: Reason | undefined,
): Effect.Effect<Outcome> {
  const { encodeError, encodeSuccess } = codecsOf(task);
  if (Exit.isSuccess(exit)) {
    return encoded(encodeSuccess(exit.value), "result", (result) => ({
      _tag: "Completed",
      result,
    }));
  }
  const { cause } = exit;
  if (Cause.hasInterrupts(cause) && reason !== undefined) {
    return Effect.succeed({
      _tag: reason === "cancelled" ? "Cancelled" : "Released",
    });
  }
  const [failure] = cause.reasons.filter(Cause.isFailReason);
  if (failure === undefined) {
    const detail = Cause.hasInterruptsOnly(cause)
      ? "the handler interrupted itself"
      : wordsFor(Cause.squash(cause));
    return Effect.succeed(failed({ _tag: "Defect", detail }));
  }
  const { error } = failure;
  if (error instanceof Misfit) return Effect.succeed(misfit("payload", error));
  return Effect.flatMap(
    nextDelay(task.options.retry, error, claimed.attempts),
    (delay) =>
      encoded(encodeError(error), "error", (encoded) => {
        const detail = wordsFor(error);
        const ending: Ending = { _tag: "Error", error: encoded, detail };
        return delay === undefined
          ? failed(ending)
          : { _tag: "Retry", error: ending, delay };
      }),
  );
}

/** What is stored does not fit its kind any more. */
export class Misfit extends Error {}

function misfit(what: string, error: unknown): Outcome {
  const detail = `the ${what} does not fit its schema: ${wordsFor(error)}`;
  return failed({ _tag: "Payload", detail });
}

/**
 * How long until the next attempt; nothing if there is none. A schedule cannot be stored with a task, so it is stepped anew,
 * as often as the task has begun.
 */
function nextDelay(
  retry: Schedule.Schedule<unknown, unknown> | undefined,
  error: unknown,
  attempts: number,
): Effect.Effect<number | undefined> {
  if (retry === undefined) return Effect.succeed(undefined);
  return Effect.gen(function* () {
    const step = yield* Schedule.toStep(retry);
    const now = yield* Clock.currentTimeMillis;
    let delay = 0;
    for (let n = 0; n < attempts; n++) {
      const [, duration] = yield* step(now, error);
      delay = Duration.toMillis(duration);
    }
    return delay;
  }).pipe(Effect.catch(() => Effect.succeed(undefined)));
}

function encoded(
  effect: Effect.Effect<unknown, Schema.SchemaError>,
  what: string,
  outcome: (encoded: unknown) => Outcome,
): Effect.Effect<Outcome> {
  return effect.pipe(
    Effect.map(outcome),
    Effect.catch((error) => Effect.succeed(misfit(what, error))),
  );
}

function failed(error: Ending): Outcome {
  return { _tag: "Failed", error };
}
