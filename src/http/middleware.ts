/**
 * Limits routes of Effect's router.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import type * as HttpServerResponse from "effect/http/HttpServerResponse";
import type * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import type * as Types from "effect/Types";
import { KeyedLimiter } from "../limiter/mod.ts";
import { admit, warned } from "./admit.ts";
import { EffectIncoming } from "./arrived.ts";
import { Till } from "./charge.ts";
import { type Checked, checked } from "./checked.ts";
import { bounded } from "./key.ts";
import {
  Births,
  chargedTwice,
  isChargedTwice,
  madePerRequest,
  Watch,
} from "./misuse.ts";
import type { Options } from "./options.ts";
import { membersOf, problemResponse } from "./problem.ts";

/** A response to be, whose errors are somebody else's. */
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Types.unhandled
>;

/**
 * Limits every route, and what is no route. One request is let through, or answered 429, before anything of its route runs.
 *
 * The global middleware that is merged before comes first: with `HttpRouter.cors()` before this, preflights are answered
 * uncounted and a refusal has its CORS headers; otherwise let the key be `undefined` for `OPTIONS`. A browser shows scripts
 * the fields only where `exposedHeaders` names them. `HEAD` counts as `GET` does.
 *
 * Warns once of forwarding headers that nobody is trusted with, and of requests charged twice. Throws a `RangeError` that names
 * a bad option.
 *
 * @example Three at once, then one a second
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { RateLimit } from "@weir/weir/http";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * const PerClient = KeyedLimiter.layer(
 *   Quota.tokenBucket({ rate: 1, per: "1 second", burst: 3, name: "free" }),
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 *
 * const Hello = HttpRouter.add(
 *   "GET",
 *   "/hello",
 *   HttpServerResponse.text("hello"),
 * );
 *
 * const key: RateLimit.Key = (request) => request.header("x-api-key");
 *
 * const App = Layer.mergeAll(Hello, RateLimit.layer({ key })).pipe(
 *   Layer.provide(PerClient),
 * );
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(App, {
 *   disableLogger: true,
 * });
 * const response = await handler(
 *   new Request("http://localhost/hello", { headers: { "x-api-key": "anna" } }),
 * );
 * strictEqual(response.headers.get("ratelimit-policy"), '"free";q=3;w=3');
 * strictEqual(response.headers.get("ratelimit"), '"free";r=2;t=1');
 * await dispose();
 * ```
 */
export const layer = (
  options?: Options,
): Layer.Layer<
  never,
  never,
  HttpRouter.HttpRouter | KeyedLimiter.KeyedLimiter
> => HttpRouter.middleware(limiting(checked(options)), { global: true });

/**
 * Limits the routes that its `layer` is provided to, or a whole HttpApi where it is provided to `HttpApiBuilder.layer`; for
 * single endpoints use `check`. Otherwise as {@linkcode layer}.
 *
 * @example An expensive route
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { RateLimit } from "@weir/weir/http";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const Report = HttpRouter.add(
 *   "GET",
 *   "/report",
 *   HttpServerResponse.text("42"),
 * ).pipe(
 *   Layer.provide(RateLimit.middleware({ key: () => "everyone" }).layer),
 *   Layer.provide(
 *     KeyedLimiter.layer(Quota.fixedWindow({ limit: 2, window: "1 hour" }), {
 *       name: "reports",
 *     }),
 *   ),
 *   Layer.provide(LimiterStore.layerMemory()),
 * );
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(Report, {
 *   disableLogger: true,
 * });
 * const statuses: Array<number> = [];
 * for (let n = 0; n < 3; n++) {
 *   const response = await handler(new Request("http://localhost/report"));
 *   statuses.push(response.status);
 * }
 * deepStrictEqual(statuses, [200, 200, 429]);
 * await dispose();
 * ```
 */
export const middleware = (
  options?: Options,
): HttpRouter.Middleware<{
  provides: never;
  handles: never;
  error: never;
  requires: never;
  layerError: never;
  layerRequires: KeyedLimiter.KeyedLimiter;
}> => HttpRouter.middleware(limiting(checked(options)));

const layers = new Births();

/** What limits the app that it is given. */
function limiting(options: Checked): Effect.Effect<
  (app: App) => App,
  never,
  KeyedLimiter.KeyedLimiter
> {
  const { costOf, legacyHeaders, maxWait } = options;
  return Effect.map(KeyedLimiter.KeyedLimiter, (limiter) => {
    const till = new Till(limiter);
    const life = layers.begin();
    const watch = new Watch(options.key);
    return (app: App): App =>
      Effect.withFiber((fiber) => {
        const { context } = fiber;
        const request = Context.getUnsafe(
          context,
          HttpServerRequest.HttpServerRequest,
        );
        const incoming = new EffectIncoming(request);
        const chosen = options.key(incoming);
        if (chosen === undefined) return app;
        const key = bounded(chosen);
        const cost = costOf(incoming);
        const answered = admit(
          fiber,
          till,
          { key, cost, maxWait, legacyHeaders },
          ({ denied }): App =>
            denied === undefined
              ? app
              : Effect.succeed(problemResponse(membersOf(denied))),
        );
        const warning = watch.look(incoming, chosen) ??
          (layers.serve(life) ? madePerRequest : undefined) ??
          (isChargedTwice(scopeIn(context), limiter, key)
            ? watch.once(chargedTwice)
            : undefined);
        return warning === undefined ? answered : warned(warning, answered);
      });
  });
}

/** What a request has of its own, and shares with no other: requests themselves may be sent again, in tests. */
function scopeIn(context: Context.Context<never>): Scope.Scope {
  return Context.getUnsafe(context, Scope.Scope);
}
