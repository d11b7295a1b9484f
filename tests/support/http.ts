/**
 * A router served to requests that come from where a test says.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as HttpEffect from "effect/http/HttpEffect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as Option from "effect/Option";
import type * as Scope from "effect/Scope";
import { parseList } from "structured-headers";

/** What a request is, besides a `GET` of `/` from `192.0.2.1`. */
export interface Asked {
  readonly path?: string;
  readonly method?: string;
  /** None for a Unix socket. */
  readonly address?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request. */
export type Send = (asked?: Asked) => Effect.Effect<Response>;

/** What a router layer needs that is there once it is served. */
type Router =
  | HttpRouter.HttpRouter
  | HttpRouter.Request<"Requires", unknown>
  | HttpRouter.Request<"Error", unknown>
  | HttpRouter.Request<"GlobalRequires", unknown>
  | HttpRouter.Request<"GlobalError", unknown>;

/** Serves routes in this scope, on the clock of whoever sends. */
export function serve<R extends Router>(
  routes: Layer.Layer<never, never, R>,
): Effect.Effect<Send, never, Scope.Scope> {
  return Effect.gen(function* () {
    // What is left to require is there for each request.
    const app = Layer.provideMerge(routes, HttpRouter.layer) as Layer.Layer<
      HttpRouter.HttpRouter
    >;
    const context = yield* Layer.build(app);
    const router = Context.get(context, HttpRouter.HttpRouter);
    const responses = new WeakMap<object, Response>();
    const handled = HttpEffect.toHandled(
      router.asHttpEffect(),
      (request, answer) =>
        Effect.sync(() => {
          const withoutBody = request.method === "HEAD";
          const response = HttpServerResponse.toWeb(answer, { withoutBody });
          responses.set(request.source, response);
        }),
    ).pipe(Effect.provideContext(context), Effect.exit);
    return (asked = {}) => {
      const { address = "192.0.2.1", headers, method = "GET", path = "/" } =
        asked;
      const source = new Request(`http://localhost${path}`, {
        method,
        headers: { ...headers },
      });
      const request = HttpServerRequest.fromWeb(source).modify({
        remoteAddress: Option.fromNullishOr(address),
      });
      return handled.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, request),
        // Somebody is always answered.
        Effect.map(() => responses.get(source)!),
      );
    };
  });
}

/** An item of a list of RFC 9651, with its parameters. */
export interface Item {
  readonly name: unknown;
  readonly [parameter: string]: unknown;
}

/** The items of a header, as a library reads them. */
export function itemsOf(response: Response, header: string): Array<Item> {
  return parseList(response.headers.get(header) ?? "").map((
    [name, parameters],
  ) => ({ name, ...Object.fromEntries(parameters) }));
}

/** A route that answers 200. */
export function route(path: HttpRouter.PathInput): Layer.Layer<
  never,
  never,
  HttpRouter.HttpRouter
> {
  return HttpRouter.add("GET", path, HttpServerResponse.text("hello"));
}

/** Collects what is warned of in place of printing it. */
export function collecting(warnings: Array<string>): Layer.Layer<never> {
  return Logger.layer([
    Logger.make(({ logLevel, message }) => {
      if (logLevel === "Warn") warnings.push(String(message));
    }),
  ]);
}
