/**
 * What a request over its limit is answered: a problem of RFC 9457, of the type that
 * draft-ietf-httpapi-ratelimit-headers-10 gives it.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as ProblemDetails from "effect/http/ProblemDetails";
import type { Decision } from "../limiter/mod.ts";
import { secondsOf } from "./limit_fields.ts";

/** The type of the problem. */
export type QuotaExceeded =
  "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** The same, as a value. */
export const type: QuotaExceeded =
  "https://iana.org/assignments/http-problem-types#quota-exceeded";
/** The status that it comes with. */
export const status = 429;
/** Its title, as registered. */
export const title = "Quota Exceeded";

/** What one problem says, and another does not. */
export interface Members {
  readonly detail?: string | undefined;
  readonly "violated-policies": ReadonlyArray<string>;
  readonly retryAfter?: Duration.Duration | undefined;
}

/** What there is to say of a refusal. */
export function membersOf({ retryAfter, tier }: Decision.Denied): Members {
  const over = `Over the limit "${tier}"`;
  const policies = { "violated-policies": [tier] };
  return Duration.isFinite(retryAfter)
    ? {
      ...policies,
      detail: `${over}: try again in ${retrySeconds(retryAfter)} s`,
      retryAfter,
    }
    : { ...policies, detail: `${over}: no wait makes room for this request` };
}

/** Whole seconds for `Retry-After`, at least 1. */
export function retrySeconds(retryAfter: Duration.Duration): number {
  return Math.max(1, secondsOf(retryAfter));
}

/** The whole problem. */
export function problemOf(
  { detail, retryAfter, "violated-policies": policies }: Members,
): ProblemDetails.ProblemDetails {
  return {
    type,
    status,
    title,
    ...(detail === undefined ? {} : { detail }),
    "violated-policies": policies,
    ...(retryAfter === undefined
      ? {}
      : { retryAfter: Duration.toMillis(retryAfter) }),
  };
}

/** The answer without `Retry-After`, for `Deno.serve`. */
export function problemWeb(members: Members): Response {
  return new Response(JSON.stringify(problemOf(members)), {
    status,
    headers: { "content-type": ProblemDetails.contentType },
  });
}

/** The answer, with `Retry-After` where a wait helps. */
export function problemResponse(
  members: Members,
): HttpServerResponse.HttpServerResponse {
  const response = ProblemDetails.toResponse(problemOf(members));
  const { retryAfter } = members;
  return retryAfter === undefined ? response : HttpServerResponse.setHeader(
    response,
    "retry-after",
    String(retrySeconds(retryAfter)),
  );
}
