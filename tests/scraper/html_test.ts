import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import * as FastCheck from "fast-check";
import {
  type Html,
  type HtmlOptions,
  HtmlReader,
} from "../../src/scraper/html.ts";

const robots = new Set(["robots", "weirbot"]);

function readerOf(options: Partial<HtmlOptions> = {}): HtmlReader {
  return new HtmlReader({
    maxLinks: 10_000,
    nofollow: true,
    robots,
    ...options,
  });
}

/** Reads HTML that comes in one part, or in parts of so many characters. */
function read(
  html: string,
  { part = html.length, ...options }:
    & Partial<HtmlOptions>
    & { readonly part?: number } = {},
): Html {
  const reader = readerOf(options);
  for (let at = 0; at < html.length; at += part) {
    reader.write(html.slice(at, at + part));
  }
  return reader.end();
}

const page = `<!DOCTYPE html>
<HTML><head><title>
  A &amp; B&nbsp;<b>&copy;
</title><title>second</title>
<meta name="Robots" content="noindex, nofollow">
<META CONTENT='none' NAME=weirbot>
<meta name=otherbot content=none><meta name=robots>
<base target=_top><base href=" ../docs/ "><base href="/other/">
<link rel=stylesheet href=s.css><link rel=next href=next.html>
</head><body><svg><title>no</title><a href="in-svg">x</a></svg>
<!-- <a href="comment"> --> <script>"<a href='script'>"</script>
<style>/* <a href=style> */</style><textarea><a href=textarea></textarea>
<template><a href=template></a><template></template><base href=t><a href=t2></template>
<noscript><a href=noscript></noscript>
<a href="
  one?a=1&amp;b=2&#38;c=3&copy=4 \t">1</a><A HREF=two>2</A><a name=three>3</a>
<a href=four href=five><area href='six'><a href>7</a><a href=two#x>8</a>
<a rel="me NoFollow" href=no>9</a><a rel="ugc sponsored nofollower" href=ten>10</a>
<iframe src="frame/1"><a href=in-frame></iframe><frame src=frame2>
<a href="a b.html">b</a><a data-href=data href=eleven/>c</a><a href=two>again</a>
<img src=img.png><a href="never ends`;

const expected: Html = {
  title: "A & B\u00a0<b>©",
  base: "../docs/",
  links: [
    ...["in-svg", "one?a=1&b=2&c=3&copy=4", "two", "four", "six", "", "two#x"],
    ...["ten", "frame/1", "frame2", "a b.html", "eleven/"],
  ],
  robots: [
    { name: "robots", content: "noindex, nofollow" },
    { name: "weirbot", content: "none" },
  ],
};

Deno.test("HtmlReader reads title, base, links and metas for robots as browsers do", () => {
  deepStrictEqual(read(page), expected);
});

