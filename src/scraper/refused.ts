/**
 * Visits that are refused.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { HttpClientError } from "effect/http/HttpClientError";
import { wordsFor } from "../internal/words.ts";
import { VisitError } from "./visit.ts";

/** Fails because a URL could not be fetched. */
export function refused(
  { href: url }: URL,
  reason: VisitError["reason"],
  detail: string,
): Effect.Effect<never, VisitError> {
  return Effect.fail(new VisitError({ url, reason, detail }));
}

/** Fails because a host asks that no request come for so many milliseconds. */
export function busy(
  url: URL,
  pause: number,
): Effect.Effect<never, VisitError> {
  return refused(url, "Busy", `its host asks for ${seconds(pause)}`);
}

/** Fails because there was no end in so many milliseconds. */
export function late(
  url: URL,
  timeout: number,
): Effect.Effect<never, VisitError> {
  return refused(url, "Timeout", `no end in ${seconds(timeout)}`);
}

/** What broke on the way. */
export function broken({ href: url }: URL, error: unknown): VisitError {
  const cause = error instanceof HttpClientError && "cause" in error.reason
    ? error.reason.cause
    : error;
  const detail = wordsFor(cause ?? error);
  return new VisitError({ url, reason: "Transport", detail });
}

function seconds(millis: number): string {
  return `${Math.ceil(millis / 1000)} seconds`;
}
