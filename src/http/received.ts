/**
 * A response whose body is read through a bound.
 *
 * @module
 */
import type * as Cookies from "effect/http/Cookies";
import type * as Headers from "effect/http/Headers";
import type * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage";
import * as UrlParams from "effect/http/UrlParams";
import * as Effect from "effect/Effect";
import * as Inspectable from "effect/Inspectable";
import type * as Option from "effect/Option";
import { pipeArguments } from "effect/Pipeable";
import type * as Schema from "effect/Schema";
import type * as Socket from "effect/socket/Socket";
import type * as Stream from "effect/Stream";
import { type Body, failure, type Head } from "./body.ts";

type Failure = HttpClientError.HttpClientError;

/** All of a response but its body, which comes from elsewhere. */
export function received(
  original: HttpClientResponse.HttpClientResponse,
  head: Head,
  body: Body,
): HttpClientResponse.HttpClientResponse {
  return new Received(original, head, body);
}

class Received extends Inspectable.Class
  implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId =
    HttpIncomingMessage.TypeId;
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId =
    HttpClientResponse.TypeId;
  readonly request: HttpClientRequest.HttpClientRequest;
  readonly status: number;
  readonly headers: Headers.Headers;
  readonly arrayBuffer: Effect.Effect<ArrayBuffer, Failure>;

  constructor(
    private readonly original: HttpClientResponse.HttpClientResponse,
    head: Head,
    private readonly body: Body,
  ) {
    super();
    this.request = head.request;
    this.status = head.status;
    this.headers = head.headers;
    // What has no body reads as an empty one, except as a stream.
    const whole = Effect.catchIf(
      body.whole,
      ({ reason }) => reason._tag === "EmptyBodyError",
      () => Effect.sync(() => new ArrayBuffer(0)),
    );
    this.arrayBuffer = Effect.runSync(Effect.cached(whole));
  }

  get url(): string {
    return this.original.url;
  }

  get cookies(): Cookies.Cookies {
    return this.original.cookies;
  }

  get remoteAddress(): Option.Option<string> {
    return this.original.remoteAddress;
  }

  get upgrade(): Effect.Effect<Socket.Socket, Failure> {
    return this.original.upgrade;
  }

  get stream(): Stream.Stream<Uint8Array, Failure> {
    return this.body.stream;
  }

  get text(): Effect.Effect<string, Failure> {
    return Effect.map(
      this.arrayBuffer,
      (bytes) => new TextDecoder().decode(bytes),
    );
  }

  get json(): Effect.Effect<Schema.Json, Failure> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: (): Schema.Json => text === "" ? null : JSON.parse(text),
        catch: (cause) => failure(this, undefined, cause),
      }));
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Failure> {
    return Effect.map(
      this.text,
      (text) => UrlParams.fromInput(new URLSearchParams(text)),
    );
  }

  get formData(): Effect.Effect<FormData, Failure> {
    return Effect.flatMap(this.arrayBuffer, (bytes) =>
      Effect.tryPromise({
        try: () => {
          const { "content-type": type } = this.headers;
          const headers = type === undefined ? {} : { "content-type": type };
          return new Response(bytes, { headers }).formData();
        },
        catch: (cause) => failure(this, undefined, cause),
      }));
  }

  override toJSON(): unknown {
    return this.original.toJSON();
  }

  pipe(): unknown {
    return pipeArguments(this, arguments);
  }
}
