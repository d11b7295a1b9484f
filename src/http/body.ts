/**
 * The body of a response: read ahead a little, and no further than it may be.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Queue from "effect/Queue";
import * as Stream from "effect/Stream";
import { joined } from "../internal/bytes.ts";
import { words } from "../internal/time.ts";
import { ResponseTooLarge } from "./client_model.ts";

type Response = HttpClientResponse.HttpClientResponse;
type Failure = HttpClientError.HttpClientError;

/** How far a body is read. */
export interface Bounds {
  /** Bytes in all. */
  readonly maxBytes: number;
  /** Milliseconds for which a body waits for its reader, if it does not fit into what is read ahead. */
  readonly maxUnread: number;
}

/** What is known of a response before its body. */
export type Head = Pick<Response, "request" | "status" | "headers">;

/** How many pieces are read before somebody asks for them. Deno cuts bodies into pieces of 64 KiB at most. */
const ahead = 16;
/** Up to how many bytes a body whose length is declared comes as one piece. */
const onePiece = 65_536;

/** Bytes on their way from a connection to whoever reads them. */
export class Body {
  private read = false;
  private size = 0;
  private readonly reader = Deferred.makeUnsafe<void>();

  private constructor(
    private readonly response: Response,
    private readonly head: Head,
    private readonly bounds: Bounds,
    private readonly close: Effect.Effect<void>,
    private readonly queue: Queue.Queue<Uint8Array, Failure | Cause.Done>,
  ) {}

  /** The body of a response; `close` gives back its connection. */
  static make(
    response: Response,
    head: Head,
    bounds: Bounds,
    close: Effect.Effect<void>,
  ): Effect.Effect<Body> {
    return Effect.map(
      Queue.bounded<Uint8Array, Failure | Cause.Done>(ahead),
      (queue) => new Body(response, head, bounds, close, queue),
    );
  }

  /** The bytes as they come, once. */
  get stream(): Stream.Stream<Uint8Array, Failure> {
    return Stream.suspend(() =>
      this.open()
        ? Stream.ensuring(Stream.fromQueue(this.queue), this.close)
        : Stream.fail(readTwice(this.response))
    );
  }

  /** All bytes, once. */
  get whole(): Effect.Effect<ArrayBuffer, Failure> {
    return Effect.suspend(() =>
      this.open()
        ? Effect.ensuring(
          Effect.map(
            Queue.collect(this.queue),
            (pieces) => joined(pieces).buffer,
          ),
          this.close,
        )
        : Effect.fail(readTwice(this.response))
    );
  }

  /** Takes from the connection what comes, up to the end, and as long as it may. */
  get pump(): Effect.Effect<void> {
    const { head, queue, response } = this;
    // At once is twice as fast as piece by piece.
    const all = isOnePiece(head)
      ? Effect.flatMap(
        response.arrayBuffer,
        (bytes) => this.forward([new Uint8Array(bytes)]),
      )
      : Stream.runForEachArray(
        response.stream,
        (pieces) => this.forward(pieces),
      );
    return Effect.onExitPrimitive(all, (exit) => {
      if (Exit.isSuccess(exit)) {
        Queue.endUnsafe(queue);
      } else {
        Queue.failCauseUnsafe(
          queue,
          Cause.hasInterrupts(exit.cause)
            ? Cause.fail(failure(response, "the body was closed"))
            : exit.cause,
        );
      }
      return undefined;
    }).pipe(Effect.ignoreCause);
  }

  private open(): boolean {
    const first = !this.read;
    this.read = true;
    Deferred.doneUnsafe(this.reader, Exit.void);
    return first;
  }

  private forward(
    pieces: ReadonlyArray<Uint8Array>,
  ): Effect.Effect<unknown, Failure> {
    for (const piece of pieces) this.size += piece.byteLength;
    const { bounds: { maxBytes }, queue, response, size } = this;
    if (size > maxBytes) return Effect.fail(tooLarge(response, maxBytes, size));
    const room = ahead - Queue.sizeUnsafe(queue) >= pieces.length;
    const offer = Queue.offerAll(queue, pieces);
    return this.read || room ? offer : Effect.andThen(this.wait, offer);
  }

  private get wait(): Effect.Effect<void, Failure> {
    const { bounds: { maxUnread }, response } = this;
    return Effect.timeoutOrElse(Deferred.await(this.reader), {
      duration: maxUnread,
      orElse: () =>
        Effect.fail(
          failure(response, `the body was not read in ${words(maxUnread)}`),
        ),
    });
  }
}

/** How many bytes a response will have, by its own words; NaN if it does not say. */
export function declaredSize({ headers, request, status }: Head): number {
  const length = headers["content-length"];
  // Those two tell the length of a body that does not come.
  return length === undefined || request.method === "HEAD" || status === 304
    ? NaN
    : Number(length);
}

/** Whether a body is short, and will not grow while it is decompressed. */
function isOnePiece(head: Head): boolean {
  return declaredSize(head) <= onePiece &&
    head.headers["content-encoding"] === undefined;
}

/** A response of which more comes than is allowed. */
export function tooLarge(
  response: Response,
  maxBytes: number,
  size: number,
): Failure {
  const cause = new ResponseTooLarge({ maxBytes, size });
  return failure(response, cause.message, cause);
}

/** What goes wrong with the body of a response. */
export function failure(
  response: Response,
  description: string | undefined,
  cause?: unknown,
): Failure {
  const { request } = response;
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.DecodeError({
      request,
      response,
      cause,
      description,
    }),
  });
}

function readTwice(response: Response): Failure {
  return failure(response, "the body was read before");
}
