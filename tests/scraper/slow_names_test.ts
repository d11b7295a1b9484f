import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { Scraper } from "@weir/weir/scraper";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Behaviour, crawled, timeGoesBy } from "./crawled.ts";
import { linking, site, type Wired, wired } from "./wired.ts";

const start = "http://a.test/";
const publicly = ["93.184.215.14"];

/** A site of four pages; one of them may have no end. */
const four = (page: () => Response | "never" = () => linking()) =>
  wired(site({
    "/": () => linking("/1", "/2", "/3"),
    "/1": page,
    "/2": () => linking(),
    "/3": () => linking(),
  }));

/** How long looks take, the last of them and all after it no time. */
function taking(...waits: ReadonlyArray<number>) {
  let looks = 0;
  const resolve: Scraper.Resolve = () =>
    Effect.suspend(() =>
      Effect.as(Effect.sleep(waits[looks++] ?? 0), publicly)
    );
  return { resolve, looks: () => looks };
}

const perSecond = Quota.tokenBucket({ rate: 1, per: "1 second", burst: 1 });

/** Crawls where names mean what `resolve` says. */
function crawledBy(
  resolve: Scraper.Resolve,
  { layer }: Wired,
  behaviour: Behaviour,
  [quota, concurrency]: readonly [Quota.Quota, number?] = [Quota.unlimited],
) {
  const limiter = KeyedLimiter.layer(quota, { concurrency }).pipe(
    Layer.provide(LimiterStore.layerMemory()),
  );
  const options = { robots: false, ...behaviour };
  return crawled({ start, maxPages: 9 }, options, limiter).pipe(
    Effect.provideService(Scraper.HostResolver, resolve),
    Effect.provide(layer),
    timeGoesBy,
  );
}

testEffect(
  "Scraper.crawl() keeps the pace of a host whose name takes long to look up",
  Effect.gen(function* () {
    for (const waits of [[0, 2500], [0, 700, 2600, 100], [4000, 4000]]) {
      const net = four();
      const { resolve } = taking(...waits);
      const { report } = yield* crawledBy(resolve, net, {}, [perSecond]);
      strictEqual(report.pages, 4);
      const times = net.sent.map(({ at }) => at);
      for (const [n, at] of times.slice(1).entries()) {
        ok(at - times[n]! >= 999, `${times}, where looks took ${waits}`);
      }
    }
  }),
);

testEffect(
  "Scraper.crawl() looks at the addresses of a host once for a request whose turn comes within a second",
  Effect.gen(function* () {
    const { looks, resolve } = taking();
    const net = four(() => "never");
    // Another page waits for the one that has no end, thrice.
    const pace = [Quota.unlimited, 1] as const;
    yield* crawledBy(resolve, net, { timeout: 500 }, pace);
    strictEqual(net.sent.length, 6);
    strictEqual(looks(), 6);
  }),
);

testEffect(
  "Scraper.crawl() sends nothing to a host that came to mean what it should not while a request waited for its turn",
  Effect.gen(function* () {
    const resolve: Scraper.Resolve = () =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => now < 3000 ? publicly : ["10.0.0.1"],
      );
    const net = four(() => "never");
    const { told } = yield* crawledBy(resolve, net, { timeout: 5000 }, [
      Quota.unlimited,
      1,
    ]);
    deepStrictEqual(told, {
      [start]: "200",
      [`${start}1`]: "Address",
      [`${start}2`]: "Address",
      [`${start}3`]: "Address",
    });
    deepStrictEqual(net.asked(), [start, `${start}1`]);
  }),
);

testEffect(
  "Scraper.crawl() gives up a name that is looked up without end, and goes on with others",
  Effect.gen(function* () {
    const resolve: Scraper.Resolve = (hostname) =>
      hostname === "a.test" ? Effect.never : Effect.succeed(publicly);
    const net = four();
    const { told } = yield* crawled({
      start: [start, "http://b.test/"],
      maxPages: 9,
    }, { concurrency: 1 }).pipe(
      Effect.provideService(Scraper.HostResolver, resolve),
      Effect.provide(net.layer),
      timeGoesBy,
    );
    strictEqual(told["http://b.test/3"], "200");
    strictEqual(told[start], "Robots");
    ok(net.asked().every((url) => url.startsWith("http://b.test/")));
  }),
);
