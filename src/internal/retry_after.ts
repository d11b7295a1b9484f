/**
 * How long a server asks its clients to wait.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Headers from "effect/http/Headers";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Result from "effect/Result";
import { untilReset } from "./limit_headers.ts";

type Response = HttpClientResponse.HttpClientResponse;

/**
 * For how many milliseconds a response asks that no request come, at a time in milliseconds since 1970: the `Retry-After` of a
 * 429 or a 503 (RFC 9110, section 10.2.3), which is a number of seconds or a date; without a valid one, the time until a limit
 * that is used up is given back.
 */
export function pauseAskedBy(
  { headers, status }: Pick<Response, "headers" | "status">,
  now: number,
): number {
  const field = headers["retry-after"];
  if (field !== undefined && (status === 429 || status === 503)) {
    const parsed = Headers.parseRetryAfter(field);
    if (Result.isSuccess(parsed)) {
      return Duration.toMillis(Headers.retryAfterDelay(parsed.success, now));
    }
  }
  return untilReset(headers, now);
}
