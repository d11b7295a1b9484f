/**
 * Answers as `Deno.serve` wants them.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Cookies from "effect/http/Cookies";
import type * as Headers from "effect/http/Headers";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as ProblemDetails from "effect/http/ProblemDetails";
import { STATUS_CODES } from "node:http";

/**
 * An answer of the platform. Where one field is enough, Deno sends it nearly twice as fast as two: it states the length of
 * a known body by itself. A stream of events ends when the signal comes.
 */
export function toWeb(
  response: HttpServerResponse.HttpServerResponse,
  withoutBody: boolean,
  context: Context.Context<never>,
  closing: AbortSignal,
): Response {
  const { body, cookies, headers, status, statusText } = response;
  return body._tag === "Uint8Array" && Cookies.isEmpty(cookies) &&
      !HttpServerResponse.omitsBody(response, withoutBody)
    ? new Response(
      // Effect's bytes may be in shared memory by type, and never are.
      body.text ?? body.body as Uint8Array<ArrayBuffer>,
      statusText === undefined
        ? { status, headers: withoutLength(headers) }
        : { status, statusText, headers: withoutLength(headers) },
    )
    : HttpServerResponse.toWeb(response, {
      withoutBody,
      context,
      signal: isOfEvents(response) ? closing : undefined,
    });
}

/** Whether it is a stream of events, which ends when the server does. */
export function isOfEvents(
  { headers }: HttpServerResponse.HttpServerResponse,
): boolean {
  return headers["content-type"]?.startsWith("text/event-stream") === true;
}

/** An error without a body gets one: a problem after RFC 9457. Where there was a complaint about the request's body, its rest is not awaited. */
export function withProblem(
  response: HttpServerResponse.HttpServerResponse,
  complaint: string | undefined,
): HttpServerResponse.HttpServerResponse {
  const answer = HttpServerResponse.setHeaders(
    problem(response.status, complaint),
    response.headers,
  ).pipe(HttpServerResponse.mergeCookies(response.cookies));
  return complaint === undefined ? answer : closing(answer);
}

/** What is answered while nothing is served, or no more. */
export function unavailable(detail: string): Response {
  return HttpServerResponse.toWeb(closing(problem(503, detail)));
}

function closing(
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse {
  return HttpServerResponse.setHeader(response, "connection", "close");
}

function problem(
  status: number,
  detail: string | undefined,
): HttpServerResponse.HttpServerResponse {
  const title = STATUS_CODES[status] ?? "Error";
  return ProblemDetails.toResponse({
    type: ProblemDetails.blankType,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
  });
}

function withoutLength(headers: Headers.Headers): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const name in headers) {
    if (name !== "content-length") fields[name] = headers[name]!;
  }
  return fields;
}
