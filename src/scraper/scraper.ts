/**
 * A polite crawler: each URL once, each host at its own pace, robots.txt obeyed.
 *
 * How fast, over all hosts and for each, is the `KeyedLimiter` below it: its quota and `concurrency` hold for each host, its
 * `shared` quota for the crawl. A host is a host with its port, as `"example.com"` or `"localhost:8000"`.
 *
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { Frontier, Scraper } from "@weir/weir/scraper";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as Layer from "effect/Layer";
 *
 * const PerHost = KeyedLimiter.layer(
 *   Quota.tokenBucket({ rate: 5, per: "1 second", burst: 10 }),
 *   { concurrency: 1 },
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 *
 * const Live = Scraper.layer({
 *   userAgent: "ExampleBot/1.0 (+https://bot.example)",
 * }).pipe(
 *   Layer.provide([PerHost, Frontier.layerMemory(), FetchHttpClient.layer]),
 * );
 * ```
 *
 * **Manners.** A host is asked for its robots.txt (RFC 9309) before anything else, and again after a day. While it cannot be had,
 * for an error of the server or of the network, nothing is asked of the host: it is asked for again as `retry` says, then after 15
 * and 45 seconds, while the URLs of the host wait. If that is in vain, those that come up within a minute fail, and the next one
 * asks again. `Crawl-delay` is kept, up to `maxDelay`; `nofollow` and `noindex` of a page hold as its header or its meta say. After
 * each request a host is left alone for as long as it took (`delayFactor`), and for as long as its `Retry-After` says.
 *
 * **Turns.** A request is sent when its host has a turn, by quota, concurrency and pauses, and the crawl has a place
 * (`concurrency`), both at one moment. Hosts that wait take no place. So no more requests begin at a host than its quota's bound
 * allows, redirects and repetitions included.
 *
 * **URLs.** Each is visited once, by its normal form (WHATWG, RFC 3986 section 6.2.2, without its fragment). A redirect is a visit
 * of its own, {@linkcode Moved}, and where it leads is another, if that was not seen before: in scope, by its own robots.txt, its
 * own address and in its own turn.
 *
 * **Safety.** Only http and https, only the public internet: all addresses of a host are looked up and checked before each
 * request, a second before it is sent at most, except for `allowHosts`. No cookies, no credentials. A name that changes its meaning
 * between that look and the connection (DNS rebinding) is out of reach for this check; what is closed to the process is closed to
 * that, too, for Deno looks at the addresses that names turn out to have:
 * `deno run --allow-net --deny-net=127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,[::1]`. Bodies are read up
 * to `maxBytes`, unpacked, and each request has its `timeout`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import type { Scope as EffectScope } from "effect/Scope";
import { finite, refuse, whole } from "../internal/check.ts";
import { KeyedLimiter } from "../limiter/mod.ts";
import { HostResolver, type Resolve } from "./host_resolver.ts";
import { Crawling } from "./crawl.ts";
import {
  Frontier,
  type FrontierError,
  type Service as Way,
} from "./frontier.ts";
import { anyLeave, leaveBy, makeManners } from "./robots_cache.ts";
import { inScope } from "./scope.ts";
import { sitemapSeeds } from "./seeds.ts";
import { Sender } from "./sender.ts";
import {
  type Crawl,
  type CrawlOptions,
  Scraper,
  type Service,
} from "./service.ts";
import type { Options } from "./options.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { scraperMetrics, Tally } from "./tally.ts";
import { Trail } from "./trail.ts";
import { Turns } from "./turns.ts";
import { longestUrl, parseUrl } from "./url.ts";
import { Visitor } from "./visitor.ts";

export * from "./host_resolver.ts";
export * from "./options.ts";
export * from "./service.ts";
export * from "./visit.ts";

/**
 * Builds a crawler. See {@linkcode layer}. Throws a `RangeError` that names a bad option.
 */
export const make = (
  options: Options,
): Effect.Effect<
  Service,
  never,
  | HttpClient.HttpClient
  | KeyedLimiter.KeyedLimiter
  | Frontier
  | EffectScope
> => {
  const settings = settingsOf(options);
  return Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient;
    const limiters = yield* KeyedLimiter.KeyedLimiter;
    const way = yield* Frontier;
    const resolve = yield* HostResolver;
    const tally = new Tally();
    yield* scraperMetrics.show(tally, {});
    return {
      crawl: (crawlOptions) =>
        crawlOf(
          { client, limiters, resolve, settings, tally, way },
          crawlOptions,
        ),
    };
  });
};

