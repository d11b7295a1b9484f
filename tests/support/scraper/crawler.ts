/**
 * A process that goes on with the crawl of a database until it is killed, and writes down each visit before it asks for the next.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { KeyedLimiter } from "@weir/weir";
import { DenoSqlite } from "@weir/weir/deno";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";

const [start = "", database = "", visits = "", run = ""] = Deno.args;

const Way = Frontier.layerSql().pipe(
  Layer.provide(DenoSqlite.layer({ filename: database })),
);

const Crawler = Scraper.layer({
  // The server sees by it which run asks.
  userAgent: `ExampleBot/1.0 (run ${run})`,
  allowHosts: ["127.0.0.1"],
  concurrency: 6,
  delayFactor: 0,
}).pipe(
  Layer.provide([KeyedLimiter.layerUnlimited, Way, FetchHttpClient.layer]),
);

const program = Effect.gen(function* () {
  const file = yield* Effect.acquireRelease(
    Effect.promise(() => Deno.open(visits, { append: true, create: true })),
    (file) => Effect.sync(() => file.close()),
  );
  const crawl = yield* Scraper.crawl({ start, maxPages: 1_000_000 });
  console.log("crawls");
  yield* Stream.runForEach(crawl.visits, (visit) =>
    Effect.sync(() => {
      const line = JSON.stringify({ run: Number(run), url: visit.url });
      file.writeSync(new TextEncoder().encode(`${line}\n`));
    }));
});

await Effect.runPromise(Effect.scoped(Effect.provide(program, Crawler)));