Deno.test("HtmlReader reads the same from whatever parts", () => {
  for (const part of [1, 2, 3, 7, 100]) {
    deepStrictEqual(read(page, { part }), expected);
  }
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(
        FastCheck.constantFrom(
          ...["<a href=", "<a href='", "<base href=b>", "<title>", "</title>"],
          ...["<template>", "</template>", "<svg>", "</svg>", "<!--", "-->"],
          ...[
            "<script>",
            "</script>",
            "<noscript>",
            "</noscript>",
            "<div>",
            "x",
          ],
          ...[
            "<meta name=robots content=",
            '"',
            "'",
            ">",
            " ",
            "&amp;",
            "&",
            "é",
          ],
          ...["</", "<", "<iframe src=f>", "</iframe>", "<math>", "<![CDATA["],
        ),
        { maxLength: 40, size: "max" },
      ),
      FastCheck.integer({ min: 1, max: 9 }),
      (pieces, part) => {
        const html = pieces.join("");
        deepStrictEqual(read(html, { part }), read(html));
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("HtmlReader takes links with nofollow where that is not obeyed", () => {
  const html = "<a href=a rel=nofollow><a href=b>";
  deepStrictEqual(read(html).links, ["b"]);
  deepStrictEqual(read(html, { nofollow: false }).links, ["a", "b"]);
});

Deno.test("HtmlReader leaves a title that is empty out, and takes no later one for it", () => {
  strictEqual(read("<p>text").title, undefined);
  strictEqual(read("<title> \n </title><title>no</title>").title, undefined);
  strictEqual(read("<svg><title>no</title></svg><title>a</title>").title, "a");
  strictEqual(
    read("<title>not\n ended <a href=x>").title,
    "not ended <a href=x>",
  );
});

Deno.test("HtmlReader cuts a title at 1,000 characters, and no character in two", () => {
  const long = read(`<title>${" &amp;".repeat(3000)}</title>`).title;
  strictEqual(long, "& ".repeat(500).trim());
  strictEqual(
    read(`<title>${"x".repeat(999)}🜁y</title>`).title,
    "x".repeat(999),
  );
});

Deno.test("HtmlReader leaves SVG that was not closed at the next element of HTML", () => {
  const html =
    "<svg><g><div><script>'<a href=script>'</script><title>a</title>";
  deepStrictEqual(read(html), { ...read(""), title: "a" });
  deepStrictEqual(read("<svg/><title>a</title>").title, "a");
  deepStrictEqual(read("</svg></template><title>a</title>").title, "a");
});

Deno.test("HtmlReader finds the end of <noscript>, whatever was left open in it", () => {
  for (const tag of ["textarea", "script", "title", "style", "iframe", "xmp"]) {
    const html = `<noscript><${tag}><a href=a></noscript><a href=b>`;
    deepStrictEqual(read(html).links, ["b"]);
  }
});

Deno.test("HtmlReader follows the first meta that refreshes", () => {
  const of = (content: string) =>
    read(`<meta http-equiv=Refresh content="${content}">`).links;
  const leading = [
    ...["0;url=x y", "5; URL = 'x y' z", "0,x y", " 1.5 x y", "3 ; url=x y "],
    ...["0;'x y'", "0;url=&quot;x y", "0; url = x y"],
  ];
  for (const content of leading) deepStrictEqual(of(content), ["x y"], content);
  for (const content of ["", "5", "url=x", "5;", "0;url=''", "x;url=y"]) {
    deepStrictEqual(of(content), [], content);
  }
  const two = "<meta http-equiv=refresh content='0;a'>".replace("a", "b");
  deepStrictEqual(
    read(`<meta http-equiv=refresh content='0;a'>${two}`).links,
    ["a"],
  );
});

Deno.test("HtmlReader takes no more links than it may, each once", () => {
  const html = Array.from(
    { length: 1_000_000 },
    (_, n) => `<a href=${n >> 1}>`,
  ).join("");
  const { links } = read(html, { maxLinks: 500 });
  strictEqual(links.length, 500);
  deepStrictEqual(links, Array.from({ length: 500 }, (_, n) => String(n)));
});

Deno.test("HtmlReader keeps a hundred metas for robots", () => {
  const { robots } = read("<meta name=robots content=none>".repeat(1000));
  strictEqual(robots.length, 100);
});

/** Counts what can be reached from an object, characters included. */
function weigh(root: object): number {
  const seen = new Set<unknown>([globalThis, robots]);
  const texts = new Set<string>();
  let weight = 0;
  const visit = (value: unknown): void => {
    if (typeof value === "string" && !texts.has(value)) {
      texts.add(value);
      weight += value.length;
    }
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    if (ArrayBuffer.isView(value)) return;
    seen.add(value);
    weight++;
    if (value instanceof Map || value instanceof Set) [...value].forEach(visit);
    Object.values(value).forEach(visit);
  };
  visit(root);
  return weight;
}

const part = 10_000;

const floods: Readonly<Record<string, string>> = {
  "elements in each other": "<div>",
  "links in each other": "<a><p><table><form>",
  "ends of nothing": "</div></template></svg></p>",
  "templates in each other": "<template>",
  "drawings in each other": "<svg><foreignObject>",
  "a start of tags": "<",
  "attributes": "<b><b x=y x=z ",
  "entities": "&amp;&#38;&nosuch;",
  "long names": "<xxxxxxxxxxxxxxxxxxxxxxxx>",
  "comments": "<!-- - -- -->",
  "titles": "<title>x &amp; </title>",
  "spaces": "    \n",
};

for (const [what, text] of Object.entries(floods)) {
  Deno.test(`HtmlReader keeps nothing of 10 MB of ${what}`, () => {
    const reader = readerOf();
    const once = text.repeat(Math.ceil(part / text.length));
    reader.write(once);
    for (let size = 0; size < 1e7; size += once.length) reader.write(once);
    const weight = weigh(reader);
    ok(weight < 3 * part, `keeps ${weight}`);
    deepStrictEqual(reader.end().links, []);
  });
}

Deno.test("HtmlReader reads a link of 10 MB, and spaces around one, in one pass", () => {
  const long = "x".repeat(5e6);
  const spaces = " ".repeat(5e6);
  for (const quote of ['"', "'"]) {
    const html = `<a href=${quote}${spaces}${long}${spaces}.${quote}>`;
    deepStrictEqual(read(html, { part }).links, [`${long}${spaces}.`]);
  }
  strictEqual(read(`<a href="${long}`, { part }).links.length, 0);
  strictEqual(read(`<!-- ${long}`, { part: 7 }).links.length, 0);
  strictEqual(
    read(`<script>${"</scrip".repeat(1e6)}`, { part: 7 }).title,
    undefined,
  );
});
