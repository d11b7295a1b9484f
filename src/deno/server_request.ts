/**
 * A request as `Deno.serve` gives it, in the shape that Effect's HTTP modules work with.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Cookies from "effect/http/Cookies";
import * as Headers from "effect/http/Headers";
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage";
import {
  HttpServerError,
  RequestParseError,
} from "effect/http/HttpServerError";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as Multipart from "effect/http/Multipart";
import * as UrlParams from "effect/http/UrlParams";
import * as Inspectable from "effect/Inspectable";
import * as Option from "effect/Option";
import type * as Schema from "effect/Schema";
import type * as Socket from "effect/socket/Socket";
import * as Stream from "effect/Stream";
import type { Exchange } from "./exchange.ts";

/** What middleware may put in place of what came. */
type Changes = Parameters<HttpServerRequest.HttpServerRequest["modify"]>[0];

const decoder = new TextDecoder();

/** The request of an exchange. */
export function requestOf(
  exchange: Exchange,
): HttpServerRequest.HttpServerRequest {
  return new ServerRequest(exchange);
}

/** The exchange of a request that {@linkcode requestOf} made. */
export function exchangeOf(
  request: HttpServerRequest.HttpServerRequest,
): Exchange {
  // The server hands out no other requests, and asks for these only.
  return (request as ServerRequest).exchange;
}

/** One request. What {@linkcode modify} gives shares the body with it. */
class ServerRequest extends Inspectable.Class
  implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId]: typeof HttpServerRequest.TypeId =
    HttpServerRequest.TypeId;
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId =
    HttpIncomingMessage.TypeId;
  readonly url: string;
  private ownHeaders: Headers.Headers | undefined;
  private ownCookies:
    | HttpServerRequest.HttpServerRequest["cookies"]
    | undefined;

  constructor(
    readonly exchange: Exchange,
    private readonly changes: Changes = {},
  ) {
    super();
    this.url = changes.url ?? pathOf(exchange.source.url);
  }

  get source(): Request {
    return this.exchange.source;
  }

  get method(): string {
    return this.exchange.source.method;
  }

  get originalUrl(): string {
    return this.exchange.source.url;
  }

  get headers(): Headers.Headers {
    return this.ownHeaders ??= this.changes.headers ??
      Headers.fromInput(this.exchange.source.headers);
  }

  get cookies(): HttpServerRequest.HttpServerRequest["cookies"] {
    return this.ownCookies ??= Cookies.parseHeader(this.headers.cookie ?? "");
  }

  get remoteAddress(): Option.Option<string> {
    return this.changes.remoteAddress ??
      Option.fromUndefinedOr(this.exchange.address);
  }

  get peerAddress(): Option.Option<string> {
    return this.changes.peerAddress ?? this.remoteAddress;
  }

  get protocol(): "http" | "https" | undefined {
    return this.changes.protocol;
  }

  modify(changes: Changes): HttpServerRequest.HttpServerRequest {
    return new ServerRequest(this.exchange, { ...this.changes, ...changes });
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpServerError> {
    return Effect.map(
      this.exchange.body.bytes(this),
      ({ buffer, byteLength, byteOffset }) =>
        buffer.byteLength === byteLength
          ? buffer
          : buffer.slice(byteOffset, byteOffset + byteLength),
    );
  }

  get text(): Effect.Effect<string, HttpServerError> {
    return Effect.map(
      this.exchange.body.bytes(this),
      (bytes) => decoder.decode(bytes),
    );
  }

  get json(): Effect.Effect<Schema.Json, HttpServerError> {
    return this.parsed((text) => JSON.parse(text));
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpServerError> {
    return this.parsed((text) =>
      UrlParams.fromInput(new URLSearchParams(text))
    );
  }

  get stream(): Stream.Stream<Uint8Array, HttpServerError> {
    return this.exchange.body.stream(this);
  }

  get multipartStream(): Stream.Stream<
    Multipart.Part,
    Multipart.MultipartError
  > {
    return this.stream.pipe(
      Stream.mapError((cause) =>
        Multipart.MultipartError.fromReason("InternalError", cause)
      ),
      Stream.pipeThroughChannel(Multipart.makeChannel(this.headers)),
    );
  }

  get multipart(): HttpServerRequest.HttpServerRequest["multipart"] {
    return Multipart.toPersisted(this.multipartStream);
  }

  get upgrade(): Effect.Effect<Socket.Socket, HttpServerError> {
    return this.upgradeWith({});
  }

  upgradeWith(
    options: { readonly headers?: Headers.Input | undefined },
  ): Effect.Effect<Socket.Socket, HttpServerError> {
    return Effect.mapError(
      this.exchange.upgrade(Headers.fromInput(options.headers)),
      (cause) => this.unparsed(cause),
    );
  }

  override toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "HttpServerRequest",
      method: this.method,
      url: UrlParams.redactUrl(this.originalUrl),
    });
  }

  private parsed<A>(
    parse: (text: string) => A,
  ): Effect.Effect<A, HttpServerError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: () => parse(text),
        catch: (cause) => this.unparsed(cause),
      }));
  }

  private unparsed(cause: unknown): HttpServerError {
    return new HttpServerError({
      reason: new RequestParseError({ request: this, cause }),
    });
  }
}

/** Path and query of an absolute URL. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start === -1 ? "/" : url.slice(start);
}
