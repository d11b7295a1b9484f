import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { type Behaviour, crawled, timeGoesBy } from "./crawled.ts";
import { collecting } from "../support/http.ts";
import { crawledOn, linking, nothing, redirect, site, wired } from "./wired.ts";

const start = "http://a.test/";
const pages = {
  "/": () => linking("/private", "/late", "/good"),
  "/private": () => linking(),
  "/late": () => linking(),
  "/good": () => linking(),
};

/** A crawl of two sites, of which one has this robots.txt. */
function ruled(robots: () => Response | "never", behaviour: Behaviour = {}) {
  const net = wired((url) =>
    url.host === "b.test"
      ? site({ "/": () => linking() })(url)
      : site({ ...pages, "/robots.txt": robots })(url)
  );
  const first = [start, `${start}good`, "http://b.test/"];
  return crawled({ start: first, maxPages: 10 }, behaviour)
    .pipe(
      Effect.provide(net.layer),
      timeGoesBy,
      Effect.map((outcome) => {
        strictEqual(outcome.told["http://b.test/"], "200");
        const asked = net.sent.filter(({ url }) => url.startsWith(start));
        return {
          ...outcome,
          asked: asked.map(({ url }) => url),
          times: asked.map(({ at }) => at),
        };
      }),
    );
}

testEffect(
  "Scraper.crawl() obeys the first 500 KiB of a robots.txt of 2 MB",
  Effect.gen(function* () {
    const filler = `# ${"x".repeat(97)}\n`.repeat(20_000);
    const { told } = yield* ruled(() =>
      new Response(
        `user-agent: *\ndisallow: /private\n${filler}disallow: /late\n`,
      )
    );
    deepStrictEqual(told, {
      [start]: "200",
      "http://b.test/": "200",
      "http://a.test/private": "Robots",
      "http://a.test/late": "200",
      "http://a.test/good": "200",
    });
  }),
);

for (
  const [name, status] of Object.entries({
    "answers 500": 500,
    "answers 503": 503,
    "answers 429": 429,
    "never comes": undefined,
  })
) {
  testEffect(
    `Scraper.crawl() asks nothing of a host whose robots.txt ${name}, after it asked for that five times in a minute`,
    Effect.gen(function* () {
      const { asked, report, told, times } = yield* ruled(() =>
        status === undefined ? "never" : new Response("", { status })
      );
      strictEqual(told[start], "Robots");
      strictEqual(told[`${start}good`], "Robots");
      strictEqual(report.failed, 2);
      deepStrictEqual(asked, Array(5).fill(`${start}robots.txt`));
      for (const [n, wait] of [800, 1600, 15_000, 45_000].entries()) {
        const waited = times[n + 1]! - times[n]!;
        ok(waited > wait - 1 && waited < 2 * wait + 30_000, `${waited} ms`);
      }
    }),
  );
}

testEffect(
  "Scraper.crawl() goes on with a host whose robots.txt comes in the end, and with others in between",
  Effect.gen(function* () {
    let asked = 0;
    const { told, visits } = yield* ruled(
      () => ++asked < 5 ? new Response("", { status: 500 }) : nothing(),
      {
        concurrency: 1,
      },
    );
    strictEqual(visits[0]!.url, "http://b.test/");
    deepStrictEqual(told, {
      "http://b.test/": "200",
      [start]: "200",
      "http://a.test/private": "200",
      "http://a.test/late": "200",
      "http://a.test/good": "200",
    });
  }),
);

testEffect(
  "Scraper.crawl() asks again for a robots.txt that could not be had for the next URL of its host, a minute later",
  Effect.gen(function* () {
    let asked = 0;
    let isBusy = true;
    const busy = () => {
      isBusy = false;
      const headers = { "retry-after": "180" };
      return new Response("", { status: 429, headers });
    };
    const net = wired((url) =>
      url.host === "b.test"
        ? site({ "/": () => isBusy ? busy() : linking(`${start}late`) })(url)
        : site({
          ...pages,
          "/robots.txt": () =>
            ++asked < 6 ? new Response("", { status: 500 }) : nothing(),
        })(url)
    );
    const { told } = yield* crawledOn(net, {
      start: [start, "http://b.test/"],
      maxPages: 10,
      scope: () => true,
    });
    deepStrictEqual(told, {
      [start]: "Robots",
      "http://b.test/": "200",
      [`${start}late`]: "200",
    });
  }),
);

