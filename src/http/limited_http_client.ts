/**
 * An HTTP client that keeps to the limits of the servers that it calls.
 *
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { LimitedHttpClient } from "@weir/weir/http";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as Layer from "effect/Layer";
 *
 * const PerHost = KeyedLimiter.layer(
 *   Quota.tokenBucket({ rate: 5, per: "1 second" }),
 *   { concurrency: 2 },
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 *
 * const Client = LimitedHttpClient.layer().pipe(
 *   Layer.provide([FetchHttpClient.layer, PerHost]),
 * );
 * ```
 *
 * **Turns.** Each request waits for its turn at its host, and so does each repetition and each step of a redirect. With
 * `concurrency`, at most so many requests of a host are under way at once: from the turn until the response is read to its end,
 * fails, or is left (an interrupted read, a stream that is not drained). A response of up to 16 pieces, which is up to 1 MiB on
 * Deno, is read ahead, so it holds its turn no longer than it takes to arrive, whether anybody reads it or not. A larger one
 * holds it until it is read; where nobody begins to within `maxUnread`, its connection is closed, and reading it fails.
 *
 * **Pauses.** A `Retry-After` on a 429 or a 503 (seconds, or an HTTP date in each of its forms) pauses the host for all callers,
 * those in the queue included; without one, a `RateLimit` that is used up does, on any response
 * (draft-ietf-httpapi-ratelimit-headers-10, and its older forms, and `X-RateLimit-Remaining` and `-Reset`). What is malformed
 * is ignored. From the moment of that answer no request gets its turn until the pause is over, or `maxPause` is; who has a
 * turn already goes on.
 *
 * **Repetitions.** A failure in transit and a 429, 502, 503 or 504 are tried again as the schedule `retry` says, if the request
 * is idempotent (GET, HEAD, OPTIONS, TRACE, QUERY, PUT, DELETE) or carries an `Idempotency-Key`, and its body is no stream. Never
 * while a pause lasts; not at all if the server asked for a longer one than `maxPause`, or `retryBudget` has none left. After the
 * last one, the response is handed out as it is, or the failure is raised.
 *
 * **Redirects** are followed here and not by `fetch`, so limits and bounds hold at every step. The rules are those of the Fetch
 * standard: 303 becomes a GET, and so does a POST after 301 or 302; 307 and 308 keep method and body; `authorization`,
 * `proxy-authorization`, `cookie` and `host` do not leave their origin. A step from https to http is followed, as fetch does,
 * without these; `onRedirect` may refuse it. What cannot be followed (no usable `Location`, another scheme, a stream to be sent
 * again) is handed out.
 *
 * **Sizes.** A response that is larger than `maxBytes` fails and its connection is closed: at once where its length is
 * declared, otherwise when the bytes have come, as they are after decompression.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import type * as HttpClientError from "effect/http/HttpClientError";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import type * as Schedule from "effect/Schedule";
import { millis, span, whole } from "../internal/check.ts";
import { KeyedLimiter, type RetryBudget } from "../limiter/mod.ts";
import { Call, type Settings } from "./call.ts";
import type { Redirect } from "./client_model.ts";
import { defaultRetry } from "./repetition.ts";

export * from "./client_model.ts";

type Request = HttpClientRequest.HttpClientRequest;

/** How to call. */
export interface Options {
  /** Which limit a request is under; its host, with the port if it is not the scheme's own, if omitted. */
  readonly key?:
    | ((request: HttpClientRequest.HttpClientRequest) => string)
    | undefined;
  /**
   * When a request is sent again that failed in transit or got a 429, 502, 503 or 504 (it is told a `TransportError` or a
   * `StatusCodeError`), if it is safe to repeat. Counts over all steps of a redirect. Three times, after half a second, one and
   * two with jitter, if omitted.
   */
  readonly retry?:
    | Schedule.Schedule<unknown, HttpClientError.HttpClientError>
    | undefined;
  /**
   * What repetitions are spent from, one budget for all hosts of the client; each request counts as one first try. Where it has
   * none left, the response is handed out or the failure raised, as if `retry` were over. Repetitions are as many as `retry` says
   * if omitted.
   */
  readonly retryBudget?: RetryBudget.RetryBudget | undefined;
  /** For how long an answer may pause its key; what asks for more is not tried again. 1 hour if omitted; 0 heeds no pause. */
  readonly maxPause?: Duration.Input | undefined;
  /** How many bytes of a response are read; one that has more fails by {@linkcode ResponseTooLarge}. 10 MiB if omitted. */
  readonly maxBytes?: number | undefined;
  /** How long a response that is not read ahead whole waits for its reader; then its connection is closed. 30 seconds if omitted. */
  readonly maxUnread?: Duration.Input | undefined;
  /**
   * How many redirects are followed for a request; it fails by {@linkcode TooManyRedirects} at the next one. 20 if omitted; with
   * 0 the first one is handed out.
   */
  readonly maxRedirects?: number | undefined;
  /**
   * Runs before a redirect is followed, and refuses it by failing: the request fails with that as the `cause` of a
   * `StatusCodeError`. It holds no turn, so it may call the same host.
   */
  readonly onRedirect?:
    | ((redirect: Redirect) => Effect.Effect<void, unknown>)
    | undefined;
}

