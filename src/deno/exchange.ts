/**
 * One request and its answer.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Headers from "effect/http/Headers";
import * as Socket from "effect/socket/Socket";
import { type BodyBounds, RequestBody } from "./request_body.ts";

/** What is between a request and its answer. The first answer counts. */
export class Exchange {
  private whenLeft: (() => void) | undefined;
  private response: Response | undefined;
  private give: ((response: Response) => void) | undefined;
  private ownBody: RequestBody | undefined;
  private ownSocket: WebSocket | undefined;

  constructor(
    readonly source: Request,
    readonly info: Deno.ServeHandlerInfo,
    private readonly bounds: BodyBounds,
  ) {}

  /** Where the connection comes from, unless it is a socket in the file system. */
  get address(): string | undefined {
    const { remoteAddr } = this.info;
    return "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
  }

  /** What the client sends. */
  get body(): RequestBody {
    return this.ownBody ??= new RequestBody(this.source, this.bounds);
  }

  /** What the body was refused for, if it was. */
  get complaint(): string | undefined {
    return this.ownBody?.complaint;
  }

  /** Whether it has its answer. */
  get isAnswered(): boolean {
    return this.response !== undefined;
  }

  /** Answers, unless that was done. */
  respond(response: Response): void {
    if (this.isAnswered) return;
    this.response = response;
    this.give?.(response);
  }

  /** The answer, now or later. */
  get answer(): Response | Promise<Response> {
    return this.response ?? new Promise((resolve) => {
      this.give = resolve;
    });
  }

  /** Says when the client leaves, unless the connection has become something else. */
  watch(whenLeft: () => void): void {
    if (this.ownSocket !== undefined) return;
    this.whenLeft = whenLeft;
    this.source.signal.addEventListener("abort", whenLeft, { once: true });
  }

  /** Says so no more. */
  unwatch(): void {
    if (this.whenLeft === undefined) return;
    this.source.signal.removeEventListener("abort", this.whenLeft);
    this.whenLeft = undefined;
  }

  /** Goes over to a WebSocket. Fails with what Deno says against it. */
  upgrade(headers: Headers.Headers): Effect.Effect<Socket.Socket, unknown> {
    return Effect.try({
      try: () => {
        const { response, socket } = Deno.upgradeWebSocket(this.source);
        for (const [name, value] of Object.entries(headers)) {
          response.headers.set(name, value);
        }
        this.ownSocket = socket;
        // To Deno, the request is over.
        this.unwatch();
        this.respond(response);
        return socket;
      },
      catch: (cause) => cause,
    }).pipe(Effect.flatMap((socket) =>
      Socket.fromWebSocket(
        Effect.acquireRelease(
          Effect.succeed(socket),
          () => Effect.sync(() => socket.close()),
        ),
        { highWaterMark: this.bounds.maxBytes },
      )
    ));
  }

  /** Tells the client of a WebSocket that the server goes. */
  goAway(): void {
    this.ownSocket?.close(1001, "The server shuts down");
  }
}
