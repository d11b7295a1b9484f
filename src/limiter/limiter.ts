/**
 * Decides when work may start, and lets those who wait in, in order.
 *
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 *
 * const call = Effect.succeed("done");
 *
 * const program = call.pipe(
 *   Limiter.limit({ maxWait: "5 seconds" }),
 *   Effect.provide(
 *     Limiter.layer(Quota.tokenBucket({ rate: 10, per: "1 second" })),
 *   ),
 * );
 * ```
 *
 * Callers are served by priority, then first in, first out; whoever is at the head keeps its place, however much it asks
 * for. Interrupting a caller that waits costs nothing and lets the next one through. Time is the clock's monotonic time:
 * the wall clock may step as it likes. A limiter belongs to the clock that it was built under.
 *
 * @module
 */
import type * as Layer from "effect/Layer";
import type { Quota } from "./quota.ts";
import { type Options, Service, type ServiceClass } from "./service.ts";
import type { TakesTurn, Throttle } from "./turn.ts";

export * from "./service.ts";
export * from "./turn.ts";

const /** @internal */ Key: ServiceClass<Limiter, "@weir/weir/Limiter"> =
  Service<Limiter>()("@weir/weir/Limiter");

/** The limiter that the patterns ask for. */
export class Limiter extends Key {}

/**
 * Provides a limiter. Within one composition of layers one value is one limiter, which all who are given it share; every
 * `Effect.provide` builds another, so provide it once, at the edge. Warns when it is alive twice. Throws a `RangeError` that
 * names a bad option.
 *
 * While it is alive, its counts are metrics of Effect, `weir_limiter_waiting` and others, under the attribute `limiter` with the
 * id of its key: read when somebody takes a snapshot, at no cost before.
 *
 * @example At most four at once, whatever the rate
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Effect.forEach(
 *   [1, 2, 3, 4, 5, 6],
 *   (n) => Effect.succeed(n * n).pipe(Limiter.limit()),
 *   { concurrency: "unbounded" },
 * ).pipe(Effect.provide(Limiter.layer(Quota.unlimited, { concurrency: 4 })));
 *
 * deepStrictEqual(await Effect.runPromise(program), [1, 4, 9, 16, 25, 36]);
 * ```
 *
 * @example What a monitor sees
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
 * import { ok } from "node:assert/strict";
 *
 * const program = Effect.void.pipe(
 *   Limiter.limit(),
 *   Effect.andThen(PrometheusMetrics.format()),
 *   Effect.provide(Limiter.layer(Quota.unlimited)),
 * );
 * const line = 'weir_limiter_admitted_total{limiter="@weir/weir/Limiter"} 1';
 * ok((await Effect.runPromise(program)).split("\n").includes(line));
 * ```
 */
export const layer = (
  quota: Quota,
  options?: Options,
): Layer.Layer<Limiter> => Limiter.layer(quota, options);

/** Provides a limiter that never makes anyone wait. */
export const layerUnlimited: Layer.Layer<Limiter> = Limiter.layerUnlimited;

/**
 * Runs an effect when the limiter lets it.
 *
 * @example Wait for a turn, but not for long
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const call = Effect.succeed("done").pipe(Limiter.limit({ maxWait: "1 second" }));
 * const program = Effect.all([call, Effect.flip(call)]).pipe(
 *   Effect.map(([first, second]) => [first, second._tag]),
 *   Effect.provide(
 *     Limiter.layer(Quota.tokenBucket({ rate: 1, per: "1 minute" })),
 *   ),
 * );
 * deepStrictEqual(await Effect.runPromise(program), ["done", "WaitTimeout"]);
 * ```
 */
export const limit: TakesTurn<Limiter> = Limiter.limit;

/**
 * Lets each element of a stream through when the limiter lets it; upstream waits.
 *
 * @example Each element at its own cost
 * ```ts
 * import { Limiter, Quota } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Stream.make("a", "bcd").pipe(
 *   Limiter.throttle({ cost: (text) => text.length }),
 *   Stream.runCollect,
 *   Effect.provide(
 *     Limiter.layer(Quota.tokenBucket({ rate: 1000, per: "1 second" })),
 *   ),
 * );
 * deepStrictEqual(await Effect.runPromise(program), ["a", "bcd"]);
 * ```
 */
export const throttle: Throttle<Limiter> = Limiter.throttle;
