/**
 * Charges a request, and lets its response say so.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as HttpEffect from "effect/http/HttpEffect";
import { withFields } from "./answer.ts";
import type { Till, Verdict } from "./charge.ts";

/** What to charge, and how. */
export interface Charge {
  readonly key: string;
  readonly cost: number;
  readonly maxWait: number | undefined;
  readonly legacyHeaders: boolean;
}

/** Charges, lets the response say so, and goes on. */
export function admit<A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  till: Till,
  { cost, key, legacyHeaders, maxWait }: Charge,
  then: (verdict: Verdict) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  const goOn = (verdict: Verdict) => {
    const now = legacyHeaders
      ? Context.get(fiber.context, Clock.Clock).currentTimeMillisUnsafe()
      : undefined;
    HttpEffect.appendPreResponseHandlerUnsafe(
      fiber.context,
      (_, response) => Effect.succeed(withFields(response, verdict, now)),
    );
    return then(verdict);
  };
  const decision = maxWait === undefined ? till.decide(key, cost) : undefined;
  if (decision === undefined) {
    return Effect.flatMap(till.charge(key, cost, maxWait), goOn);
  }
  const verdict = till.verdict(key, decision);
  return verdict === undefined
    ? Effect.flatMap(till.look(key, decision), goOn)
    : goOn(verdict);
}

/** Warns before an effect. */
export function warned<A, E, R>(
  warning: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return Effect.andThen(Effect.logWarning(warning), effect);
}
