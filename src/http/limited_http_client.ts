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
 * is ignored. No pause is longer than `maxPause` after the answer that asked for it.
 *
 * **Repetitions.** A failure in transit and a 429, 502, 503 or 504 are tried again as the schedule `retry` says, if the request
 * is idempotent (GET, HEAD, OPTIONS, TRACE, QUERY, PUT, DELETE) or carries an `Idempotency-Key`, and its body is no stream. Never
 * while a pause lasts; not at all if the server asked for a longer one than `maxPause`. After the last one, the response is
 * handed out as it is, or the failure is raised.
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
import * as Clock from "effect/Clock";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientError from "effect/http/HttpClientError";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as Pull from "effect/Pull";
import * as Result from "effect/Result";
import * as Schedule from "effect/Schedule";
import { millis, span, whole } from "../internal/check.ts";
import { KeyedLimiter } from "../limiter/mod.ts";
import { type Answer, Exchange, type Terms } from "./exchange.ts";
import { type Redirect, redirected, TooManyRedirects } from "./redirect.ts";
import {
  defaultRetry,
  isRepeatable,
  type Retry,
  transientFailure,
} from "./repetition.ts";

export { ResponseTooLarge } from "./body.ts";
export { type Redirect, TooManyRedirects } from "./redirect.ts";

type Request = HttpClientRequest.HttpClientRequest;
type Response = HttpClientResponse.HttpClientResponse;
type Failure = HttpClientError.HttpClientError;

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

/** Options, checked. */
interface Settings extends Terms {
  readonly retry: Retry;
  readonly maxRedirects: number;
  readonly onRedirect: (redirect: Redirect) => Effect.Effect<void, unknown>;
}

/**
 * Wraps a client. Each request, and each repetition, waits for its turn at its host. A `Retry-After` or an exhausted
 * `RateLimit` pauses that host for all, those that wait included. Throws a `RangeError` that names a bad option.
 *
 * What prepares a request in the client (`HttpClient.mapRequest`) prepares it once, and not again for each redirect.
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
  } = options;
  return {
    key,
    maxBytes: whole("maxBytes", maxBytes, 1),
    maxPause: millis("maxPause", maxPause),
    maxRedirects: whole("maxRedirects", maxRedirects, 0),
    maxUnread: span("maxUnread", maxUnread),
    onRedirect,
    retry,
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
        return Effect.onError(call.answer(request), () => call.close);
      })
    ),
    client.preprocess,
  );
}

type Step = (
  now: number,
  failure: Failure,
) => Pull.Pull<[unknown, Duration.Duration], never, unknown>;

/** One request of a caller, with its repetitions and redirects. */
class Call {
  private exchange: Exchange | undefined;

  constructor(
    private readonly client: HttpClient.HttpClient,
    private readonly limiters: KeyedLimiter.Service,
    private readonly settings: Settings,
  ) {}

  /** Gives back turn and connection of the exchange under way. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    this.exchange?.close ?? Effect.void
  );

  /** The response that is neither tried again nor followed any further. */
  answer(first: Request): Effect.Effect<Response, Failure> {
    const { maxRedirects, onRedirect, retry } = this.settings;
    return Effect.gen({ self: this }, function* () {
      const step: Step = yield* Schedule.toStep(retry);
      let request = first;
      for (let followed = 0;; followed++) {
        const from = yield* this.attempt(request, step);
        const to = redirected(from, request);
        if (to === undefined || maxRedirects === 0) return from;
        yield* this.close;
        if (followed === maxRedirects) {
          const cause = new TooManyRedirects({ maxRedirects });
          return yield* Effect.fail(notFollowed(from, cause));
        }
        yield* Effect.mapError(
          onRedirect({ from, to, followed }),
          (cause) => notFollowed(from, cause),
        );
        request = to;
      }
    });
  }

  /** The response to a request, tried again as often as it may be. */
  private attempt(
    request: Request,
    step: Step,
  ): Effect.Effect<Response, Failure> {
    const { client, limiters, settings } = this;
    const exchange = new Exchange(client, limiters, settings, request);
    this.exchange = exchange;
    return Effect.flatMap(
      Effect.result(exchange.open),
      (result) =>
        Effect.flatMap(this.delay(request, result, step), (delay) => {
          if (delay === undefined) {
            return Effect.fromResult(
              Result.map(result, ({ response }) => response),
            );
          }
          const again = Effect.suspend(() => this.attempt(request, step));
          return Effect.andThen(
            exchange.close,
            Effect.delay(again, delay),
          );
        }),
    );
  }

  /** How long until a request is sent again; nothing if it is not. Pauses are the limiter's. */
  private delay(
    request: Request,
    result: Result.Result<Answer, Failure>,
    step: Step,
  ): Effect.Effect<Duration.Duration | undefined> {
    const failure = failureOf(result);
    if (
      failure === undefined || !isRepeatable(request) ||
      (Result.isSuccess(result) &&
        result.success.pause > this.settings.maxPause)
    ) return Effect.succeed(undefined);
    const next = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => Effect.map(step(now, failure), ([, delay]) => delay),
    );
    return Pull.catchDone(next, () => Effect.succeed(undefined));
  }
}

/** What may go well the next time. */
function failureOf(
  result: Result.Result<Answer, Failure>,
): Failure | undefined {
  if (Result.isSuccess(result)) {
    return transientFailure(result.success.response);
  }
  return result.failure.reason._tag === "TransportError"
    ? result.failure
    : undefined;
}

function notFollowed(response: Response, cause: unknown): Failure {
  const { request } = response;
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.StatusCodeError({
      request,
      response,
      cause,
      description: "redirect not followed",
    }),
  });
}
