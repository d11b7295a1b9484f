// deno-lint-ignore-file no-console
import { KeyedLimiter } from "@weir/weir";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
import process from "node:process";

const [start = "", most = "1"] = Deno.args;

const Live = Scraper.layer({
  userAgent: "ExampleBot/1.0 (+https://bot.example)",
  allowHosts: ["127.0.0.1"],
  concurrency: 10,
  delayFactor: 0,
}).pipe(
  Layer.provide([
    KeyedLimiter.layerUnlimited,
    Frontier.layerMemory(),
    FetchHttpClient.layer,
  ]),
);

let titles = 0;
const began = performance.now();
const report = await Effect.gen(function* () {
  const crawl = yield* Scraper.crawl({ start, maxPages: Number(most) });
  yield* Stream.runForEach(crawl.visits, (visit) =>
    Effect.sync(() => {
      if (visit._tag === "Page" && visit.title) titles++;
    }));
  return yield* crawl.report;
}).pipe(Effect.provide(Live), Effect.runPromise);
console.log(JSON.stringify({
  pages: report.pages,
  titles,
  seconds: (performance.now() - began) / 1000,
  rss: process.resourceUsage().maxRSS * 1024,
}));
