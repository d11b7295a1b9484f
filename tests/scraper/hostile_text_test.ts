import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { crawledOn, html, linking, site, wired } from "./wired.ts";

const start = "http://a.test/";

const latin = new Uint8Array([0x3c, 0x70, 0x3e, 0xe9]);
const utf8 = new TextEncoder().encode("<p>é");
const utf16 = new Uint8Array([0xff, 0xfe, 0x3c, 0, 0x70, 0, 0x3e, 0, 0xe9, 0]);

/** Bytes, what the header says they are, and what they are read as. */
const texts: Readonly<
  Record<string, readonly [Uint8Array<ArrayBuffer>, string | undefined, string]>
> = {
  "/right": [latin, "text/html; charset=iso-8859-1", "<p>é"],
  "/wrong": [utf8, "text/html; charset=iso-8859-1", "<p>Ã©"],
  "/unknown": [utf8, "text/html; charset=klingon", "<p>é"],
  "/unsaid": [utf8, "text/html", "<p>é"],
  "/broken": [latin, "text/html; charset=utf-8", "<p>\ufffd"],
  "/mark": [utf16, "text/html; charset=utf-8", "<p>é"],
  "/untyped": [utf8, undefined, "<p>é"],
  "/nonsense": [utf8, ";;;", "<p>é"],
  "/json": [utf8, "application/json", "<p>é"],
};
const others = ["image/png", "application/octet-stream", "application/pdf"];

testEffect(
  "Scraper.crawl() reads text by mark, header or guess, and refuses what is none, each once",
  Effect.gen(function* () {
    const net = wired(site({
      "/": () =>
        linking(
          ...Object.keys(texts),
          ...others.map((_, n) => `/${n}`),
          "/good",
        ),
      "/good": () => linking(),
      ...Object.fromEntries(
        Object.entries(texts).map(([path, [bytes, type]]) => [
          path,
          () =>
            new Response(bytes, {
              headers: type === undefined ? {} : { "content-type": type },
            }),
        ]),
      ),
      ...Object.fromEntries(
        others.map((type, n) => [
          `/${n}`,
          () => new Response("x", { headers: { "content-type": type } }),
        ]),
      ),
    }));
    const { told, visits } = yield* crawledOn(net, { start, maxPages: 20 });
    for (const visit of visits) {
      const [, , text] = texts[new URL(visit.url).pathname] ?? [];
      if (text === undefined) continue;
      strictEqual(visit._tag === "Page" && visit.content, text, visit.url);
    }
    deepStrictEqual(
      others.map((_, n) => told[`${start}${n}`]),
      others.map(() => "ContentType"),
    );
    strictEqual(told[`${start}good`], "200");
    strictEqual(net.asked().length, visits.length);
  }),
);

testEffect(
  "Scraper.crawl() reads 10 MB of broken HTML, and the links that are in it",
  Effect.gen(function* () {
    const first = `<a href="/found">`;
    const size = 10_000_000;
    const fill = (part: string) => part.repeat(Math.ceil(size / part.length));
    const bodies = {
      "/unclosed": first + fill("<div><p><b>"),
      "/deep": first + fill("<div>"),
      "/attribute": `${first}<a href="${fill("x")}`,
      "/attributes": `${first}<a ${fill("a=b ")}`,
      "/angles": first + fill("<"),
      "/comment": `${first}<!--${fill("-")}`,
      "/script": `${first}<script>${fill("</scrip")}`,
      "/closing": first + fill("</div>"),
    };
    const net = wired(site({
      "/": () => linking(...Object.keys(bodies), "/good"),
      "/found": () => linking(),
      "/good": () => linking(),
      ...Object.fromEntries(
        Object.entries(bodies).map(([path, body]) => [path, () => html(body)]),
      ),
    }));
    const began = performance.now();
    const { told } = yield* crawledOn(net, { start, maxPages: 20 }, {
      maxBytes: 11_000_000,
      timeout: "1 hour",
    });
    const took = performance.now() - began;
    deepStrictEqual(Object.keys(told).length, Object.keys(bodies).length + 3);
    ok(Object.values(told).every((came) => came === "200"));
    // Far from the time that any part of it would take twice for each before it.
    ok(took < 60_000, `${took} ms`);
  }),
);