/**
 * Wraps a client. Each request, and each repetition, waits for its turn at its host. A `Retry-After` or an exhausted
 * `RateLimit` pauses that host for all, those that wait included. Throws a `RangeError` that names a bad option.
 *
 * What prepares a request in the client (`HttpClient.mapRequest`) prepares it once, and not again for each redirect.
 * `HttpClient.withScope` around the limited client closes the connection of a response that was not redirected.
 * `FetchHttpClient.RequestInit` holds as before but for its `redirect`; around a client that was changed by
 * `HttpClient.transform`, provide it to the program and not to the layer of `fetch`.
 *
 * @example A server that asks for patience
 * ```ts
 * import { KeyedLimiter } from "@weir/weir";
 * import { LimitedHttpClient } from "@weir/weir/http";
 * import * as Effect from "effect/Effect";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as HttpClient from "effect/http/HttpClient";
 * import { strictEqual } from "node:assert/strict";
 *
 * let asked = 0;
 * const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () =>
 *   ++asked === 1
 *     ? new Response("later", { status: 429, headers: { "retry-after": "1" } })
 *     : new Response("welcome"));
 *
 * const program = Effect.gen(function* () {
 *   const client = yield* LimitedHttpClient.make(yield* HttpClient.HttpClient);
 *   const response = yield* client.get(`http://127.0.0.1:${server.addr.port}`);
 *   strictEqual(yield* response.text, "welcome");
 * });
 * await Effect.runPromise(program.pipe(
 *   Effect.provide(FetchHttpClient.layer),
 *   Effect.provide(KeyedLimiter.layerUnlimited),
 * ));
 * await server.shutdown();
 * ```
 *
 * @example A circuit breaker around it, which counts a call once, with all its repetitions
 * ```ts
 * import { KeyedLimiter } from "@weir/weir";
 * import { LimitedHttpClient } from "@weir/weir/http";
 * import * as Effect from "effect/Effect";
 * import * as HttpClient from "effect/http/HttpClient";
 * import * as HttpClientResponse from "effect/http/HttpClientResponse";
 * import * as CircuitBreaker from "effect/persistence/CircuitBreaker";
 * import * as Schedule from "effect/Schedule";
 * import { strictEqual } from "node:assert/strict";
 *
 * const broken = HttpClient.make((request) =>
 *   Effect.succeed(HttpClientResponse.fromWeb(request, new Response("", { status: 503 })))
 * );
 *
 * const program = Effect.gen(function* () {
 *   const limited = yield* LimitedHttpClient.make(broken, { retry: Schedule.recurs(2) });
 *   const breaker = yield* CircuitBreaker.make({
 *     tripPolicy: CircuitBreaker.consecutive(1),
 *     openDuration: "30 seconds",
 *   });
 *   const client = limited.pipe(HttpClient.withCircuitBreaker({ breaker }));
 *   strictEqual((yield* client.get("http://a.test/")).status, 503);
 *   const refused = yield* Effect.flip(client.get("http://a.test/"));
 *   strictEqual(refused._tag, "CircuitBreakerError");
 * });
 * await Effect.runPromise(program.pipe(
 *   Effect.scoped,
 *   Effect.provide(CircuitBreaker.layerStoreMemory()),
 *   Effect.provide(KeyedLimiter.layerUnlimited),
 * ));
 * ```
 */
