import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Answers,
  crawledOn,
  html,
  linking,
  nothing,
  site,
  wired,
} from "./wired.ts";

const start = "http://a.test/";

/** Each page links to two that nobody has seen. */
const endless: Answers = ({ pathname }) => {
  if (pathname === "/robots.txt") return nothing();
  const at = pathname === "/" ? "" : pathname;
  return linking(`${at}/l`, `${at}/r`);
};

/** Each month links to the next, the one before, and this one in other words. */
const calendar: Answers = ({ pathname, searchParams }) => {
  if (pathname === "/robots.txt") return nothing();
  if (pathname === "/about") return linking();
  const month = Number(searchParams.get("month") ?? 0);
  return linking(
    ...[`/?month=${month + 1}`, `/?month=${month - 1}`],
    ...[`/?month=${month}&view=week`, `/?month=${month}#top`, "/about"],
  );
};

for (const [name, answers] of Object.entries({ endless, calendar })) {
  for (const concurrency of [1, 10]) {
    for (const maxPages of [1, 50]) {
      testEffect(
        `Scraper.crawl() takes exactly ${maxPages} pages of what has no end (${name}), ${concurrency} at once`,
        Effect.gen(function* () {
          const net = wired(answers);
          const { report, visits } = yield* crawledOn(
            net,
            { start, maxPages },
            {
              concurrency,
            },
          );
          strictEqual(report.pages, maxPages);
          strictEqual(visits.length, maxPages);
          strictEqual(net.asked().length, maxPages);
          strictEqual(new Set(net.asked()).size, maxPages);
          ok(report.pending > 0);
        }),
      );
    }
  }
}

testEffect(
  "Scraper.crawl() goes as deep as maxDepth, and counts what it leaves out",
  Effect.gen(function* () {
    for (const maxDepth of [0, 1, 4]) {
      const net = wired(endless);
      const { report, visits } = yield* crawledOn(net, {
        start,
        maxPages: 1000,
        maxDepth,
      });
      strictEqual(visits.length, 2 ** (maxDepth + 1) - 1);
      strictEqual(Math.max(...visits.map(({ depth }) => depth)), maxDepth);
      strictEqual(report.skipped, 2 ** (maxDepth + 1));
      strictEqual(report.pending, 0);
    }
  }),
);

testEffect(
  "Scraper.crawl() does not see links that are longer than a URL may be, or lead to no page",
  Effect.gen(function* () {
    const room = 8192 - start.length;
    const longest = `/${"x".repeat(room)}`;
    const net = wired(site({
      "/": () =>
        linking(
          ...[
            `${longest}y`,
            longest,
            `/?${"y".repeat(9000)}`,
            "mailto:a@b.test",
          ],
          ...[
            "javascript:alert(1)",
            "http://",
            "http://[::1",
            "tel:+1",
            "/good",
          ],
          ...["ftp://a.test/", "file:///etc/passwd", "data:,x", "blob:x"],
        ),
      [longest]: () => linking(),
      "/good": () => linking(),
    }));
    const { report, told } = yield* crawledOn(net, { start, maxPages: 100 });
    deepStrictEqual(told, {
      [start]: "200",
      [`http://a.test${longest}`]: "200",
      "http://a.test/good": "200",
    });
    strictEqual(report.skipped, 0);
  }),
);

testEffect(
  "Scraper.crawl() follows the first maxLinks in scope of a page with 100,000 links, a thousand if omitted",
  Effect.gen(function* () {
    const many = Array.from({ length: 50_000 }, (_, n) => `/${n}`);
    const links = many.flatMap((path) => [`http://b.test${path}`, path, path]);
    const anchors = links.map((link) => `<a href="${link}">x</a>`).join("");
    for (const maxLinks of [0, 3, undefined]) {
      const net = wired(site({ "/": () => html(anchors) }));
      const { report, visits } = yield* crawledOn(net, {
        start,
        maxPages: 5,
        maxLinks,
      });
      const [page] = visits;
      // So many are read.
      strictEqual(page?._tag === "Page" && page.links.length, 10_000);
      const followed = maxLinks ?? 1000;
      strictEqual(report.skipped, 10_000 - followed);
      strictEqual(report.pending, Math.max(0, followed - 4));
      deepStrictEqual(
        net.asked(),
        [
          start,
          ...many.slice(0, Math.min(4, followed)).map((path) =>
            `http://a.test${path}`
          ),
        ],
      );
    }
  }),
);
