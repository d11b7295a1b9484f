/**
 * How hosts want to be treated, and whether they were.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import * as Layer from "effect/Layer";
import { ok } from "node:assert/strict";
import type { Call, Web } from "./web.ts";

/** What a crawl is held to. */
export interface Courtesy {
  /** Of each host. */
  readonly quota: Quota.Quota;
  readonly shared?: Quota.Quota | undefined;
  /** Requests at once, of each host, and over all. */
  readonly perHost: number | undefined;
  readonly concurrency: number;
  readonly delayFactor: number;
  /** In milliseconds. */
  readonly maxDelay: number;
}

/** The limiter that keeps to it. */
export function limiterLayer(
  { perHost, quota, shared }: Courtesy,
): Layer.Layer<KeyedLimiter.KeyedLimiter> {
  const options = { shared, concurrency: perHost };
  return KeyedLimiter.layer(quota, options).pipe(
    Layer.provide(LimiterStore.layerMemory()),
  );
}

/** Fails if a host, or all of them, had more requests than it should. */
export function assertPolite(web: Web, courtesy: Courtesy): void {
  const { concurrency, perHost = Infinity, quota, shared } = courtesy;
  const { calls, mostRunning, mostRunningAt } = web;
  ok(mostRunning <= concurrency, `${mostRunning} requests at once`);
  if (shared !== undefined) assertBound("all hosts", shared, calls);
  for (const [host, of] of Map.groupBy(calls, ({ host }) => host)) {
    const most = mostRunningAt.get(host) ?? 0;
    ok(most <= perHost, `${most} requests at once at ${host}`);
    assertBound(host, quota, of);
    assertRests(host, of, web.crawlDelayOf(host), courtesy);
  }
}

/** Looks at intervals of every number of requests up to 64, and of powers of two from there. */
function assertBound(
  host: string,
  quota: Quota.Quota,
  calls: ReadonlyArray<Call>,
): void {
  if (quota.tiers.length === 0) return;
  for (let size = 2; size <= calls.length; size += size < 64 ? 1 : size) {
    for (let last = size - 1; last < calls.length; last++) {
      const length = calls[last]!.begun - calls[last - size + 1]!.begun;
      const bound = Quota.bound(quota, length);
      ok(
        size <= bound + 1e-6,
        `${size} requests in ${length} ms at ${host}, where ${bound} may be`,
      );
    }
  }
}

/** Fails if a request began while its host was to be left alone. */
function assertRests(
  host: string,
  calls: ReadonlyArray<Call>,
  crawlDelay: number,
  { delayFactor, maxDelay }: Courtesy,
): void {
  // Of requests that overlap none is late; there are never more of them than places.
  const rests = calls.flatMap(({ begun, ended, path, rest }) => {
    if (ended === undefined) return [];
    const delay = path.startsWith("/robots") ? 0 : crawlDelay;
    // The clock that tells how long a request took knows whole milliseconds only.
    const own = delayFactor * Math.max(0, ended - begun - 1);
    const wait = Math.max(Math.min(Math.max(delay, own), maxDelay), rest);
    return [{ ended, until: ended + wait }];
  });
  let next = 0;
  let until = -Infinity;
  let since = 0;
  rests.sort((one, other) => one.ended - other.ended);
  for (const { begun, path } of calls) {
    for (; next < rests.length && rests[next]!.ended < begun; next++) {
      if (rests[next]!.until > until) ({ until, ended: since } = rests[next]!);
    }
    ok(
      begun >= until - 1,
      `${path} of ${host} at ${begun}, to be left alone from ${since} to ${until}`,
    );
  }
}
