/**
 * A key is over its limit, as an error.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as HttpApiError from "effect/http-api/HttpApiError";
import type * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Schema from "effect/Schema";
import {
  problemResponse,
  type QuotaExceeded,
  status,
  title,
  type,
} from "./problem.ts";

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
