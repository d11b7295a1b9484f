import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mostSitemapUrls, parseSitemap } from "../../src/scraper/sitemap.ts";
import { longestUrl } from "../../src/scraper/url.ts";

const head = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const xmlns = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`;
const page = (location: string) => `<url><loc>${location}</loc></url>`;
const pages = (...entries: readonly string[]) =>
  `${head}<urlset ${xmlns}>${entries.join("\n")}</urlset>`;

Deno.test("parseSitemap() reads the pages of a sitemap, in order", () => {
  const text = pages(
    `<url>
      <loc>
        https://a.example/1
      </loc>
      <lastmod>2005-01-01</lastmod><priority>0.8</priority>
    </url>`,
    `<url><image:image><image:loc>https://a.example/i.png</image:loc>
      </image:image><loc>https://a.example/2</loc></url>`,
    `<url><video><loc>https://a.example/v.mp4</loc></video></url>`,
    `<loc>https://a.example/nowhere</loc><URL><LOC>x</LOC></URL>`,
    `<url><loc/></url><url><loc> </loc></url>`,
    page("https://a.example/1"),
  );
  deepStrictEqual(parseSitemap(text), {
    urls: [
      ...["https://a.example/1", "https://a.example/2", "https://a.example/1"],
    ],
    sitemaps: [],
  });
});

Deno.test("parseSitemap() reads the sitemaps of an index", () => {
  const text = `\uFEFF \n${head}<sitemapindex ${xmlns}>
    <sitemap><loc>https://a.example/1.xml.gz</loc></sitemap>
    <sitemap><lastmod>2004-10-01</lastmod><loc>https://a.example/2</loc></sitemap>
  </sitemapindex>`;
  deepStrictEqual(parseSitemap(text), {
    urls: [],
    sitemaps: ["https://a.example/1.xml.gz", "https://a.example/2"],
  });
});

Deno.test("parseSitemap() unescapes entities, and reads CDATA and past comments", () => {
  const text = pages(
    page("https://a.example/?a=1&amp;b=&#50;&#x33;&apos;&lt;"),
    page("<![CDATA[https://a.example/?a&b]]>"),
    page("https://a.example/<!-- no -->c<?no?>d"),
    page("https://a.example/&lol;&nbsp;&"),
  );
  deepStrictEqual(parseSitemap(text).urls, [
    "https://a.example/?a=1&b=23'<",
    "https://a.example/?a&b",
    "https://a.example/cd",
    "https://a.example/&lol;&nbsp;&",
  ]);
});

Deno.test("parseSitemap() expands no entities of the document's own", () => {
  const bomb = `${head}<!DOCTYPE lolz [<!ENTITY a "https://a.example/">
    <!ENTITY b "&a;&a;&a;">]><urlset>${page("&b;")}${page("c")}</urlset>`;
  ok(parseSitemap(bomb).urls.every((url) => !url.includes("a.example")));
});

Deno.test("parseSitemap() reads a URL on each line of a text", () => {
  const text = "\uFEFFhttps://a.example/1\r\n\n  https://a.example/2 \r\r";
  deepStrictEqual(parseSitemap(text), {
    urls: ["https://a.example/1", "https://a.example/2"],
    sitemaps: [],
  });
  deepStrictEqual(parseSitemap(""), { urls: [], sitemaps: [] });
});

Deno.test("parseSitemap() takes what it can of XML that is broken", () => {
  const good = page("https://a.example/1");
  for (
    const broken of [
      ...[`<urlset>${good}<url><loc>https://a.example/2`, `<urlset>${good}<`],
      ...[`<urlset></x></url>${good}`, `<urlset a=<b ">${good}`],
      ...[`<urlset>${good}<![CDATA[`, `<urlset>${good}</urlset></urlset>`],
      ...[`<urlset>${good}\0<!--`, `<!DOCTYPE [<urlset>${good}`, good],
    ]
  ) {
    deepStrictEqual(
      parseSitemap(broken).urls,
      ["https://a.example/1"],
      broken,
    );
  }
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(FastCheck.constantFrom(
        ...["<", ">", "</", "url", "loc", "<loc>", "</loc>", "<url>", "&", "#"],
        ...["<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", '"', "=", "/", "\0"],
      )),
      (pieces) => {
        parseSitemap(`<${pieces.join("")}`);
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("parseSitemap() reads 50,000 URLs", () => {
  const entries = Array.from(
    { length: mostSitemapUrls + 10 },
    (_, i) => `https://a.example/${i}`,
  );
  const expected = entries.slice(0, 50_000);
  deepStrictEqual(parseSitemap(pages(...entries.map(page))).urls, expected);
  deepStrictEqual(parseSitemap(entries.join("\n")).urls, expected);
  const index = `<sitemapindex>${
    entries.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join("")
  }`;
  deepStrictEqual(parseSitemap(index).sitemaps, expected);
});

Deno.test("parseSitemap() leaves out what is longer than a URL may be", () => {
  const fits = "a".repeat(longestUrl);
  for (const long of [`${fits}a`, "a".repeat(3_000_000)]) {
    deepStrictEqual(
      parseSitemap(pages(page(fits), page(long), page("b"))).urls,
      [fits, "b"],
    );
    deepStrictEqual(parseSitemap(`${fits}\n${long}\nb`).urls, [fits, "b"]);
  }
});

Deno.test("parseSitemap() reads no further than elements that are too deep", () => {
  const deep = (levels: number) =>
    `${page("a")}${"<x>".repeat(levels)}${page("b")}${"</x>".repeat(levels)}`;
  deepStrictEqual(parseSitemap(`<urlset>${deep(13)}${page("c")}`).urls, [
    ...["a", "b", "c"],
  ]);
  deepStrictEqual(parseSitemap(`<urlset>${deep(16)}${page("c")}`).urls, ["a"]);
  // In time that grows with the square of it, this would take hours.
  const hostile = `${"<x>".repeat(1_000_000)}${"</y>".repeat(1_000_000)}`;
  strictEqual(parseSitemap(hostile).urls.length, 0);
});
