import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { crawledOn, linking, site, wired } from "./wired.ts";

const start = "http://a.test/";

testEffect(
  "Scraper.crawl({ sitemaps }) visits what sitemaps list in its scope, and leaves out what is no URL",
  Effect.gen(function* () {
    const listed = ["/2", "http://b.test/", "http://", "ftp://a.test/3"];
    const net = wired(site({
      "/robots.txt": () => new Response(`Sitemap: ${start}index.xml`),
      "/index.xml": () =>
        new Response(
          ["/", "http://", `${start}list.txt`].map((url) =>
            `<sitemap><loc>${url}</loc></sitemap>`
          ).join(""),
        ),
      "/list.txt": () => new Response([`${start}1`, ...listed].join("\n")),
      "/": () => linking(),
      "/1": () => linking(),
    }));
    const { told } = yield* crawledOn(net, {
      start,
      maxPages: 9,
      sitemaps: true,
    });
    deepStrictEqual(told, { [start]: "200", [`${start}1`]: "200" });
  }),
);

testEffect(
  "Scraper.crawl({ sitemaps }) reads a sitemap that robots.txt disallows where it is told not to obey",
  Effect.gen(function* () {
    const net = wired(site({
      "/robots.txt": () =>
        new Response(`Sitemap: ${start}list.txt\nUser-agent: *\nDisallow: /`),
      "/list.txt": () => new Response(`${start}1`),
      "/": () => linking(),
      "/1": () => linking(),
    }));
    const options = { start, maxPages: 9, sitemaps: true };
    const { told } = yield* crawledOn(net, options, { robots: false });
    deepStrictEqual(told, { [start]: "200", [`${start}1`]: "200" });
    const { told: obeying } = yield* crawledOn(net, options);
    deepStrictEqual(obeying, { [start]: "Robots" });
  }),
);

testEffect(
  "Scraper.crawl({ sitemaps }) ends at maxPages, though a sitemap never comes",
  Effect.gen(function* () {
    const net = wired(site({
      "/robots.txt": () => new Response(`Sitemap: ${start}list.txt`),
      "/list.txt": () => "never",
      "/": () => linking("/1"),
      "/1": () => linking(),
    }));
    for (const maxPages of [1, 2]) {
      const { report } = yield* crawledOn(net, {
        start,
        maxPages,
        sitemaps: true,
      });
      strictEqual(report.pages, maxPages);
      ok(Duration.toMillis(report.elapsed) < 1000);
    }
  }),
);