export const make = (
  client: HttpClient.HttpClient,
  options: Options = {},
): Effect.Effect<HttpClient.HttpClient, never, KeyedLimiter.KeyedLimiter> => {
  const settings = prepare(options);
  return Effect.map(
    KeyedLimiter.KeyedLimiter,
    (limiters) => wrap(client, limiters, settings),
  );
};

/**
 * Provides a limited client in place of the one below it. Closing it interrupts requests under way, and closes responses that are
 * not read to their end. Throws a `RangeError` that names a bad option.
 *
 * @example Only redirects within a site
 * ```ts
 * import { KeyedLimiter } from "@weir/weir";
 * import { LimitedHttpClient } from "@weir/weir/http";
 * import * as Data from "effect/Data";
 * import * as Effect from "effect/Effect";
 * import * as HttpClient from "effect/http/HttpClient";
 * import * as HttpClientResponse from "effect/http/HttpClientResponse";
 * import * as Layer from "effect/Layer";
 * import { ok } from "node:assert/strict";
 *
 * class OutOfScope extends Data.TaggedError("OutOfScope")<{ url: string }> {}
 *
 * const Site = Layer.succeed(
 *   HttpClient.HttpClient,
 *   HttpClient.make((request) =>
 *     Effect.succeed(HttpClientResponse.fromWeb(request, Response.redirect("http://b.test/")))
 *   ),
 * );
 *
 * const Client = LimitedHttpClient.layer({
 *   onRedirect: ({ to }) =>
 *     new URL(to.url).hostname === "a.test"
 *       ? Effect.void
 *       : Effect.fail(new OutOfScope({ url: to.url })),
 * }).pipe(Layer.provide([Site, KeyedLimiter.layerUnlimited]));
 *
 * const program = Effect.gen(function* () {
 *   const { reason } = yield* Effect.flip(HttpClient.get("http://a.test/"));
 *   ok(reason._tag === "StatusCodeError" && reason.cause instanceof OutOfScope);
 * });
 * await Effect.runPromise(Effect.provide(program, Client));
 * ```
 */
export const layer = (
  options: Options = {},
): Layer.Layer<
  HttpClient.HttpClient,
  never,
  HttpClient.HttpClient | KeyedLimiter.KeyedLimiter
> => {
  const settings = prepare(options);
  return Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient;
      const limiters = yield* KeyedLimiter.KeyedLimiter;
      const scope = yield* Effect.scope;
      return wrap(client, limiters, { ...settings, scope });
    }),
  );
};

function prepare(options: Options): Settings {
  const {
    key = hostOf,
    maxBytes = 10 * 1024 * 1024,
    maxPause = "1 hour",
    maxRedirects = 20,
    maxUnread = "30 seconds",
    onRedirect = () => Effect.void,
    retry = defaultRetry,
    retryBudget,
  } = options;
  return {
    key,
    maxBytes: whole("maxBytes", maxBytes, 1),
    maxPause: millis("maxPause", maxPause),
    maxRedirects: whole("maxRedirects", maxRedirects, 0),
    maxUnread: span("maxUnread", maxUnread),
    onRedirect,
    retry,
    retryBudget,
  };
}

/** `example.com`, `127.0.0.1:8000`. What has no valid URL shares a key, and fails in its turn. */
function hostOf(request: Request): string {
  return Option.match(HttpClientRequest.toUrl(request), {
    onNone: () => "",
    onSome: ({ host }) => host,
  });
}

function wrap(
  client: HttpClient.HttpClient,
  limiters: KeyedLimiter.Service,
  settings: Settings,
): HttpClient.HttpClient {
  return HttpClient.makeWith(
    Effect.flatMap((request) =>
      Effect.suspend(() => {
        const call = new Call(client, limiters, settings);
        return call.answer(request);
      })
    ),
    client.preprocess,
  );
}
