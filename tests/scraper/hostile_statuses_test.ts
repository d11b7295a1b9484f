import { testEffect, testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { crawled, soon, timeGoesBy } from "./crawled.ts";
import { head, links, live, response } from "./live.ts";
import { crawledOn, html, linking, site, wired } from "./wired.ts";

const start = "http://a.test/";
const link = `<a href="/never">x</a>`;

testEffect(
  "Scraper.crawl() takes any status for a page, follows no links of an error, and asks again for those that may go well",
  Effect.gen(function* () {
    const statuses = [200, 203, 206, 400, 403, 404, 410, 418, 500, 501, 505];
    const transient = [429, 502, 503, 504];
    const all = [...statuses, ...transient];
    const net = wired(site({
      "/": () => linking(...all.map((status) => `/${status}`), "/good"),
      "/good": () => linking(),
      ...Object.fromEntries(all.map((status) => [
        `/${status}`,
        () => html(`<a href="/from/${status}">x</a>`, { status }),
      ])),
    }));
    const { told, visits } = yield* crawledOn(net, { start, maxPages: 50 });
    deepStrictEqual(told, {
      [start]: "200",
      ...Object.fromEntries(
        all.map((status) => [`${start}${status}`, `${status}`]),
      ),
      [`${start}good`]: "200",
      [`${start}from/200`]: "404",
      [`${start}from/203`]: "404",
      [`${start}from/206`]: "404",
    });
    for (const visit of visits) {
      if (!/from|good/.test(visit.url) && visit._tag === "Page") {
        strictEqual(visit.links.length, visit.url === start ? 16 : 1);
      }
    }
    const times = (status: number) =>
      net.asked().filter((url) => url === `${start}${status}`).length;
    deepStrictEqual(statuses.map(times), statuses.map(() => 1));
    deepStrictEqual(transient.map(times), [3, 3, 3, 3]);
  }),
);

testEffect(
  "Scraper.crawl() takes what comes in the end of what went wrong before",
  Effect.gen(function* () {
    let asked = 0;
    const net = wired(site({
      "/": () => linking("/soon", "/good"),
      "/soon": () =>
        ++asked < 3 ? html(link, { status: 503 }) : linking("/more"),
    }));
    const { report, told } = yield* crawledOn(net, { start, maxPages: 10 });
    strictEqual(told[`${start}soon`], "200");
    strictEqual(told[`${start}more`], "404");
    strictEqual(report.pages, 4);
  }),
);

testEffect(
  "Scraper.crawl() takes what has no body for a page without content",
  Effect.gen(function* () {
    const statuses = [200, 204, 205, 304, 404];
    const net = wired(site({
      "/": () => linking(...statuses.map((status) => `/${status}`), "/good"),
      "/good": () => linking(),
      ...Object.fromEntries(statuses.map((status) => [
        `/${status}`,
        () => new Response(null, { status }),
      ])),
    }));
    const { told, visits } = yield* crawledOn(net, { start, maxPages: 10 });
    deepStrictEqual(told, {
      [start]: "200",
      ...Object.fromEntries(
        statuses.map((status) => [`${start}${status}`, `${status}`]),
      ),
      [`${start}good`]: "200",
    });
    for (const visit of visits.slice(1)) {
      strictEqual(visit._tag === "Page" && visit.content, "");
    }
    strictEqual(net.asked().length, 7);
  }),
);

testEffect(
  "Scraper.crawl() follows a redirect whatever it has in its body",
  Effect.gen(function* () {
    const to = (body: string, type: string, more = {}) => () =>
      new Response(body, {
        status: 301,
        headers: { location: "/good", "content-type": type, ...more },
      });
    const net = wired(site({
      "/": () => linking("/image", "/large", "/said", "/page"),
      "/image": to("GIF89a", "image/gif"),
      "/large": to("x".repeat(2000), "text/html"),
      "/said": to("x", "text/html", { "content-length": "2000000000" }),
      "/page": to(link, "text/html"),
      "/good": () => linking(),
    }));
    const { told } = yield* crawledOn(net, { start, maxPages: 10 }, {
      maxBytes: 1000,
    });
    const moved = "301 to http://a.test/good";
    deepStrictEqual(told, {
      [start]: "200",
      [`${start}image`]: moved,
      [`${start}large`]: moved,
      [`${start}said`]: moved,
      [`${start}page`]: moved,
      [`${start}good`]: "200",
    });
  }),
);

testEffect(
  "Scraper.crawl() obeys nofollow and noindex of headers and metas, for all or for it, unless it is told not to",
  Effect.gen(function* () {
    const meta = (name: string, content: string) => () =>
      html(`<meta name="${name}" content="${content}">${link}`);
    const tagged = (value: string) => () =>
      html(link, { headers: { "x-robots-tag": value } });
    const pages = {
      "/1": meta("robots", "nofollow"),
      "/2": meta("ROBOTS", "NONE"),
      "/3": meta("examplebot", "noindex, nofollow"),
      "/4": tagged("nofollow"),
      "/5": tagged("examplebot: none"),
      "/6": tagged("otherbot: none"),
      "/7": meta("otherbot", "none"),
      "/8": meta("robots", "noindex"),
    };
    const crawl = (robots: boolean) => {
      const net = wired(site({
        "/": () => linking(...Object.keys(pages)),
        ...pages,
        // Their links lead here, which is seen by the first that may be followed.
        "/never": () => linking(),
      }));
      return crawled({ start, maxPages: 20 }, { robots }).pipe(
        Effect.provide(net.layer),
        timeGoesBy,
        Effect.map(({ visits }) =>
          visits.slice(1).map((visit) =>
            visit._tag === "Page" &&
            `${
              new URL(visit.url).pathname
            } ${visit.links.length} ${visit.noindex} ${visit.referrer}`
          )
        ),
      );
    };
    const from = `false ${start}6`;
    deepStrictEqual(yield* crawl(true), [
      ...[`/1 0 false ${start}`, `/2 0 true ${start}`, `/3 0 true ${start}`],
      ...[`/4 0 false ${start}`, `/5 0 true ${start}`, `/6 1 false ${start}`],
      ...[`/7 1 false ${start}`, `/8 1 true ${start}`, `/never 0 ${from}`],
    ]);
    deepStrictEqual(yield* crawl(false), [
      ...[`/1 1 false ${start}`, `/2 1 true ${start}`, `/3 1 true ${start}`],
      ...[`/4 1 false ${start}`, `/5 1 true ${start}`, `/6 1 false ${start}`],
      ...[`/7 1 false ${start}`, `/8 1 true ${start}`],
      `/never 0 false ${start}1`,
    ]);
  }),
);

testLive(
  "Scraper.crawl() stands heads that are empty, long, strange, or without a body",
  Effect.gen(function* () {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`x-${n}`, "y".repeat(100)]),
    );
    const server = yield* live({
      "/": () =>
        links("/many", "/bomb", "/204", "/304", "/100", "/none", "/good"),
      "/many": () => response("", many),
      "/bomb": () => async ({ isGone, write }) => {
        await write("HTTP/1.1 200 OK\r\n");
        while (!isGone()) await write(`x-more: ${"y".repeat(10_000)}\r\n`);
      },
      "/204": () => head({}, "204 No Content"),
      "/304": () =>
        head({ "content-length": "1000000000000" }, "304 Not Modified"),
      "/100": () => `HTTP/1.1 100 Continue\r\n\r\n${links("/200")}`,
      "/none": () => head({}),
      "/good": () => links(),
    });
    const { told } = yield* crawled({ start: server.url("/"), maxPages: 10 }, {
      allowHosts: ["127.0.0.1"],
      retry: soon,
    }).pipe(Effect.provide(FetchHttpClient.layer));
    deepStrictEqual(told, {
      [server.url("/")]: "200",
      [server.url("/many")]: "200",
      [server.url("/bomb")]: "Transport",
      [server.url("/204")]: "204",
      [server.url("/304")]: "304",
      [server.url("/100")]: "200",
      [server.url("/none")]: "200",
      [server.url("/good")]: "200",
      [server.url("/200")]: "404",
    });
    const { head: sent = "" } = server.talks.find(({ path }) => path === "/")!;
    deepStrictEqual(
      sent.toLowerCase().match(/^[a-z-]+(?=:)/gm)?.sort(),
      ["accept", "accept-encoding", "accept-language", "host", "user-agent"],
    );
  }),
);
