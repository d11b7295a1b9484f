/**
 * Limited routes, and many requests at once.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import * as Effect from "effect/Effect";
import type * as HttpRouter from "effect/http/HttpRouter";
import * as Layer from "effect/Layer";
import { type Asked, route, type Send, serve } from "./http.ts";

/** 10 a second, 20 at once. */
export const bucket: Quota.Quota = Quota.tokenBucket({
  rate: 10,
  per: "1 second",
  burst: 20,
  name: "free",
});

/** A keyed limiter with a store of its own. */
export function limiter(
  quota: KeyedLimiter.QuotaByKey,
  options?: KeyedLimiter.Options,
): Layer.Layer<KeyedLimiter.KeyedLimiter> {
  return KeyedLimiter.layer(quota, options).pipe(
    Layer.provide(LimiterStore.layerMemory()),
  );
}

/** Routes, all of them limited. */
export function limited(
  quota: KeyedLimiter.QuotaByKey,
  options?: RateLimit.Options,
  routes: Layer.Layer<never, never, HttpRouter.HttpRouter> = route("/"),
): ReturnType<typeof serve> {
  return serve(
    Layer.mergeAll(routes, RateLimit.layer(options)).pipe(
      Layer.provide(limiter(quota)),
    ),
  );
}

/** The statuses of so many requests, all sent at once. */
export function statuses(
  send: Send,
  count: number,
  asked?: Asked,
): Effect.Effect<Array<number>> {
  return Effect.map(
    Effect.all(Array.from({ length: count }, () => send(asked)), {
      concurrency: "unbounded",
    }),
    (responses) => responses.map(({ status }) => status),
  );
}

/** How many of so many requests, all sent at once, got through. */
export function passed(
  send: Send,
  count: number,
  asked?: Asked,
): Effect.Effect<number> {
  return Effect.map(
    statuses(send, count, asked),
    (statuses) => statuses.filter((status) => status === 200).length,
  );
}
