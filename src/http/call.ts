/**
 * One request of a caller, with its repetitions and redirects.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as HttpClient from "effect/http/HttpClient";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Pull from "effect/Pull";
import * as Result from "effect/Result";
import * as Schedule from "effect/Schedule";
import { Spending } from "../internal/spending.ts";
import type { KeyedLimiter, RetryBudget } from "../limiter/mod.ts";
import { type Redirect, TooManyRedirects } from "./client_model.ts";
import { type Answer, Exchange, type Terms } from "./exchange.ts";
import { redirected } from "./redirect.ts";
import { isRepeatable, type Retry, transientFailure } from "./repetition.ts";

type Request = HttpClientRequest.HttpClientRequest;
type Response = HttpClientResponse.HttpClientResponse;
type Failure = HttpClientError.HttpClientError;

/** How a request is sent, and what is done about the answer. */
export interface Settings extends Terms {
  /** When it is sent again. */
  readonly retry: Retry;
  /** What that is spent from. */
  readonly retryBudget: RetryBudget.RetryBudget | undefined;
  /** How many redirects are followed. */
  readonly maxRedirects: number;
  /** What happens before one is followed. */
  readonly onRedirect: (redirect: Redirect) => Effect.Effect<void, unknown>;
}

type Step = (
  now: number,
  failure: Failure,
) => Pull.Pull<[unknown, Duration.Duration], never, unknown>;

/** Sends a request until its answer is one for the caller. */
export class Call {
  private exchange: Exchange | undefined;
  private readonly spending: Spending | undefined;

  constructor(
    private readonly client: HttpClient.HttpClient,
    private readonly limiters: KeyedLimiter.Service,
    private readonly settings: Settings,
  ) {
    const { retryBudget } = settings;
    this.spending = retryBudget && new Spending(retryBudget);
  }

  /** The response that is neither tried again nor followed any further. */
  answer(request: Request): Effect.Effect<Response, Failure> {
    return Effect.onError(this.follow(request), () => this.leave);
  }

  /** Gives back what a call holds that is over. */
  private readonly leave: Effect.Effect<void> = Effect.suspend(() =>
    Effect.andThen(this.spending?.end ?? Effect.void, this.close)
  );

  /** Gives back turn and connection of the exchange under way. */
  private readonly close: Effect.Effect<void> = Effect.suspend(() =>
    this.exchange?.close ?? Effect.void
  );

  private follow(first: Request): Effect.Effect<Response, Failure> {
    const { maxRedirects, onRedirect, retry, retryBudget } = this.settings;
    return Effect.gen({ self: this }, function* () {
      if (retryBudget !== undefined) yield* retryBudget.deposit;
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
    const { client, limiters, settings, spending } = this;
    spending?.begin();
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
    const { spending } = this;
    const within = spending === undefined ? next : Effect.flatMap(
      next,
      (delay) =>
        Effect.map(spending.withdraw, (may) => may ? delay : undefined),
    );
    return Pull.catchDone(within, () => Effect.succeed(undefined));
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
