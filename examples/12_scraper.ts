/**
 * Crawls a site politely, and writes its pages to pages.jsonl: `deno task examples 12 https://docs.example.com`.
 *
 * Without a URL it crawls the reference of JSXGraph, some 270 pages, which it serves itself on this machine from the package on
 * npm. A URL that is visited already is not fetched again: what is stopped by Ctrl+C and begun again goes on, with
 * `Frontier.layerSql` in place of `Frontier.layerMemory`.
 *
 * Permissions: --allow-net --allow-read --allow-write=pages.jsonl
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { DenoFile, DenoRuntime } from "@weir/weir/deno";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { serveFolder } from "./scraper/site.ts";

/** Five requests a second for a host, one at a time. */
const PerHost = KeyedLimiter.layer(
  Quota.tokenBucket({ rate: 5, per: "1 second", burst: 10 }),
  { concurrency: 1, shared: Quota.tokenBucket({ rate: 50, per: "1 second" }) },
).pipe(Layer.provide(LimiterStore.layerMemory()));

/** What is on this machine need not be spared. */
const PerHostHere = KeyedLimiter.layer(
  Quota.tokenBucket({ rate: 100, per: "1 second" }),
  { concurrency: 4 },
).pipe(Layer.provide(LimiterStore.layerMemory()));

const userAgent = "weir-example (+https://jsr.io/@weir/weir)";

const Everywhere = Scraper.layer({ userAgent }).pipe(Layer.provide(PerHost));

const Here = Scraper.layer({
  userAgent,
  allowHosts: ["127.0.0.1"],
  delayFactor: 0,
}).pipe(Layer.provide(PerHostHere));

/** The folder of the reference. The package is fetched from npm if it is not there yet, and only then known by its place. */
export const jsxGraph: Effect.Effect<string> = Effect.promise(async () => {
  const name = "npm:jsxgraph@1.10.1";
  await import(name);
  return new URL("../distrib/docs/", import.meta.resolve(name)).pathname;
});

const crawl = (start: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { report, visits } = yield* Scraper.crawl({ start, maxPages: 300 });
    const line = Effect.map(report, Scraper.toLine);
    yield* Effect.forkScoped(
      Effect.flatMap(line, show).pipe(
        Effect.repeat(Schedule.spaced("500 millis")),
      ),
    );
    yield* visits.pipe(
      Stream.map((visit) => Scraper.toJson(visit) + "\n"),
      Stream.run(DenoFile.sink("pages.jsonl")),
    );
    yield* show(yield* line);
    yield* Console.log("\nThe pages are in pages.jsonl.");
  });

/** One line that changes, in a terminal. */
const show = (line: string): Effect.Effect<void> =>
  Deno.stdout.isTerminal()
    ? Effect.sync(() => {
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
    })
    : Console.log(line);

/** Crawls what it is given, or the reference of JSXGraph. */
export const program: Effect.Effect<void, unknown> = Effect.gen(function* () {
  const given = Deno.args;
  if (given.length > 0) return yield* Effect.provide(crawl(given), Everywhere);
  const site = yield* serveFolder(yield* jsxGraph);
  yield* Effect.provide(crawl([site]), Here);
}).pipe(
  Effect.scoped,
  Effect.provide([Frontier.layerMemory(), FetchHttpClient.layer]),
);

if (import.meta.main) DenoRuntime.runMain(program);
