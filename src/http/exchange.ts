/**
 * One request in its turn, and its response until it is read.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import type * as HttpClient from "effect/http/HttpClient";
import type * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import type { KeyedLimiter, Limiter } from "../limiter/mod.ts";
import {
  Body,
  type Bounds,
  declaredSize,
  type Head,
  tooLarge,
} from "./body.ts";
import { received } from "./received.ts";
import { sentAsIs } from "../internal/as_is.ts";
import { pauseAskedBy } from "../internal/retry_after.ts";

type Request = HttpClientRequest.HttpClientRequest;
type Response = HttpClientResponse.HttpClientResponse;
type Failure = HttpClientError.HttpClientError;

/** How requests are sent. */
export interface Terms extends Bounds {
  /** Which limit a request is under. */
  readonly key: (request: Request) => string;
  /** For how long a server may pause its key, in milliseconds. */
  readonly maxPause: number;
  /** Where responses live that nobody has read yet; as long as they are let, if none is given. */
  readonly scope?: Scope.Scope | undefined;
}

/** What came of a request. */
export interface Answer {
  readonly response: Response;
  /** For how many milliseconds the server asked that no request come. */
  readonly pause: number;
}

/**
 * A request that is sent in its turn. A fiber of its own holds the turn, and the connection, until the response is read,
 * whoever reads it.
 */
export class Exchange {
  private readonly answer = Deferred.makeUnsafe<Answer, Failure>();
  private holder: Fiber.Fiber<unknown> | undefined;

  constructor(
    private readonly client: HttpClient.HttpClient,
    private readonly limiters: KeyedLimiter.Service,
    private readonly terms: Terms,
    private readonly request: Request,
  ) {}

  /** Sends the request, and waits for the head of the response. To be closed if it fails or is interrupted. */
  get open(): Effect.Effect<Answer, Failure> {
    return Effect.uninterruptibleMask((restore) => {
      const limiter = this.limiters.for(this.terms.key(this.request));
      const turn = Effect.onExitPrimitive(
        limiter.limit(this.run(limiter)),
        (exit) => {
          if (Exit.isFailure(exit)) {
            Deferred.doneUnsafe(this.answer, Exit.failCause(exit.cause));
          }
          return undefined;
        },
      ).pipe(Effect.ignoreCause);
      return Effect.flatMap(
        this.fork(turn),
        (holder) => {
          this.holder = holder;
          return restore(Deferred.await(this.answer));
        },
      );
    });
  }

  /** Gives back turn and connection, wherever it is. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    this.holder === undefined ? Effect.void : Fiber.interrupt(this.holder)
  );

  private fork(
    turn: Effect.Effect<unknown>,
  ): Effect.Effect<Fiber.Fiber<unknown>> {
    const { scope } = this.terms;
    const options = { startImmediately: true };
    return scope === undefined
      ? Effect.forkDetach(turn, options)
      : Effect.forkIn(turn, scope, options);
  }

  private run(limiter: Limiter.Service): Effect.Effect<unknown, Failure> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        restore(sentAsIs(this.client, this.request)),
        (response) =>
          Effect.onError(
            restore(this.receive(limiter, response)),
            () => leave(response),
          ),
      )
    );
  }

  private receive(
    limiter: Limiter.Service,
    response: Response,
  ): Effect.Effect<unknown, Failure> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const { headers, request, status } = response;
      const head = { headers, request, status };
      const pause = pauseAskedBy(head, now);
      const read = this.read(response, head, pause);
      return pause === 0 ? read : Effect.andThen(
        limiter.pause(Math.min(pause, this.terms.maxPause)),
        read,
      );
    });
  }

  private read(
    response: Response,
    head: Head,
    pause: number,
  ): Effect.Effect<unknown, Failure> {
    const { answer, close, terms } = this;
    const { maxBytes } = terms;
    const size = declaredSize(head);
    if (size > maxBytes) {
      return Effect.fail(tooLarge(response, maxBytes, size));
    }
    // Whoever gets the connection itself reads it without a bound.
    if (head.status === 101) {
      return Deferred.succeed(answer, { response, pause });
    }
    return Effect.flatMap(Body.make(response, head, terms, close), (body) => {
      const bounded = received(response, head, body);
      Deferred.doneUnsafe(answer, Exit.succeed({ response: bounded, pause }));
      return body.pump;
    });
  }
}

/** Gives back the connection of a response that nobody reads any more. */
function leave(response: Response): Effect.Effect<void> {
  return Effect.ignoreCause(Effect.scoped(Stream.toPull(response.stream)));
}