for (const status of [429, 503]) {
  testEffect(
    `Scraper.crawl() is through with a host whose robots.txt answers ${status} and asks for more than maxPause`,
    Effect.gen(function* () {
      const { asked, told } = yield* ruled(
        () => new Response("", { status, headers: { "retry-after": "61" } }),
        { maxPause: "1 minute" },
      );
      deepStrictEqual(told, {
        "http://b.test/": "200",
        [start]: "Busy",
        [`${start}good`]: "Busy",
      });
      deepStrictEqual(asked, [`${start}robots.txt`]);
    }),
  );
}

testEffect(
  "Scraper.crawl() may do all where there is no robots.txt",
  Effect.gen(function* () {
    for (const status of [400, 401, 403, 404, 410]) {
      const { report } = yield* ruled(() => new Response("", { status }));
      strictEqual(report.pages, 5);
    }
  }),
);

testEffect(
  "Scraper.crawl() obeys a robots.txt on another host, five redirects away, and none that is farther",
  Effect.gen(function* () {
    for (const [hops, expected] of [[5, "Robots"], [6, "200"]] as const) {
      const net = wired((url) => {
        const n = Number(url.searchParams.get("n") ?? 0);
        if (url.pathname !== "/robots.txt") return site(pages)(url);
        return n < hops
          ? redirect(`http://b.test/robots.txt?n=${n + 1}`)
          : new Response("user-agent: *\ndisallow: /private");
      });
      const { told } = yield* crawledOn(net, { start, maxPages: 10 });
      strictEqual(told["http://a.test/private"], expected);
      strictEqual(told["http://a.test/good"], "200");
    }
  }),
);

testEffect(
  "Scraper.crawl() waits as long as a robots.txt that answers 429 asks, and then obeys it",
  Effect.gen(function* () {
    let asked = 0;
    const { report, times } = yield* ruled(() =>
      ++asked === 1
        ? new Response("", { status: 429, headers: { "retry-after": "60" } })
        : nothing()
    );
    strictEqual(report.pages, 5);
    const [first = 0, second = 0] = times;
    ok(second - first >= 60_000, `${second - first} ms`);
  }),
);

testEffect(
  "Scraper.crawl() leaves out sitemaps that are bombs, broken or elsewhere, and begins with the others",
  Effect.gen(function* () {
    const robots = ["bomb", "broken", "none", "private", "ok"].map((name) =>
      `sitemap: ${start}${name}.xml\n`
    ).join("") +
      "sitemap: http://10.0.0.1/s.xml\nuser-agent: *\ndisallow: /private";
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(60_000_000)));
    const net = wired(site({
      "/robots.txt": () =>
        new Response(robots),
      "/": () => linking(),
      "/bomb.xml": () => new Response(bomb),
      "/broken.xml": () => new Response(bomb.subarray(0, 100)),
      "/ok.xml": () => new Response(`${start}good\nhttp://b.test/\n`),
      "/good": () => linking(),
    }));
    const warnings: Array<string> = [];
    const { report, told } = yield* crawled({
      start,
      maxPages: 10,
      sitemaps: true,
    }).pipe(
      Effect.provide([net.layer, collecting(warnings)]),
      timeGoesBy,
    );
    deepStrictEqual(told, { [start]: "200", [`${start}good`]: "200" });
    deepStrictEqual(
      warnings.map((warning) =>
        /(?<=Cannot fetch )\S+(?=: )/.exec(warning)?.[0]
      )
        .toSorted(),
      [
        "http://10.0.0.1/s.xml",
        ...["bomb", "broken", "none", "private"].map((name) =>
          `${start}${name}.xml`
        ),
      ],
    );
    ok(report.bytes < 200_000);
  }),
);
