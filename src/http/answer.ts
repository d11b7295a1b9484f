/**
 * Puts what limits say on responses.
 *
 * @module
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import type { Told, Verdict } from "./charge.ts";
import { join } from "./limit_fields.ts";
import { retrySeconds } from "./problem.ts";

/** Reads a header of a response. */
type Get = (name: string) => string | null | undefined;

/** A header of a response, and its value. */
type Field = readonly [name: string, value: string];

/**
 * The headers that a response with this status gets for a charge. `now` in milliseconds of the wall clock asks for the older
 * ones too.
 */
export function fieldsOf(
  get: Get,
  status: number,
  { denied, told }: Verdict,
  now: number | undefined,
): Array<Field> {
  const fields: Array<Field> = [];
  if (told !== undefined) {
    fields.push(
      ["ratelimit", join(get("ratelimit"), told.item)],
      ["ratelimit-policy", join(get("ratelimit-policy"), told.policy)],
    );
    if (now !== undefined) fields.push(...legacyFields(get, told, now));
  }
  if (denied !== undefined && status === 429) {
    const seconds = retrySeconds(denied.retryAfter);
    const before = Number(get("retry-after") ?? 0);
    if (seconds < Infinity && before < seconds) {
      fields.push(["retry-after", String(seconds)]);
    }
  }
  return fields;
}

/** A response of Effect's server with what came of a charge. */
export function withFields(
  response: HttpServerResponse.HttpServerResponse,
  verdict: Verdict,
  now: number | undefined,
): HttpServerResponse.HttpServerResponse {
  const get: Get = (name) => response.headers[name];
  let told = response;
  for (const [name, value] of fieldsOf(get, response.status, verdict, now)) {
    told = HttpServerResponse.setHeader(told, name, value);
  }
  return told;
}

/** A response of `Deno.serve` with what came of a charge. */
export function told(
  response: Response,
  verdict: Verdict,
  now: number | undefined,
): Response {
  // A WebSocket's response is the connection, and an error has no headers.
  if (response.status === 101 || response.status === 0) return response;
  // What has no body, and so maybe no type, may be sent again for other requests.
  if (!response.headers.has("content-type")) {
    return addTo(new Response(response.body, response), verdict, now);
  }
  try {
    return addTo(response, verdict, now);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The headers of what `fetch` gave cannot be changed.
    return addTo(new Response(response.body, response), verdict, now);
  }
}

function addTo(
  response: Response,
  verdict: Verdict,
  now: number | undefined,
): Response {
  const { headers, status } = response;
  const get: Get = (name) => headers.get(name);
  for (const [name, value] of fieldsOf(get, status, verdict, now)) {
    headers.set(name, value);
  }
  return response;
}

/** One limit only fits into the older headers: the one that leaves less. */
function legacyFields(
  get: Get,
  { limit, standing: { left, seconds } }: Told,
  now: number,
): Array<Field> {
  const before = get("x-ratelimit-remaining");
  if (typeof before === "string" && Number(before) <= left) return [];
  const fields: Array<Field> = [["x-ratelimit-remaining", String(left)]];
  if (limit !== undefined) fields.push(["x-ratelimit-limit", String(limit)]);
  if (seconds < Infinity) {
    const reset = Math.ceil(now / 1000) + seconds;
    fields.push(["x-ratelimit-reset", String(reset)]);
  }
  return fields;
}
