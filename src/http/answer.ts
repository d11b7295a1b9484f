/**
 * Puts what limits say on responses.
 *
 * @module
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import type { Told, Verdict } from "./charge.ts";
import { join } from "./limit_fields.ts";
import { retrySeconds } from "./too_many_requests.ts";

/** The headers of a response, whatever holds them. */
interface Fields {
  readonly get: (name: string) => string | null | undefined;
  readonly set: (name: string, value: string) => void;
}

/**
 * Adds what came of a charge to the headers of a response with this status. `now` in milliseconds of the wall clock asks for
 * the older headers too.
 */
export function addFields(
  fields: Fields,
  status: number,
  { denied, told }: Verdict,
  now: number | undefined,
): void {
  if (told !== undefined) {
    fields.set("ratelimit", join(fields.get("ratelimit"), told.item));
    const policy = fields.get("ratelimit-policy");
    fields.set("ratelimit-policy", join(policy, told.policy));
    if (now !== undefined) addLegacy(fields, told, now);
  }
  if (denied !== undefined && status === 429) {
    const seconds = retrySeconds(denied.retryAfter);
    const before = fields.get("retry-after") ?? 0;
    if (seconds < Infinity && Number(before) < seconds) {
      fields.set("retry-after", String(seconds));
    }
  }
}

/** A response of Effect's server with what came of a charge. */
export function withFields(
  response: HttpServerResponse.HttpServerResponse,
  verdict: Verdict,
  now: number | undefined,
): HttpServerResponse.HttpServerResponse {
  const added: Record<string, string> = {};
  const fields: Fields = {
    get: (name) => added[name] ?? response.headers[name],
    set: (name, value) => {
      added[name] = value;
    },
  };
  addFields(fields, response.status, verdict, now);
  return HttpServerResponse.setHeaders(response, added);
}

/** One limit only fits into the older headers: the one that leaves less. */
function addLegacy(
  fields: Fields,
  { limit, standing: { left, seconds } }: Told,
  now: number,
): void {
  const before = fields.get("x-ratelimit-remaining");
  if (typeof before === "string" && Number(before) <= left) return;
  if (limit !== undefined) fields.set("x-ratelimit-limit", String(limit));
  fields.set("x-ratelimit-remaining", String(left));
  if (seconds < Infinity) {
    const reset = Math.ceil(now / 1000) + seconds;
    fields.set("x-ratelimit-reset", String(reset));
  }
}
