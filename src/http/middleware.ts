/**
 * Limits routes of Effect's router.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as HttpEffect from "effect/http/HttpEffect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import type * as HttpServerResponse from "effect/http/HttpServerResponse";
import type * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import type * as Types from "effect/Types";
import { positive } from "../internal/check.ts";
import { KeyedLimiter } from "../limiter/mod.ts";
import { withFields } from "./answer.ts";
import { Till, type Verdict } from "./charge.ts";
import { EffectIncoming } from "./incoming.ts";
import { bounded } from "./key.ts";
import {
  Births,
  chargedTwice,
  isChargedTwice,
  type Life,
  madePerRequest,
  Watch,
} from "./misuse.ts";
import { type Checked, checked, maxWaitOf, type Options } from "./options.ts";
import {
  membersOf,
  problemResponse,
  tooMany,
  type TooManyRequests,
} from "./too_many_requests.ts";

/** A response to be, whose errors are somebody else's. */
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Types.unhandled
>;

type Fibers = Fiber.Fiber<unknown, unknown>;

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
 * single endpoints use {@linkcode check}. Otherwise as {@linkcode layer}.
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

/** How {@linkcode check} charges. */
export interface CheckOptions extends Pick<Options, "maxWait"> {
  /** What it takes; 1 if omitted. */
  readonly cost?: number | undefined;
}

/**
 * Charges a key from inside a handler, when only it knows whose request it is. Fails where the key is over its limit; either
 * way the response carries the fields, and a 429 its `Retry-After`. Dies with a `RangeError` that names a bad option.
 *
 * @example
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { RateLimit } from "@weir/weir/http";
 * import * as Effect from "effect/Effect";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Search = HttpRouter.add(
 *   "GET",
 *   "/search",
 *   Effect.gen(function* () {
 *     const user = "anna";
 *     yield* RateLimit.check(user, { cost: 10 });
 *     return HttpServerResponse.text("found");
 *   }),
 * );
 *
 * const PerUser = KeyedLimiter.layer(
 *   Quota.slidingWindow({ limit: 15, window: "1 minute" }),
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(
 *   Layer.provideMerge(Search, PerUser),
 *   { disableLogger: true },
 * );
 * const request = new Request("http://localhost/search");
 * strictEqual((await handler(request)).status, 200);
 * strictEqual((await handler(request)).status, 429);
 * await dispose();
 * ```
 */
export const check = (
  key: string,
  options: CheckOptions = {},
): Effect.Effect<
  void,
  TooManyRequests,
  KeyedLimiter.KeyedLimiter | HttpServerRequest.HttpServerRequest
> =>
  Effect.flatMap(
    KeyedLimiter.KeyedLimiter,
    (limiter) =>
      Effect.withFiber((fiber) => {
        const cost = positive("cost", options.cost ?? 1);
        const maxWait = maxWaitOf(options.maxWait);
        const { life, till } = tillOf(limiter);
        const charge = admit(
          fiber,
          till,
          { key: bounded(key), cost, maxWait, legacyHeaders: false },
          ({ denied }) =>
            denied === undefined ? Effect.void : Effect.fail(tooMany(denied)),
        );
        return checks.serve(life) ? warned(madePerRequest, charge) : charge;
      }),
  );

/** The limiters of `check`, and those of the others, which are made with their routes. */
const checks = new Births();
const layers = new Births();
const tills = new WeakMap<
  KeyedLimiter.Service,
  { readonly till: Till; readonly life: Life }
>();

function tillOf(limiter: KeyedLimiter.Service): {
  readonly till: Till;
  readonly life: Life;
} {
  let known = tills.get(limiter);
  if (known === undefined) {
    known = { till: new Till(limiter), life: checks.begin() };
    tills.set(limiter, known);
  }
  return known;
}

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
        const settled = request.peerAddress !== request.remoteAddress;
        const warning = watch.look(incoming, chosen, settled) ??
          (layers.serve(life) ? madePerRequest : undefined) ??
          (isChargedTwice(scopeIn(context), limiter, key)
            ? watch.once(chargedTwice)
            : undefined);
        return warning === undefined ? answered : warned(warning, answered);
      });
  });
}

/** What to charge, and how. */
interface Charge {
  readonly key: string;
  readonly cost: number;
  readonly maxWait: number | undefined;
  readonly legacyHeaders: boolean;
}

/** Charges, lets the response say so, and goes on. */
function admit<A, E, R>(
  fiber: Fibers,
  till: Till,
  { cost, key, legacyHeaders, maxWait }: Charge,
  then: (verdict: Verdict) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  const goOn = (verdict: Verdict) => {
    const now = legacyHeaders
      ? Context.get(fiber.context, Clock.Clock).currentTimeMillisUnsafe()
      : undefined;
    HttpEffect.appendPreResponseHandlerUnsafe(
      fiber.context,
      (_, response) => Effect.succeed(withFields(response, verdict, now)),
    );
    return then(verdict);
  };
  const decision = maxWait === undefined ? till.decide(key, cost) : undefined;
  if (decision === undefined) {
    return Effect.flatMap(till.charge(key, cost, maxWait), goOn);
  }
  const verdict = till.verdict(key, decision);
  return verdict === undefined
    ? Effect.flatMap(till.look(key, decision), goOn)
    : goOn(verdict);
}

/** What a request has of its own, and shares with no other: requests themselves may be sent again, in tests. */
function scopeIn(context: Context.Context<never>): Scope.Scope {
  return Context.getUnsafe(context, Scope.Scope);
}

function warned<A, E, R>(
  warning: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return Effect.andThen(Effect.logWarning(warning), effect);
}
