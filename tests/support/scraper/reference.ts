/**
 * Crawls the reference of JSXGraph, has `wget` crawl it under the same robots.txt, and prints which pages of HTML each found.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { KeyedLimiter } from "@weir/weir";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
import { cp } from "node:fs/promises";
import { jsxGraph } from "../../../examples/12_scraper.ts";
import { serveFolder } from "../../../examples/scraper/site.ts";

/** In an order in which the first rule that matches is the longest one, for wget goes by the first. */
const robots = `User-agent: *
Allow: /symbols/src/src_jxg.js.html
Disallow: /symbols/src/
`;

/** The pages that the crawler visits. */
const byCrawler = (site: string) =>
  Effect.gen(function* () {
    const { visits } = yield* Scraper.crawl({ start: site, maxPages: 1000 });
    const pages = yield* Stream.runCollect(visits);
    return pages.flatMap((visit) =>
      visit._tag === "Page" && isHtml(visit.headers["content-type"] ?? "")
        ? [visit.url]
        : []
    ).sort();
  }).pipe(Effect.provide(
    Scraper.layer({
      userAgent: "weir-test",
      allowHosts: ["127.0.0.1"],
      delayFactor: 0,
    }).pipe(Layer.provide([
      KeyedLimiter.layerUnlimited,
      Frontier.layerMemory(),
      FetchHttpClient.layer,
    ])),
  ));

/** Those that wget finds: its log names a URL, and then what it is. */
async function byWget(site: string, cwd: string): Promise<readonly string[]> {
  const { stderr } = await new Deno.Command("wget", {
    args: ["--spider", "--recursive", "--level=inf", "--no-proxy", site],
    cwd,
    env: { LC_ALL: "C" },
    stdout: "null",
    stderr: "piped",
  }).output();
  const found = new Set<string>();
  let url = "";
  for (const line of new TextDecoder().decode(stderr).split("\n")) {
    url = /^--[\d: -]+--\s+(\S+)/.exec(line)?.[1] ?? url;
    const [, type = ""] = /^Length:.*\[(\S+)\]/.exec(line) ?? [];
    if (isHtml(type)) found.add(url);
  }
  return [...found].sort();
}

function isHtml(type: string): boolean {
  return type.startsWith("text/html");
}

const folder = await Deno.makeTempDir();
try {
  const site = `${folder}/site`;
  await cp(await Effect.runPromise(jsxGraph), site, { recursive: true });
  await Deno.writeTextFile(`${site}/robots.txt`, robots);
  const found = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const url = yield* serveFolder(site);
    const crawler = yield* byCrawler(url);
    const wget = yield* Effect.promise(() => byWget(url, folder));
    const named = (urls: readonly string[]) =>
      urls.map((found) => found.replace(url, "/"));
    return { crawler: named(crawler), wget: named(wget) };
  })));
  console.log(JSON.stringify(found));
} finally {
  await Deno.remove(folder, { recursive: true });
}