/**
 * Provides a crawler. Throws a `RangeError` that names a bad option.
 *
 * @example A site of two pages
 * ```ts
 * import { KeyedLimiter } from "@weir/weir";
 * import { Frontier, Scraper } from "@weir/weir/scraper";
 * import * as Effect from "effect/Effect";
 * import * as FetchHttpClient from "effect/http/FetchHttpClient";
 * import * as Layer from "effect/Layer";
 * import * as Stream from "effect/Stream";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const pages: Record<string, string> = {
 *   "/": `<title>Home</title><a href="about">About</a>`,
 *   "/about": `<title>About</title><a href="/">Home</a>`,
 * };
 * const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
 *   const body = pages[new URL(url).pathname];
 *   return new Response(body ?? "", {
 *     status: body === undefined ? 404 : 200,
 *     headers: { "content-type": "text/html" },
 *   });
 * });
 *
 * const program = Effect.gen(function* () {
 *   const crawl = yield* Scraper.crawl({
 *     start: `http://127.0.0.1:${server.addr.port}`,
 *     maxPages: 10,
 *   });
 *   const visits = yield* Stream.runCollect(crawl.visits);
 *   deepStrictEqual(
 *     visits.map((visit) => visit._tag === "Page" && visit.title),
 *     ["Home", "About"],
 *   );
 * });
 * const Live = Scraper.layer({
 *   userAgent: "ExampleBot/1.0 (+https://bot.example)",
 *   allowHosts: ["127.0.0.1"],
 * }).pipe(
 *   Layer.provide([
 *     KeyedLimiter.layerUnlimited,
 *     Frontier.layerMemory(),
 *     FetchHttpClient.layer,
 *   ]),
 * );
 * await Effect.runPromise(Effect.provide(program, Live));
 * await server.shutdown();
 * ```
 */
export const layer = (
  options: Options,
): Layer.Layer<
  Scraper,
  never,
  HttpClient.HttpClient | KeyedLimiter.KeyedLimiter | Frontier
> => Layer.effect(Scraper, make(options));

/** As {@linkcode Service.crawl}. */
export const crawl = (
  options: CrawlOptions,
): Effect.Effect<Crawl, FrontierError, Scraper> =>
  Effect.flatMap(Scraper, (scraper) => scraper.crawl(options));

/** What a crawler is made of. */
interface Parts {
  readonly client: HttpClient.HttpClient;
  readonly limiters: KeyedLimiter.Service;
  readonly resolve: Resolve;
  readonly settings: Settings;
  readonly tally: Tally;
  readonly way: Way;
}

function crawlOf(
  parts: Parts,
  options: CrawlOptions,
): Effect.Effect<Crawl, FrontierError> {
  return Effect.gen(function* () {
    const { client, limiters, resolve, settings, way } = parts;
    const { maxPages, scope = "origin", sitemaps = false } = options;
    const { concurrency } = settings;
    const tally = new Tally(parts.tally);
    const start = startOf(options.start);
    const terms = {
      maxDepth: bound("maxDepth", options.maxDepth, Infinity),
      maxLinks: bound("maxLinks", options.maxLinks, 1000),
      inScope: inScope(scope, start),
      priority: priorityBy(options.priority),
      sortQuery: options.sortQuery ?? false,
    };
    const bounds = { concurrency, maxPages: whole("maxPages", maxPages, 1) };

    const turns = new Turns(limiters, concurrency);
    const sender = new Sender({ client, resolve, settings, tally, turns });
    const manners = yield* makeManners(sender, settings.userAgent);
    const leave = settings.robots ? leaveBy(manners) : anyLeave;
    const trail = new Trail(way, terms, tally);
    const visitor = new Visitor({ sender, leave, settings, trail, turns });
    const seeds = sitemaps
      ? sitemapSeeds({ sender, manners, leave, trail }, start)
      : Effect.void;
    yield* trail.begin(start);
    return new Crawling({ way, visitor, bounds, tally, seeds });
  });
}

function startOf(start: CrawlOptions["start"]): ReadonlyArray<URL> {
  const given = typeof start === "string" ? [start] : [...start];
  return given.map((text) =>
    parseUrl(text) ??
      refuse(
        "start",
        `http or https URLs of at most ${longestUrl} characters`,
        text,
      )
  );
}

function bound(
  option: string,
  value: number | undefined,
  otherwise: number,
): number {
  return value === undefined ? otherwise : whole(option, value, 0);
}

function priorityBy(
  priority: CrawlOptions["priority"],
): (url: URL) => number {
  return priority === undefined
    ? () => 0
    : (url) => finite("priority", priority(url));
}
