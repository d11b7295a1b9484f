/**
 * The body of a request, within its bounds.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { MaxBodySize } from "effect/http/HttpIncomingMessage";
import {
  HttpServerError,
  RequestParseError,
} from "effect/http/HttpServerError";
import type { HttpServerRequest } from "effect/http/HttpServerRequest";
import * as HttpServerRespondable from "effect/http/HttpServerRespondable";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Stream from "effect/Stream";
import { joined } from "../internal/bytes.ts";
import { duration, timeIn } from "../internal/time.ts";
import type { Deadlines } from "./deadlines.ts";

/** What a body may be. */
export interface BodyBounds {
  /** How many bytes, where a route says nothing else by `MaxBodySize`. */
  readonly maxBytes: number;
  /** How long it may take to arrive, in milliseconds. */
  readonly millis: number;
  /** Of the bodies that are read as a whole. */
  readonly deadlines: Deadlines;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads the body of one request: once, however often it is asked for. */
export class RequestBody {
  /** What it was refused for, if it was. */
  complaint: string | undefined;
  private whole: Promise<Bytes> | undefined;

  constructor(
    private readonly source: Request,
    private readonly bounds: BodyBounds,
  ) {}

  /** All of it. */
  bytes(request: HttpServerRequest): Effect.Effect<Bytes, HttpServerError> {
    return Effect.withFiber((fiber) => {
      const max = this.max(fiber.getRef(MaxBodySize));
      return Effect.callback((resume) => {
        const { deadlines } = this.bounds;
        const deadline = deadlines.add(() =>
          resume(Effect.fail(this.tooSlow(request)))
        );
        this.whole ??= this.read(max);
        this.whole.then(
          (bytes) => {
            deadlines.remove(deadline);
            resume(Effect.succeed(bytes));
          },
          (cause) => {
            deadlines.remove(deadline);
            resume(Effect.fail(this.unreadable(request, cause)));
          },
        );
        return Effect.sync(() => deadlines.remove(deadline));
      });
    });
  }

  /** Piece by piece. The time that it may take does not run while nobody asks for the next. */
  stream(
    request: HttpServerRequest,
  ): Stream.Stream<Bytes, HttpServerError> {
    return Stream.unwrap(Effect.withFiber((fiber) => {
      const max = this.max(fiber.getRef(MaxBodySize));
      if (this.whole !== undefined) {
        return Effect.succeed(Stream.fromEffect(this.bytes(request)));
      }
      const declared = declaredLength(this.source);
      if (declared !== undefined && declared > max) {
        return Effect.fail(this.unreadable(request, new TooLarge(max)));
      }
      const { body } = this.source;
      if (body === null) return Effect.succeed(Stream.empty);
      const time = timeIn(fiber.context);
      const pieces = Stream.fromReadableStream({
        evaluate: () => body,
        onError: (cause) => this.unreadable(request, cause),
      });
      return Effect.succeed(
        Stream.transformPull(pieces, (pull) =>
          Effect.sync(() => {
            let received = 0;
            let left = this.bounds.millis;
            return Effect.suspend(() => {
              const since = time.now();
              return Effect.timeoutOrElse(pull, {
                duration: duration(left),
                orElse: () => Effect.fail(this.tooSlow(request)),
              }).pipe(Effect.flatMap((chunk) => {
                left = Math.max(0, left - (time.now() - since));
                for (const { byteLength } of chunk) received += byteLength;
                return received > max
                  ? Effect.fail(this.unreadable(request, new TooLarge(max)))
                  : Effect.succeed(chunk);
              }));
            });
          })),
      );
    }));
  }

  private unreadable(
    request: HttpServerRequest,
    cause: unknown,
  ): HttpServerError {
    if (!(cause instanceof TooLarge)) {
      return new HttpServerError({
        reason: new RequestParseError({ request, cause }),
      });
    }
    this.complaint = cause.message;
    return new HttpServerError({
      reason: new RequestParseError({
        request,
        reason: "BodyTooLarge",
        description: cause.message,
        cause,
      }),
    });
  }

  private tooSlow(request: HttpServerRequest): HttpServerError {
    const time = Duration.format(Duration.millis(this.bounds.millis));
    this.complaint = `The body did not arrive within ${time}`;
    return new HttpServerError({
      reason: new BodyTimeout({ request, description: this.complaint }),
    });
  }

  private max(ofRoute: bigint | undefined): number {
    return ofRoute === undefined ? this.bounds.maxBytes : Number(ofRoute);
  }

  private async read(max: number): Promise<Bytes> {
    const declared = declaredLength(this.source);
    if (declared !== undefined) {
      if (declared > max) throw new TooLarge(max);
      // Ends where it was said to: the server sees to that.
      return await this.source.bytes();
    }
    const { body } = this.source;
    if (body === null) return new Uint8Array();
    const pieces: Array<Bytes> = [];
    let length = 0;
    for await (const piece of body) {
      length += piece.byteLength;
      if (length > max) throw new TooLarge(max);
      pieces.push(piece);
    }
    return joined(pieces);
  }
}

/** What the sender says of the length, if it does. */
function declaredLength(source: Request): number | undefined {
  const field = source.headers.get("content-length");
  return field === null ? undefined : Number(field);
}

class TooLarge extends Error {
  constructor(max: number) {
    super(`The body may have at most ${max} bytes`);
  }
}

/** The body did not arrive in time: a request that cannot be parsed, answered with 408. */
class BodyTimeout extends RequestParseError {
  override [HttpServerRespondable.symbol](): Effect.Effect<
    HttpServerResponse.HttpServerResponse
  > {
    return Effect.succeed(HttpServerResponse.empty({ status: 408 }));
  }
}
