/**
 * Effect's HTTP server on `Deno.serve`.
 *
 * ```ts
 * import { DenoHttpServer, DenoRuntime } from "@weir/weir/deno";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 *
 * const Hello = HttpRouter.add("GET", "/", HttpServerResponse.text("hello"));
 *
 * const Server = HttpRouter.serve(Hello).pipe(
 *   Layer.provide(DenoHttpServer.layer({ port: 8000 })),
 * );
 *
 * if (import.meta.main) DenoRuntime.runMain(Layer.launch(Server));
 * ```
 *
 * Put `"unstable": ["no-legacy-abort"]` into your `deno.json`, or Deno warns once that it takes the end of an answer for an
 * abort. It changes nothing else here.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as FileSystem from "effect/FileSystem";
import type * as Etag from "effect/http/Etag";
import type { HttpMiddleware } from "effect/http/HttpMiddleware";
import type * as HttpPlatform from "effect/http/HttpPlatform";
import * as HttpServer from "effect/http/HttpServer";
import { ServeError } from "effect/http/HttpServerError";
import * as Layer from "effect/Layer";
import * as NetAddress from "effect/net/NetAddress";
import type * as Path from "effect/Path";
import type * as Scope from "effect/Scope";
import { millis, refuse, span, whole } from "../internal/check.ts";
import { Deadlines } from "./deadlines.ts";
import type { BodyBounds } from "./request_body.ts";
import { unavailable } from "./server_response.ts";
import { type App, Site } from "./site.ts";

/** Where and how to serve. */
export interface Options {
  /** Which port; 8000 if omitted, any free one if 0. */
  readonly port?: number | undefined;
  /** Which interface; `127.0.0.1` if omitted, all of them if `0.0.0.0`. */
  readonly hostname?: string | undefined;
  /** How long requests may go on once the scope ends; 10 seconds if omitted. Event streams and WebSockets end at once. */
  readonly drain?: Duration.Input | undefined;
  /**
   * How many bytes of a request body are read; 413 beyond. 1 MiB if omitted. Effect's `HttpServerRequest.MaxBodySize`, provided
   * to a route, goes before it there.
   */
  readonly maxBytes?: number | undefined;
  /**
   * How long a request body may take to arrive, from when it is asked for; 408 beyond. Of one that is read as a stream, the
   * time counts in which the program waits for the client. 30 seconds if omitted.
   */
  readonly bodyTimeout?: Duration.Input | undefined;
}

interface Settings {
  readonly port: number;
  readonly hostname: string;
  readonly drainMillis: number;
  readonly maxBytes: number;
  readonly bodyMillis: number;
}

/** How long answers get at least that are given, and only have to leave, in milliseconds. */
const farewell = 1000;

/**
 * Builds the server, for as long as the scope lives. See {@linkcode layer}. Throws a `RangeError` that names a bad option.
 *
 * @example Any free port
 * ```ts
 * import { DenoHttpServer } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import * as HttpServer from "effect/http/HttpServer";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const server = yield* DenoHttpServer.make({ port: 0 });
 *   yield* server.serve(Effect.succeed(HttpServerResponse.text("hello")));
 *   const url = HttpServer.formatAddress(server.address);
 *   const response = yield* Effect.promise(() => fetch(url));
 *   strictEqual(yield* Effect.promise(() => response.text()), "hello");
 * });
 * await Effect.runPromise(Effect.scoped(program));
 * ```
 */
export const make = (
  options?: Options,
): Effect.Effect<HttpServer.HttpServer["Service"], ServeError, Scope.Scope> => {
  const settings = check(options);
  return Effect.map(
    Effect.acquireRelease(listen(settings), (server) => server.stop),
    (server) =>
      HttpServer.make({ address: server.address, serve: server.serve }),
  );
};

/**
 * Provides the server: one fiber for each request, interrupted when its client leaves. Fails with a `ServeError` where the port
 * is taken or not permitted. Throws a `RangeError` that names a bad option.
 *
 * When the scope ends, requests that are under way may go on for `drain`, while new ones get a 503; then they are interrupted.
 * What does not stop a second later is cut off, and logged. Deno tears down the bodies that are just being read when it stops
 * listening, so that is done last; answers that are on their way to a slow client get `drain` once more.
 *
 * An answer with a status of 400 or more and no body gets one: a problem after RFC 9457, which for 408 and 413 says what the
 * bounds are.
 *
 * WebSockets come by `request.upgrade`; more unread messages than `maxBytes` end one. The file system that comes with the server
 * does nothing: to send files, provide one to their routes, such as that of `@effect/platform-node`.
 *
 * @example
 * ```ts
 * import { DenoHttpServer } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as HttpClient from "effect/http/HttpClient";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServer from "effect/http/HttpServer";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Hello = HttpRouter.add("GET", "/hello", HttpServerResponse.text("hello"));
 *
 * const Server = HttpRouter.serve(Hello, { disableLogger: true }).pipe(
 *   Layer.provideMerge(HttpServer.layerTestClient),
 *   Layer.provide(FetchHttpClient.layer),
 *   Layer.provide(DenoHttpServer.layer({ port: 0 })),
 * );
 *
 * const program = Effect.gen(function* () {
 *   const response = yield* HttpClient.get("/hello");
 *   strictEqual(yield* response.text, "hello");
 *   strictEqual((yield* HttpClient.get("/nowhere")).status, 404);
 * });
 * await Effect.runPromise(Effect.provide(program, Server));
 * ```
 */
