/**
 * What goes over the web: a service and its strangers, a server that says when to come again, pages of hosts. Clients and routes
 * are those that run live; only the network between them is left out.
 *
 * @module
 */
import { type KeyedLimiter, Limiter, Quota } from "@weir/weir";
import { LimitedHttpClient, RateLimit } from "@weir/weir/http";
import { Frontier, Scraper } from "@weir/weir/scraper";
import { Monitor, Workload } from "@weir/weir/simulation";
import * as Array from "effect/Array";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as HttpEffect from "effect/http/HttpEffect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { keyed, perSecond, type Study, tenASecond, type Way } from "./study.ts";

type Routes = Layer.Layer<never, never, HttpRouter.HttpRouter>;

/** A client whose requests go to these routes, whatever their host. */
const clientOf = (routes: Routes) =>
  Effect.map(HttpRouter.toHttpEffect(routes), (app) => {
    const answers = new WeakMap<
      object,
      HttpServerResponse.HttpServerResponse
    >();
    const handled = HttpEffect.toHandled(
      app,
      (request, answer) => Effect.sync(() => answers.set(request, answer)),
    );
    return HttpClient.make((request) => {
      const arrived = HttpServerRequest.fromClientRequest(request);
      return handled.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, arrived),
        // Somebody is always answered.
        Effect.map(() => answers.get(arrived)!),
        Effect.map((answer) =>
          HttpServerResponse.toClientResponse(answer, { request })
        ),
      );
    });
  });

/** Routes that limit each client, who is told apart by what a proxy says. */
const limited = (routes: Routes): Routes =>
  Layer.merge(
    routes,
    RateLimit.layer({ key: RateLimit.byAddress({ trust: 1 }) }),
  ).pipe(Layer.provide(keyed(tenASecond)));

const from = (address: string) => ({ headers: { "x-forwarded-for": address } });

/** A service with four places, and a tenth of a second for each request. */
const service = Effect.map(
  Limiter.make(Quota.unlimited, { concurrency: 4 }),
  (places): Routes =>
    HttpRouter.add(
      "GET",
      "/",
      places.limit(
        Workload.sleep("work", Workload.exponential("100 millis")),
        { maxWait: "10 seconds" },
      ).pipe(Effect.match({
        onSuccess: () => HttpServerResponse.text("welcome"),
        onFailure: () => HttpServerResponse.empty({ status: 503 }),
      })),
    ),
);

/** Five guests, with four requests a second each, and a stranger. */
const visited = (limit: (routes: Routes) => Routes): Way => (rate) =>
  Effect.gen(function* () {
    const client = yield* clientOf(limit(yield* service));
    const comes = (address: string, often: number, kind: string) =>
      Workload.arrivals(address, perSecond(often)).pipe(
        Workload.serve(() =>
          Monitor.time(client.get("http://a.example/", from(address)), kind)
        ),
      );
    yield* Effect.all([
      ...Array.range(1, 5).map((n) => comes(`192.0.2.${n}`, 4, "guests")),
      comes("198.51.100.1", rate, "stranger"),
    ], { concurrency: "unbounded" });
  }).pipe(Effect.scoped);

/** A server that strangers find. */
export const http: Study = {
  ways: {
    "open to all": visited((routes) => routes),
    "RateLimit.layer": visited(limited),
  },
  settings: [5, 10, 20, 40],
  horizon: "1 minute",
  chart: {
    title: "Guests of a server that a stranger finds",
    description:
      "It has room for 40 requests a second; the guests have 20. Its routes are called without a network.",
    x: (rate) => rate,
    y: "guests.p95",
    labels: {
      x: "requests a second of the stranger",
      y: "seconds, 95 of 100 guests' requests within",
    },
  },
};

const welcome = HttpRouter.add(
  "GET",
  "/",
  Effect.as(Effect.sleep("50 millis"), HttpServerResponse.text("welcome")),
);

