/**
 * Crawls to their end, and what came of them.
 *
 * @module
 */
import { KeyedLimiter } from "@weir/weir";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { strictEqual } from "node:assert/strict";
import { alone, shown } from "../support/metrics.ts";

/** How a crawler behaves, besides its name. */
export type Behaviour = Partial<Scraper.Options>;

/** What came of a crawl. */
export interface Outcome {
  readonly visits: ReadonlyArray<Scraper.Visit>;
  readonly report: Scraper.Report;
  /** What came of each URL, in a word or two. */
  readonly told: Readonly<Record<string, string>>;
}

/** Tries again twice, almost at once. */
export const soon: Schedule.Schedule<unknown> = Schedule.spaced("10 millis")
  .pipe(Schedule.upTo({ times: 2 }));

/** What came of a URL. */
export function wordsOf(visit: Scraper.Visit): string {
  switch (visit._tag) {
    case "Page":
      return `${visit.status}`;
    case "Moved":
      return `${visit.status} to ${visit.to}`;
    case "Failed":
      return visit.error.reason;
  }
}

/** A crawler with a frontier of its own that never rests, unless it or its limiter is told to. */
export function crawler(
  behaviour: Behaviour = {},
  limiter: Layer.Layer<KeyedLimiter.KeyedLimiter> = KeyedLimiter.layerUnlimited,
): Layer.Layer<Scraper.Scraper, never, HttpClient.HttpClient> {
  return Scraper.layer({
    userAgent: "ExampleBot/1.0 (+https://bot.example)",
    delayFactor: 0,
    ...behaviour,
  }).pipe(
    Layer.provide([limiter, Frontier.layerMemory()]),
  );
}

/** Crawls to the end, whose counts must add up. */
export function crawled(
  options: Scraper.CrawlOptions,
  behaviour?: Behaviour,
  limiter?: Layer.Layer<KeyedLimiter.KeyedLimiter>,
): Effect.Effect<Outcome, Frontier.FrontierError, HttpClient.HttpClient> {
  return Effect.gen(function* () {
    const crawl = yield* Scraper.crawl(options);
    const visits = yield* Stream.runCollect(crawl.visits);
    const report = yield* crawl.report;
    checkCounts(visits, report, yield* shown("weir_scraper_", "none"));
    const told = Object.fromEntries(
      visits.map((visit) => [visit.url, wordsOf(visit)]),
    );
    strictEqual(Object.keys(told).length, visits.length, "each URL once");
    return { visits, report, told };
  }).pipe(Effect.provide(crawler(behaviour, limiter)), alone);
}

/** Each visit is one of the three, in the report and in the metrics, and nothing is left under way. */
export function checkCounts(
  visits: ReadonlyArray<Scraper.Visit>,
  report: Scraper.Report,
  metrics: Readonly<Record<string, unknown>>,
): void {
  const { bytes, failed, moved, pages, running, skipped } = report;
  strictEqual(pages, count(visits, "Page"), "pages");
  strictEqual(moved, count(visits, "Moved"), "moved");
  strictEqual(failed, count(visits, "Failed"), "failed");
  strictEqual(running, 0, "running");
  const all = { pages, moved, failed, skipped, bytes };
  for (const [name, value] of Object.entries(all)) {
    strictEqual(metrics[`${name}_total undefined`], value, name);
  }
  strictEqual(metrics["running undefined"], 0, "running");
}

function count(
  visits: ReadonlyArray<Scraper.Visit>,
  tag: Scraper.Visit["_tag"],
): number {
  return visits.filter(({ _tag }) => _tag === tag).length;
}

/** Lets time go by until an effect ends, a tenth of a second in each turn of the event loop. */
export function timeGoesBy<A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  return Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect);
    while (fiber.pollUnsafe() === undefined) {
      yield* nextTurn;
      yield* TestClock.adjust("100 millis");
    }
    return yield* Fiber.join(fiber);
  });
}

const nextTurn = Effect.promise(() =>
  new Promise<void>((resolve) => setImmediate(resolve))
);
