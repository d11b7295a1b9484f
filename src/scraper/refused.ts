/**
 * Visits that are refused.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { VisitError } from "./visit.ts";

/** Fails because a URL could not be fetched. */
export function refused(
  { href: url }: URL,
  reason: VisitError["reason"],
  detail: string,
): Effect.Effect<never, VisitError> {
  return Effect.fail(new VisitError({ url, reason, detail }));
}
