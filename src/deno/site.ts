/**
 * What one program serves: its requests, each on a fiber of its own, until it has to end.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as Fiber from "effect/Fiber";
import * as HttpBody from "effect/http/HttpBody";
import * as HttpEffect from "effect/http/HttpEffect";
import type { HttpMiddleware } from "effect/http/HttpMiddleware";
import { ClientAbort } from "effect/http/HttpServerError";
import { HttpServerRequest } from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { Exchange } from "./exchange.ts";
import { Relay } from "./relay.ts";
import type { BodyBounds } from "./request_body.ts";
import { exchangeOf, requestOf } from "./server_request.ts";
import {
  isOfEvents,
  toWeb,
  unavailable,
  withProblem,
} from "./server_response.ts";

/** What answers requests. */
export type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest | Scope.Scope
>;

/** How long a request runs before anybody looks whether its client is still there, in milliseconds. */
const soon = 5;

/** Runs what answers requests, and knows what is under way. */
export class Site {
  private readonly app: Effect.Effect<void, never, HttpServerRequest>;
  /** Requests that are not answered yet, and streams that have not ended. */
  private underWay = 0;
  private readonly running = new Map<Exchange, Fiber.Fiber<void>>();
  private readonly unwatched: Array<Exchange> = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends streams of events when the server closes. */
  private readonly closing = new AbortController();
  private whenIdle: (() => void) | undefined;

  constructor(
    app: App,
    middleware: HttpMiddleware | undefined,
    private readonly context: Context.Context<never>,
    private readonly bounds: BodyBounds,
  ) {
    this.app = HttpEffect.toHandled(
      app,
      (request, response) => this.respond(exchangeOf(request), response),
      middleware,
    );
  }

  /** Answers a request. */
  handle(
    source: Request,
    info: Deno.ServeHandlerInfo,
  ): Response | Promise<Response> {
    if (this.closing.signal.aborted) {
      return unavailable("The server shuts down");
    }
    const exchange = new Exchange(source, info, this.bounds);
    const fiber = Effect.runForkWith(
      Context.add(this.context, HttpServerRequest, requestOf(exchange)),
    )(this.app);
    const exit = fiber.pollUnsafe();
    if (exit === undefined) this.watch(exchange, fiber);
    else this.end(exchange, exit);
    return exchange.answer;
  }

  /** Takes no more requests, and ends streams of events and WebSockets. */
  get close(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.closing.abort();
      this.watchClients();
      for (const exchange of this.running.keys()) exchange.goAway();
    });
  }

  /** Interrupts what still runs. */
  get interrupt(): Effect.Effect<void> {
    return Effect.sync(() => {
      for (const fiber of this.running.values()) fiber.interruptUnsafe();
    });
  }

  /** Waits for all that is under way, at most so long, and says how much still is. */
  idleWithin(millis: number): Effect.Effect<number> {
    const idle = Effect.callback<void>((resume) => {
      if (this.underWay === 0) return resume(Effect.void);
      this.whenIdle = () => resume(Effect.void);
      return Effect.sync(() => {
        this.whenIdle = undefined;
      });
    });
    return Effect.interruptible(idle).pipe(
      Effect.timeoutOption(millis),
      Effect.map(() => this.underWay),
    );
  }

  private watch(exchange: Exchange, fiber: Fiber.Fiber<void>): void {
    this.running.set(exchange, fiber);
    this.unwatched.push(exchange);
    this.timer ??= setTimeout(() => this.watchClients(), soon);
    this.underWay++;
    fiber.addObserver((exit) => {
      this.running.delete(exchange);
      exchange.unwatch();
      this.end(exchange, exit);
      this.done();
    });
  }

  /** Begins to notice when clients leave. Most are answered before that is worth its price. */
  private watchClients(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const exchange of this.unwatched.splice(0)) {
      const fiber = this.running.get(exchange);
      if (fiber !== undefined) {
        exchange.watch(() =>
          fiber.interruptUnsafe(undefined, ClientAbort.annotation)
        );
      }
    }
  }

  /** Where no answer could be sent, the client hears of it, and so does the log. */
  private end(exchange: Exchange, exit: Exit.Exit<void>): void {
    if (exchange.isAnswered) return;
    exchange.respond(new Response(null, { status: 500 }));
    if (Exit.isFailure(exit)) {
      Effect.runForkWith(this.context)(
        Effect.logError("An answer could not be sent", exit.cause),
      );
    }
  }

  private respond(
    exchange: Exchange,
    response: HttpServerResponse.HttpServerResponse,
  ): Effect.Effect<void> {
    if (exchange.isAnswered) return Effect.void;
    const withoutBody = exchange.source.method === "HEAD";
    try {
      const answer = this.prepare(exchange, response, withoutBody);
      exchange.respond(
        toWeb(answer, withoutBody, this.context, this.closing.signal),
      );
      return Effect.void;
    } catch (cause) {
      return Effect.die(cause);
    }
  }

  private prepare(
    exchange: Exchange,
    response: HttpServerResponse.HttpServerResponse,
    withoutBody: boolean,
  ): HttpServerResponse.HttpServerResponse {
    if (response.body._tag === "Empty" && response.status >= 400) {
      return withProblem(response, exchange.complaint);
    }
    const { body } = response;
    if (
      body._tag !== "Stream" && !isWebStream(body) ||
      HttpServerResponse.omitsBody(response, withoutBody)
    ) return response;
    // Throws where they cannot be sent, while the scope is still the request's.
    new Headers(response.headers);
    return body._tag === "Stream"
      ? this.streamed(HttpEffect.scopeTransferToStream(response))
      : this.relayed(response, body);
  }

  /** The answer counts as under way until its stream has ended. */
  private streamed(
    response: HttpServerResponse.HttpServerResponse,
  ): HttpServerResponse.HttpServerResponse {
    const { body } = response;
    if (body._tag !== "Stream") return response;
    this.underWay++;
    return HttpServerResponse.setBody(
      response,
      HttpBody.stream(
        Stream.onExit(body.stream, () => Effect.sync(() => this.done())),
        body.contentType,
        body.contentLength,
      ),
    );
  }

  /** So does one whose body is a web stream. No fiber waits for it. */
  private relayed(
    response: HttpServerResponse.HttpServerResponse,
    { body: source, contentLength, contentType }: WebStream,
  ): HttpServerResponse.HttpServerResponse {
    const until = isOfEvents(response) ? this.closing.signal : undefined;
    const relay = new Relay(source, until, () => this.done());
    this.underWay++;
    const stream = new ReadableStream(relay, { highWaterMark: 0 });
    return HttpServerResponse.setBody(
      response,
      HttpBody.raw(stream, { contentLength, contentType }),
    );
  }

  private done(): void {
    this.underWay--;
    if (this.underWay === 0) this.whenIdle?.();
  }
}

type WebStream = HttpBody.Raw & { readonly body: ReadableStream<Uint8Array> };

function isWebStream(body: HttpBody.HttpBody): body is WebStream {
  return body._tag === "Raw" && body.body instanceof ReadableStream;
}
