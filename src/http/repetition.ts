/**
 * Which requests are sent again, and when.
 *
 * @module
 */
import type * as HttpBody from "effect/http/HttpBody";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Schedule from "effect/Schedule";
import { transient } from "../internal/http_status.ts";

/** When a request is sent again; it is told what went wrong. */
export type Retry = Schedule.Schedule<unknown, HttpClientError.HttpClientError>;

/** Three repetitions, after half a second, one and two, each 20 % sooner or later. */
export const defaultRetry: Retry = Schedule.exponential("500 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 3 }),
);

/** Doing it twice is as good as once: RFC 9110, section 9.2.2, and QUERY, which is safe too. */
const idempotent = new Set(
  ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PUT", "DELETE"],
);

/** Whether a request may be sent again without doing harm. */
export function isRepeatable(
  { body, headers, method }: HttpClientRequest.HttpClientRequest,
): boolean {
  return (idempotent.has(method) || headers["idempotency-key"] !== undefined) &&
    canBeSentAgain(body);
}

/** Whether a body is there for a second time; what a stream gives may be gone. */
export function canBeSentAgain(body: HttpBody.HttpBody): boolean {
  return body._tag === "Raw"
    ? !(body.body instanceof ReadableStream)
    : body._tag !== "Stream";
}

/** What is wrong with a response that may go well the next time. */
export function transientFailure(
  response: HttpClientResponse.HttpClientResponse,
): HttpClientError.HttpClientError | undefined {
  if (!transient.has(response.status)) return undefined;
  const { request } = response;
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.StatusCodeError({ request, response }),
  });
}
