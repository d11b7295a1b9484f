/**
 * Where a redirect leads, by the rules of the Fetch standard (HTTP-redirect fetch).
 *
 * @module
 */
import * as Headers from "effect/http/Headers";
import * as HttpBody from "effect/http/HttpBody";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as UrlParams from "effect/http/UrlParams";
import * as Option from "effect/Option";
import { redirects } from "../internal/http_status.ts";
import { canBeSentAgain } from "./repetition.ts";

/** Headers that are about a body: gone with it. */
const ofBody = [
  ...["content-encoding", "content-language", "content-location"],
  ...["content-type", "content-length"],
];

/** Headers that are for one origin. */
const ofOrigin = ["authorization", "cookie", "proxy-authorization", "host"];

/** The request that a response asks for in place of the one that it answers; none if it does not, or it cannot be made. */
export function redirected(
  response: HttpClientResponse.HttpClientResponse,
  request: HttpClientRequest.HttpClientRequest,
): HttpClientRequest.HttpClientRequest | undefined {
  const { headers: { location }, status } = response;
  if (location === undefined || !redirects.has(status)) return undefined;
  const asked = Option.getOrUndefined(HttpClientRequest.toUrl(request));
  const base = URL.parse(response.url) ?? asked;
  const url = base && URL.parse(location, base);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;

  let { body, headers, method } = request;
  if (becomesGet(status, method)) {
    method = "GET";
    body = HttpBody.empty;
    headers = Headers.removeMany(headers, ofBody);
  } else if (!canBeSentAgain(body)) {
    return undefined;
  }
  if (url.origin !== base.origin) {
    headers = Headers.removeMany(headers, ofOrigin);
  }
  const hash = (url.hash || asked?.hash || "").slice(1);
  url.hash = "";
  return HttpClientRequest.makeWith(
    method,
    url.href,
    UrlParams.empty,
    hash === "" ? Option.none() : Option.some(hash),
    headers,
    body,
  );
}

function becomesGet(status: number, method: string): boolean {
  return status === 303
    ? method !== "GET" && method !== "HEAD"
    : status <= 302 && method === "POST";
}