export const layer = (
  options?: Options,
): Layer.Layer<
  | HttpServer.HttpServer
  | HttpPlatform.HttpPlatform
  | FileSystem.FileSystem
  | Path.Path
  | Etag.Generator,
  ServeError
> =>
  Layer.merge(
    Layer.effect(HttpServer.HttpServer, make(options)),
    HttpServer.layerServices,
  );

function check(options: Options = {}): Settings {
  const { hostname = "127.0.0.1", port = 8000 } = options;
  if (whole("port", port, 0) > 65_535) {
    refuse("port", "a whole number, at most 65535", port);
  }
  return {
    port,
    hostname,
    drainMillis: millis("drain", options.drain ?? "10 seconds"),
    maxBytes: whole("maxBytes", options.maxBytes ?? 1_048_576, 0),
    bodyMillis: span("bodyTimeout", options.bodyTimeout ?? "30 seconds"),
  };
}

function listen(settings: Settings): Effect.Effect<Listener, ServeError> {
  return Effect.withFiber((fiber) => {
    const { bodyMillis, maxBytes } = settings;
    const deadlines = new Deadlines(fiber.context, bodyMillis);
    return Effect.try({
      try: () =>
        new Listener(settings, { deadlines, maxBytes, millis: bodyMillis }),
      catch: (cause) => new ServeError({ cause }),
    });
  });
}

/** A port that is listened on, and the sites behind it. The latest one answers. */
class Listener {
  private readonly sites: Array<Site> = [];
  private readonly abort = new AbortController();
  private readonly server: Deno.HttpServer<Deno.NetAddr>;

  constructor(
    private readonly settings: Settings,
    private readonly bounds: BodyBounds,
  ) {
    const { hostname, port } = settings;
    const { signal } = this.abort;
    this.server = Deno.serve(
      { hostname, port, signal, onListen: () => {} },
      (source, info) =>
        this.sites.at(-1)?.handle(source, info) ??
          unavailable("Nothing is served yet"),
    );
  }

  get address(): NetAddress.SocketAddress {
    const { hostname, port } = this.server.addr;
    return NetAddress.inetAddressFromIpStringUnsafe(hostname, port);
  }

  /** Serves in place of what was served before, until the scope ends. */
  readonly serve = (
    app: App,
    middleware?: HttpMiddleware,
  ): Effect.Effect<void, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.map(Effect.context<never>(), (context) => {
        const site = new Site(app, middleware, context, this.bounds);
        this.sites.push(site);
        return site;
      }),
      (site) =>
        Effect.andThen(
          this.drain(site),
          Effect.sync(() => this.sites.splice(this.sites.indexOf(site), 1)),
        ),
    );

  private drain(site: Site): Effect.Effect<void> {
    const cut = Effect.sync(() => this.abort.abort());
    const unlessIdle = (left: number, then: Effect.Effect<void>) =>
      left === 0
        ? Effect.succeed(0)
        : Effect.andThen(then, site.idleWithin(farewell));
    return site.close.pipe(
      Effect.andThen(site.idleWithin(this.settings.drainMillis)),
      Effect.flatMap((left) => unlessIdle(left, site.interrupt)),
      Effect.flatMap((left) => unlessIdle(left, cut)),
      Effect.flatMap((left) =>
        left === 0
          ? Effect.void
          : Effect.logWarning(`${left} requests did not end when told to`)
      ),
    );
  }

  /** Stops listening, and lets answers leave that are on their way. */
  get stop(): Effect.Effect<void> {
    const shutdown = Effect.promise(() =>
      this.abort.signal.aborted ? this.server.finished : this.server.shutdown()
    );
    return Effect.interruptible(shutdown).pipe(
      Effect.timeoutOrElse({
        duration: Math.max(farewell, this.settings.drainMillis),
        orElse: () => Effect.logWarning("A client does not read its answer"),
      }),
      Effect.andThen(Effect.sync(() => this.bounds.deadlines.clear())),
    );
  }
}
