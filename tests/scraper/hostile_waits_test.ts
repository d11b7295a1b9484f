import { testEffect } from "@weir/weir/testing";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { crawledOn, linking, nothing, site, wired } from "./wired.ts";

const start = "http://a.test/";
const date = (millis: number) => new Date(millis).toUTCString();

for (const status of [429, 503]) {
  for (
    const [name, field] of Object.entries({ seconds: "60", date: date(60_000) })
  ) {
    testEffect(
      `Scraper.crawl() asks nothing of a host before the Retry-After of its ${status} (${name}), but others`,
      Effect.gen(function* () {
        let asked = 0;
        const net = wired((url) =>
          url.host === "b.test" ? site({ "/": () => linking() })(url) : site({
            "/": () => linking("/busy", "/1", "/2"),
            "/busy": () =>
              ++asked === 1
                ? new Response("", {
                  status,
                  headers: { "retry-after": field },
                })
                : linking(),
          })(url)
        );
        const { told } = yield* crawledOn(net, {
          start: [start, "http://b.test/"],
          maxPages: 10,
        }, { concurrency: 1 });
        deepStrictEqual(told, {
          [start]: "200",
          "http://b.test/": "200",
          [`${start}busy`]: "200",
          [`${start}1`]: "404",
          [`${start}2`]: "404",
        });
        const of = (path: string) =>
          net.sent.filter(({ url }) => url === path).map(({ at }) => at);
        const [first = 0, ...later] = [
          ...of(`${start}busy`),
          ...of(`${start}1`),
          ...of(`${start}2`),
        ];
        ok(first < 1000);
        strictEqual(later.length, 3);
        for (const at of later) ok(at >= 60_000 && at < 62_000, `${at} ms`);
        ok(of("http://b.test/").every((at) => at < 1000));
      }),
    );
  }
}

testEffect(
  "Scraper.crawl() is through with a host that asks for more than maxPause, and asks it nothing more",
  Effect.gen(function* () {
    const net = wired((url) =>
      url.host === "b.test"
        ? site({ "/": () => linking("/1"), "/1": () => linking() })(url)
        : site({
          "/": () => linking("/busy", "/1", "/2"),
          "/busy": () =>
            new Response("", { status: 503, headers: { "retry-after": "61" } }),
        })(url)
    );
    const { told } = yield* crawledOn(net, {
      start: [start, "http://b.test/"],
      maxPages: 10,
    }, { concurrency: 1, maxPause: "1 minute" });
    deepStrictEqual(told, {
      [start]: "200",
      "http://b.test/": "200",
      "http://b.test/1": "200",
      [`${start}busy`]: "Busy",
      [`${start}1`]: "Busy",
      [`${start}2`]: "Busy",
    });
    deepStrictEqual(
      net.asked().filter((url) => url.startsWith(start)),
      [start, `${start}busy`],
    );
  }),
);

testEffect(
  "Scraper.crawl() keeps a page that came with the word that it was the last for long",
  Effect.gen(function* () {
    const net = wired(site({
      "/robots.txt": nothing,
      "/": () =>
        new Response(`<a href="/1">x</a>`, {
          headers: {
            "content-type": "text/html",
            "ratelimit": `"a";r=0;t=3600`,
          },
        }),
    }));
    const { told } = yield* crawledOn(net, { start, maxPages: 10 });
    deepStrictEqual(told, { [start]: "200", [`${start}1`]: "Busy" });
    deepStrictEqual(net.asked(), [start]);
  }),
);

testEffect(
  "Scraper.crawl() tells when a URL was asked for the last time, and how long that took",
  Effect.gen(function* () {
    const net = wired(site({ "/": () => "never" }));
    const { visits: [visit] } = yield* crawledOn(net, { start, maxPages: 1 }, {
      timeout: "10 seconds",
      robots: false,
    });
    strictEqual(net.sent.length, 3);
    strictEqual(
      DateTime.toEpochMillis(visit!.startedAt),
      Math.floor(net.sent.at(-1)!.at),
    );
    strictEqual(Duration.toMillis(visit!.elapsed), 10_000);
  }),
);
