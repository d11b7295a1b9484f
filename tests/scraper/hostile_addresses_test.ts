import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Behaviour, soon } from "./crawled.ts";
import { crawledOn, linking, redirect, site, wired } from "./wired.ts";

const start = "http://a.test/";

/** Names that mean what they should not. */
const names = {
  "inside.test": ["10.0.0.1"],
  "both.test": ["93.184.215.14", "10.0.0.1"],
  "six.test": ["2606:4700:4700::1111", "fd00::1"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "zone.test": ["fe80::1%eth0"],
  "localhost": ["127.0.0.1", "::1"],
};

const targets = [
  "http://169.254.169.254/latest/meta-data",
  "http://127.0.0.1:1/",
  "http://[::ffff:10.0.0.1]/",
  "http://[::1]/",
  "http://[fd00::1]:8080/",
  "http://[64:ff9b::7f00:1]/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://0/",
  "http://localhost/",
  "http://localhost./",
  "https://inside.test/",
  "http://both.test/",
  "http://six.test/",
  "http://mapped.test/",
  "http://zone.test/",
];

/** Where the crawl of a page goes whose links, or whose redirects, lead to the targets. */
function lured(by: "links" | "redirects", behaviour: Behaviour = {}) {
  const hops = targets.map((_, n) => `/hop/${n}`);
  const net = wired(
    site({
      "/": () => linking(...(by === "links" ? targets : hops), "/good"),
      "/good": () => linking(),
      ...Object.fromEntries(
        targets.map((to, n) => [`/hop/${n}`, () => redirect(to)]),
      ),
    }),
    names,
  );
  return Effect.map(
    crawledOn(net, { start, maxPages: 100, scope: () => true }, behaviour),
    (outcome) => ({ ...outcome, sent: net.sent.map(({ url }) => url) }),
  );
}

/** Names of the same are one visit: 127.0.0.1 without a port is written in four ways, `localhost` in two. */
const places = targets.length - 4;

for (const robots of [true, false]) {
  for (const by of ["redirects", "links"] as const) {
    testEffect(
      `Scraper.crawl() sends nothing to where ${by} lead that is not public, ${
        robots ? "not even for" : "without a look at"
      } robots.txt`,
      Effect.gen(function* () {
        const { report, sent, visits } = yield* lured(by, { robots });
        const { failed, moved, pages } = report;
        deepStrictEqual({ failed, moved, pages }, {
          failed: places,
          moved: by === "links" ? 0 : targets.length,
          pages: 2,
        });
        for (const visit of visits) {
          if (visit._tag !== "Failed") continue;
          strictEqual(visit.error.reason, "Address", visit.error.message);
        }
        deepStrictEqual(
          new Set(sent.map((url) => new URL(url).host)),
          new Set(["a.test"]),
        );
        // Each once: what is refused is not tried again.
        strictEqual(sent.length, (robots ? 1 : 0) + 2 + moved);
      }),
    );
  }
}

testEffect(
  "Scraper.crawl() refuses a start that is not public, unless its host is allowed, with or without its port",
  Effect.gen(function* () {
    const outcomes: Record<string, string | undefined> = {};
    for (
      const host of ["127.0.0.1", "127.0.0.1:8000", "127.0.0.1:9", "[::1]"]
    ) {
      const net = wired(site({ "/": () => linking() }));
      const url = "http://127.0.0.1:8000/";
      const { told } = yield* crawledOn(net, { start: url, maxPages: 1 }, {
        allowHosts: [host],
      });
      outcomes[host] = `${told[url]}, ${net.sent.length} sent`;
    }
    deepStrictEqual(outcomes, {
      "127.0.0.1": "200, 2 sent",
      "127.0.0.1:8000": "200, 2 sent",
      "127.0.0.1:9": "Address, 0 sent",
      "[::1]": "Address, 0 sent",
    });
  }),
);

testEffect(
  "Scraper.crawl() sends nothing to a host without an address",
  Effect.gen(function* () {
    const net = wired(
      site({ "/": () => linking("http://nobody.test/", "/good") }),
      { "nobody.test": [] },
    );
    const { told } = yield* crawledOn(net, {
      start,
      maxPages: 9,
      scope: () => true,
    }, {
      robots: false,
      retry: soon,
    });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/good": "404",
      "http://nobody.test/": "Transport",
    });
    deepStrictEqual(net.asked(), ["http://a.test/", "http://a.test/good"]);
  }),
);

testEffect(
  "Scraper.crawl() looks at the addresses of a host before each request: one that comes to mean another is refused",
  Effect.gen(function* () {
    const addresses = ["93.184.215.14"];
    const net = wired((url) => {
      // From the first page on.
      if (url.pathname === "/") addresses[0] = "192.168.0.1";
      return site({ "/": () => linking("/1", "/2") })(url);
    }, { "a.test": addresses });
    const { told } = yield* crawledOn(net, { start, maxPages: 10 });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/1": "Address",
      "http://a.test/2": "Address",
    });
    deepStrictEqual(net.asked(), ["http://a.test/"]);
  }),
);

testEffect(
  "Scraper.crawl() sends nothing to where a robots.txt is said to be that is not public",
  Effect.gen(function* () {
    const net = wired(site({
      "/robots.txt": () => redirect("http://169.254.169.254/robots.txt"),
      "/": () => linking(),
    }));
    const { report } = yield* crawledOn(net, { start, maxPages: 10 });
    strictEqual(report.failed, 1);
    deepStrictEqual(
      net.sent.map(({ url }) => url),
      ["http://a.test/robots.txt"],
    );
  }),
);

testEffect(
  "Scraper.crawl() never sends the credentials of a URL, nor a cookie, nor a trace",
  Effect.gen(function* () {
    const net = wired((url) => {
      const response = site({
        "/": () =>
          linking("http://user:secret@a.test/1", "//me:secret@a.test/2"),
        "/1": () => redirect("http://user:secret@a.test/3"),
        "/2": () => linking(),
        "/3": () => linking(),
      })(url);
      if (response !== "never") {
        response.headers.append("set-cookie", "id=secret; Path=/");
      }
      return response;
    });
    const { told } = yield* crawledOn(net, {
      start: "http://user:secret@a.test/",
      maxPages: 10,
    });
    deepStrictEqual(told, {
      "http://a.test/": "200",
      "http://a.test/1": "302 to http://a.test/3",
      "http://a.test/2": "200",
      "http://a.test/3": "200",
    });
    for (const { headers, url } of net.sent) {
      strictEqual(JSON.stringify({ headers, url }).includes("secret"), false);
      deepStrictEqual(Object.keys(headers).sort(), ["accept", "user-agent"]);
    }
  }),
);
