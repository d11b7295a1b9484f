/**
 * What a request over its limit is answered: a problem of RFC 9457, of the type that
 * draft-ietf-httpapi-ratelimit-headers-10 gives it.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as HttpApiError from "effect/http-api/HttpApiError";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as ProblemDetails from "effect/http/ProblemDetails";
import * as Schema from "effect/Schema";
import type { Decision } from "../limiter/mod.ts";
import { secondsOf } from "./limit_fields.ts";

/** The type of the problem. */
type QuotaExceeded =
  "https://iana.org/assignments/http-problem-types#quota-exceeded";

const type: QuotaExceeded =
  "https://iana.org/assignments/http-problem-types#quota-exceeded";
const status = 429;
const title = "Quota Exceeded";

const /** @internal */ Problem: HttpApiError.ProblemClass<
  TooManyRequests,
  "TooManyRequests",
  QuotaExceeded,
  typeof status,
  {
    readonly "violated-policies": Schema.$Array<Schema.String>;
    readonly retryAfter: Schema.optionalKey<typeof Schema.DurationFromMillis>;
  },
  unknown
> = HttpApiError.Problem<TooManyRequests, unknown>()(
  "TooManyRequests",
  { type, status, title },
  {
    "violated-policies": Schema.Array(Schema.String),
    retryAfter: Schema.optionalKey(Schema.DurationFromMillis),
  },
);

/**
 * A key is over its limit. Becomes a 429 by itself: a problem with `Retry-After`. List it among the errors of an HttpApi
 * endpoint, and the typed client decodes it.
 *
 * Its body has `violated-policies`, as the draft has them, and `retryAfter` in milliseconds; without one no wait helps.
 *
 * @example
 * ```ts
 * import { RateLimit } from "@weir/weir/http";
 * import * as HttpServerRespondable from "effect/http/HttpServerRespondable";
 * import * as Duration from "effect/Duration";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const error = new RateLimit.TooManyRequests({
 *   "violated-policies": ["free plan"],
 *   retryAfter: Duration.seconds(2.5),
 * });
 * const response = await Effect.runPromise(
 *   HttpServerRespondable.toResponse(error),
 * );
 * strictEqual(response.status, 429);
 * strictEqual(response.headers["retry-after"], "3");
 * ```
 */
export class TooManyRequests extends Problem {
  /** Which limit. */
  get tier(): string {
    return this["violated-policies"][0] ?? "";
  }

  /** Which limit, and when to come again. */
  override get message(): string {
    return this.detail ?? `Over the limit "${this.tier}"`;
  }

  /** Answers 429. */
  // The name of HttpServerRespondable's symbol, which declarations cannot refer to.
  override "~effect/http/HttpServerRespondable"(): Effect.Effect<
    HttpServerResponse.HttpServerResponse
  > {
    return Effect.succeed(problemResponse(this));
  }
}

/** What one problem says, and another does not. */
export type Members = Pick<
  TooManyRequests,
  "detail" | "violated-policies" | "retryAfter"
>;

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

/** A refusal as an error. */
export function tooMany(denied: Decision.Denied): TooManyRequests {
  const { detail = "", retryAfter, ...members } = membersOf(denied);
  return new TooManyRequests(
    retryAfter === undefined
      ? { ...members, detail }
      : { ...members, detail, retryAfter },
  );
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
