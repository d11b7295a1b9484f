/**
 * A limit as a value: how much may start, in which time.
 *
 * A quota is plain data; what it allows is a pure function of it ({@linkcode decide}). Waiting, order and timers live in
 * `Limiter`.
 *
 * ```ts
 * import { Quota } from "@weir/weir";
 *
 * const github = Quota.all(
 *   Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
 *   Quota.slidingWindow({ limit: 5000, window: "1 hour" }),
 * );
 * ```
 *
 * | limit | in any interval `t` at most | remembers | costs |
 * |-|-|-|-|
 * | {@linkcode tokenBucket} | `burst + rate·t` | 3 numbers | any positive number |
 * | {@linkcode slidingWindow} | `limit·(⌊t/window⌋ + 1)` | up to 2·`limit` numbers | whole numbers |
 * | {@linkcode slidingCounter} | `limit·(1 + t/window)` | 3 numbers | whole numbers |
 * | {@linkcode fixedWindow} | `limit·(⌈t/window⌉ + 1)` | 2 numbers | whole numbers |
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import { millis, span } from "../internal/check.ts";
import type { Quota } from "./codec.ts";
import { Meter } from "./meter.ts";
import type { Tier } from "./model.ts";
import { algorithmOf, distinct, named, type Nameless } from "./tier.ts";

export * from "./codec.ts";
export * from "./decide.ts";
export * from "./model.ts";

/** What {@linkcode tokenBucket} needs to know. */
export interface TokenBucketOptions {
  /** Units that flow in during `per`: a positive number. */
  readonly rate: number;
  /** The time that `rate` speaks of: positive and finite. */
  readonly per: Duration.Input;
  /**
   * How much may be spent at once after a rest: at least 1. `rate` if omitted, or 1 where that is less. A full bucket takes no
   * more in: with 1, what would flow in while a timer is late is lost, and a little more keeps the rate.
   */
  readonly burst?: number | undefined;
  /** Names the tier. Made from the numbers if omitted. */
  readonly name?: string | undefined;
}

/** What the three window limits need to know. */
export interface WindowOptions {
  /** Units in one window: a whole number, at least 1. */
  readonly limit: number;
  /** Length of the window: positive and finite. */
  readonly window: Duration.Input;
  /** Names the tier. Made from the numbers if omitted. */
  readonly name?: string | undefined;
}

/**
 * At most `burst + rate·t` in any interval `t`: a steady rate that forgives bursts after a rest. Refilled continuously.
 * Throws a `RangeError` that names a bad option.
 *
 * @example 50 calls at 10 a second, 20 of them at once
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 });
 * strictEqual(Quota.bound(quota, "3 seconds"), 50);
 * ```
 */
export const tokenBucket = (options: TokenBucketOptions): Quota =>
  single({
    _tag: "TokenBucket",
    rate: options.rate,
    perMillis: span("per", options.per),
    burst: options.burst ?? Math.max(1, options.rate),
  }, options.name);

/**
 * Never more than `limit` in any window `[t, t + window)`: exact. Remembers every charge in the window, up to `limit`
 * entries of 16 bytes. Throws a `RangeError` that names a bad option.
 *
 * @example Five in any second
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.slidingWindow({ limit: 5, window: "1 second" });
 * strictEqual(Quota.bound(quota, "999 millis"), 5);
 * ```
 */
export const slidingWindow = (options: WindowOptions): Quota =>
  single(windowTier("SlidingWindow", options), options.name);

/**
 * About `limit` in any window, in constant memory: at most `limit·(1 + t/window)` in any interval `t`, so up to twice
 * `limit` in one window when the one before was used up at its end. Under random (Poisson) arrivals at one to four times a
 * limit of 1000 no window held more than 1.05·`limit`; the smaller the limit, the rougher. Throws a `RangeError` that names a bad option.
 *
 * @example The price of constant memory
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.slidingCounter({ limit: 100, window: "1 minute" });
 * strictEqual(Quota.bound(quota, "1 minute"), 200);
 * ```
 */
export const slidingCounter = (options: WindowOptions): Quota =>
  single(windowTier("SlidingCounter", options), options.name);

/**
 * At most `limit` in each aligned window, so up to 2·`limit` across an edge, however close together. Windows are counted
 * from the origin of the clock that decides, which is monotonic: they do not begin on the wall clock's minutes. Throws a
 * `RangeError` that names a bad option.
 *
 * @example The edge
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.fixedWindow({ limit: 100, window: "1 minute" });
 * strictEqual(Quota.bound(quota, "1 milli"), 200);
 * ```
 */
export const fixedWindow = (options: WindowOptions): Quota =>
  single(windowTier("FixedWindow", options), options.name);

/**
 * All of the quotas at once, charged together or not at all. Throws a `RangeError` if two tiers have one name.
 *
 * @example Four a second and sixty a minute
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.all(
 *   Quota.slidingWindow({ limit: 4, window: "1 second" }),
 *   Quota.slidingWindow({ limit: 60, window: "1 minute" }),
 * );
 * strictEqual(quota.tiers.length, 2);
 * ```
 */
export const all = (...quotas: ReadonlyArray<Quota>): Quota => ({
  tiers: distinct(quotas.flatMap((quota) => quota.tiers)),
});

/** No limit. */
export const unlimited: Quota = { tiers: [] };

/**
 * The most that the quota lets start in any closed interval of this length: the promise that property tests and reports
 * hold it to. Infinite for {@linkcode unlimited}. Throws a `RangeError` for an interval that is none.
 *
 * @example
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * strictEqual(Quota.bound(Quota.unlimited, "1 second"), Infinity);
 * ```
 */
export const bound = (quota: Quota, interval: Duration.Input): number => {
  const length = millis("interval", interval);
  const bounds = quota.tiers.map((tier) =>
    algorithmOf(tier).bound(tier, length)
  );
  return Math.min(...bounds);
};

/**
 * The highest cost that some wait can satisfy: the smallest `burst` or `limit` of the tiers.
 *
 * @example
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { strictEqual } from "node:assert/strict";
 *
 * const quota = Quota.tokenBucket({ rate: 1, per: "1 second", burst: 5 });
 * strictEqual(Quota.maxCost(quota), 5);
 * ```
 */
export const maxCost = (quota: Quota): number =>
  new Meter(quota.tiers).capacity;

function windowTier<Tag extends Exclude<Tier["_tag"], "TokenBucket">>(
  _tag: Tag,
  { limit, window }: WindowOptions,
): { _tag: Tag; limit: number; windowMillis: number } {
  return { _tag, limit, windowMillis: span("window", window) };
}

function single(tier: Nameless, name: string | undefined): Quota {
  return { tiers: [named(tier, name)] };
}
