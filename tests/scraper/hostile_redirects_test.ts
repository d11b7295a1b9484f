import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { crawledOn, linking, redirect, site, wired } from "./wired.ts";

const start = "http://a.test/";

testEffect(
  "Scraper.crawl() ends a loop of redirects, and one of a URL to itself",
  Effect.gen(function* () {
    const net = wired(site({
      "/": () => linking("/one", "/self", "/good"),
      "/one": () => redirect("/two"),
      "/two": () => redirect("/one"),
      "/self": () => redirect("/self"),
      "/good": () => linking(),
    }));
    const { told } = yield* crawledOn(net, { start, maxPages: 10 });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/one": "302 to http://a.test/two",
      "http://a.test/self": "302 to http://a.test/self",
      "http://a.test/good": "200",
      "http://a.test/two": "302 to http://a.test/one",
    });
    strictEqual(net.asked().length, 5);
  }),
);

testEffect(
  "Scraper.crawl() follows 20 of 30 redirects in a row",
  Effect.gen(function* () {
    const net = wired(({ pathname }) => {
      if (pathname === "/") return linking("/r/0", "/good");
      const [, n] = /^\/r\/(\d+)$/.exec(pathname) ?? [];
      if (n === undefined) return linking();
      return Number(n) < 30 ? redirect(`/r/${Number(n) + 1}`) : linking();
    });
    const { report, told } = yield* crawledOn(net, { start, maxPages: 10 });
    const { failed, moved, pages } = report;
    deepStrictEqual({ failed, moved, pages }, {
      failed: 1,
      moved: 20,
      pages: 2,
    });
    strictEqual(told["http://a.test/r/19"], "302 to http://a.test/r/20");
    strictEqual(told["http://a.test/r/20"], "Redirect");
    strictEqual(net.asked().length, 23);
  }),
);

testEffect(
  "Scraper.crawl() arrives after 20 redirects, and a link begins to count anew",
  Effect.gen(function* () {
    const net = wired(({ pathname }) => {
      const [, n] = /^\/r\/(\d+)$/.exec(pathname) ?? [];
      if (n === undefined) return linking("/r/20");
      if (Number(n) === 0) return linking();
      return redirect(Number(n) === 1 ? "/hop" : `/r/${Number(n) - 1}`);
    });
    const { report, told, visits } = yield* crawledOn(net, {
      start,
      maxPages: 10,
    });
    strictEqual(report.moved, 20);
    strictEqual(told["http://a.test/hop"], "200");
    // Redirects are no links.
    deepStrictEqual(visits.at(-1)?.depth, 1);
  }),
);

testEffect(
  "Scraper.crawl() takes a redirect that says nowhere for a page, and one that leads nowhere for broken",
  Effect.gen(function* () {
    const unusable = {
      "/ftp": "ftp://a.test/",
      "/script": "javascript:alert(1)",
      "/port": "http://a.test:99999/",
      "/labels": "http://a..test/",
      "/data": "data:text/html,x",
      "/long": `/${"x".repeat(9000)}`,
    };
    const net = wired(site({
      "/": () => linking("/none", ...Object.keys(unusable), "/good"),
      "/none": () => new Response("over there", { status: 301 }),
      "/good": () => linking(),
      ...Object.fromEntries(
        Object.entries(unusable).map((
          [path, to],
        ) => [path, () => redirect(to)]),
      ),
    }));
    const { told, visits } = yield* crawledOn(net, {
      start,
      maxPages: 10,
      scope: () => true,
    });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/none": "301",
      ...Object.fromEntries(
        Object.keys(unusable).map((
          path,
        ) => [`http://a.test${path}`, "Redirect"]),
      ),
      "http://a.test/good": "200",
    });
    const [failed] = visits.filter((visit) => visit._tag === "Failed");
    match(failed?.error.message ?? "", /ftp.*it leads nowhere, to "ftp:/);
    strictEqual(net.asked().length, visits.length);
  }),
);

testEffect(
  "Scraper.crawl() sends nothing to where a redirect leaves its scope",
  Effect.gen(function* () {
    const net = wired(site({
      "/": () => linking("/out", "/scheme", "/port", "/good"),
      "/out": () => redirect("http://b.test/", 307),
      "/scheme": () => redirect("https://a.test/", 308),
      "/port": () => redirect("http://a.test:8080/", 303),
      "/good": () => linking(),
    }));
    const { told } = yield* crawledOn(net, { start, maxPages: 10 });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/out": "Redirect",
      "http://a.test/scheme": "Redirect",
      "http://a.test/port": "Redirect",
      "http://a.test/good": "200",
    });
    deepStrictEqual(
      new Set(net.sent.map(({ url }) => new URL(url).origin)),
      new Set(["http://a.test"]),
    );
  }),
);
