/**
 * Requests whose redirects are handed out as they are.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import type * as HttpClient from "effect/http/HttpClient";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";

type Request = HttpClientRequest.HttpClientRequest;
type Response = HttpClientResponse.HttpClientResponse;

/**
 * The response to a request that is prepared already. What the user set for `fetch` holds, except for `redirect` and `init`: the
 * request is made within the client, where it is known, also if it was given where the layer was built.
 */
export function sentAsIs<E, R>(
  client: HttpClient.HttpClient.With<E, R>,
  request: Request,
  init: RequestInit = {},
): Effect.Effect<Response, E, R> {
  return Effect.withFiber((fiber) => {
    const { context } = fiber;
    return Effect.onExitPrimitive(
      client.postprocess(asManual<E, R>(request, init)),
      () => {
        fiber.setContext(context);
        return undefined;
      },
    );
  });
}

/** A request after which `fetch` follows no redirects in the fiber that asks for it. */
function asManual<E, R>(
  request: Request,
  init: RequestInit,
): Effect.Effect<Request, E, R> {
  return Effect.withFiber((fiber) => {
    const { context } = fiber;
    const { RequestInit } = FetchHttpClient;
    const given = Context.getOrUndefined(context, RequestInit);
    const manual = { ...given, ...init, redirect: "manual" } as const;
    fiber.setContext(Context.add(context, RequestInit, manual));
    return Effect.succeed(request);
  });
}