/** Calls of a server that allows ten in any second, and whose answers say when to come again. */
const called = (
  use: (
    upstream: HttpClient.HttpClient,
  ) => Effect.Effect<HttpClient.HttpClient, never, KeyedLimiter.KeyedLimiter>,
): Way =>
(rate) =>
  Effect.gen(function* () {
    const upstream = HttpClient.tap(
      yield* clientOf(limited(welcome)),
      ({ status }) => Monitor.tally("refused", status === 429 ? 100 : 0),
    );
    const client = yield* use(upstream);
    yield* Workload.arrivals("calls", perSecond(rate)).pipe(
      Workload.serve(() => client.get("http://a.example/", from("192.0.2.1"))),
    );
  }).pipe(Effect.scoped, Effect.provide(keyed(Quota.unlimited)));

/** Tries again, five times a second, until it is let in. */
const insisting = HttpClient.transformResponse(
  Effect.repeat({
    schedule: Schedule.spaced("200 millis"),
    while: ({ status }: HttpClientResponse.HttpClientResponse) =>
      status === 429,
  }),
);

/** An upstream that says when to come again. */
export const limitedClient: Study = {
  ways: {
    "tries again in 0.2 s": called((upstream) =>
      Effect.succeed(insisting(upstream))
    ),
    "LimitedHttpClient": called((upstream) => LimitedHttpClient.make(upstream)),
  },
  settings: [2, 4, 6, 8, 9.5],
  horizon: "2 minutes",
  chart: {
    title: "An upstream that says when to come again",
    x: (rate) => rate,
    y: "refused.mean",
    labels: { x: "calls a second, on average", y: "% of tries refused" },
  },
};

const hosts = Array.range(1, 4).map((n) => `host${n}.example`);
const urls = hosts.flatMap((host) =>
  Array.range(0, 49).map((page) => `http://${host}/${page}`)
);

/** Each page leads to two more. */
const linksOf = (page: number) =>
  [2 * page + 1, 2 * page + 2].filter((to) => to < 50)
    .map((to) => `<a href="/${to}">on</a>`).join(" ");

/** Hosts of fifty pages, whose robots.txt asks for five requests a second at most. */
const site: Routes = Layer.mergeAll(
  HttpRouter.add(
    "GET",
    "/robots.txt",
    HttpServerResponse.text("User-agent: *\nCrawl-delay: 0.2\n"),
  ),
  HttpRouter.add(
    "GET",
    "/:page",
    Effect.map(
      HttpRouter.params,
      ({ page }) => HttpServerResponse.html(linksOf(Number(page))),
    ),
  ),
);

/** A client of the site, which counts the requests to each host. */
const visitor = Effect.map(
  clientOf(site),
  HttpClient.transform((response, { url }) =>
    Monitor.count(new URL(url).hostname).pipe(
      Effect.andThen(
        Workload.sleep("fetch", Workload.exponential("300 millis")),
      ),
      Effect.andThen(response),
    )
  ),
);

const crawler = (concurrency: number) =>
  Scraper.layer({
    ...{ userAgent: "ExampleBot/1.0", concurrency },
    allowHosts: hosts,
  }).pipe(Layer.provide([
    keyed(Quota.tokenBucket({ rate: 5, per: "1 second", burst: 1 })),
    Frontier.layerMemory(),
    Layer.effect(HttpClient.HttpClient, visitor),
  ]));

/** Pages of a few hosts. */
export const crawl: Study = {
  ways: {
    "as fast as it goes": (concurrency) =>
      Effect.flatMap(
        visitor,
        (client) =>
          Effect.forEach(urls, (url) => client.get(url), { concurrency }),
      ).pipe(Effect.scoped),
    "Scraper": (concurrency) =>
      Scraper.crawl({
        start: hosts.map((host) => `http://${host}/0`),
        maxPages: urls.length,
      }).pipe(
        Effect.flatMap(({ visits }) => Stream.runDrain(visits)),
        Effect.provide(crawler(concurrency)),
      ),
  },
  settings: [1, 2, 4, 8, 16, 32],
  horizon: "10 minutes",
  chart: {
    title: "Pages of four hosts, which ask for five a second at most",
    x: (concurrency) => concurrency,
    y: "host1.example.peak",
    labels: { x: "pages at once", y: "requests to a host in its worst second" },
  },
};
