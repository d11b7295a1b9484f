/**
 * A large crawl in virtual time.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { Frontier, Scraper } from "@weir/weir/scraper";
import { Simulation } from "@weir/weir/simulation";
import * as Cause from "effect/Cause";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { ok, strictEqual } from "node:assert/strict";
import { assertPolite, type Courtesy, limiterLayer } from "./politeness.ts";
import { Web } from "./web.ts";

const courtesy: Courtesy = {
  quota: Quota.tokenBucket({ rate: 1, per: "1 second", burst: 2 }),
  shared: Quota.tokenBucket({ rate: 500, per: "1 second", burst: 100 }),
  perHost: 1,
  concurrency: 100,
  delayFactor: 1,
  maxDelay: 30_000,
};

/** Fails unless so many pages of so many hosts are visited once each, and politely. Gives the virtual time it took. */
export const crawlAtLarge = async (
  hosts: number,
  maxPages: number,
): Promise<Duration.Duration> => {
  const program = Effect.gen(function* () {
    const pages = Math.ceil(1.5 * maxPages / hosts);
    const shape = { seed: 7, hosts, pages, latency: 400, isRough: true };
    const web = yield* Web.make(shape);
    const start = web.start();
    const live = Scraper.layer({
      userAgent: "ExampleBot/1.0 (+https://bot.example)",
      ...courtesy,
      retry: Schedule.upTo(Schedule.spaced("1 second"), { times: 2 }),
    }).pipe(Layer.provide([
      limiterLayer(courtesy),
      Frontier.layerMemory(),
      web.layer,
    ]));
    const visited = new Set<string>();
    yield* Effect.gen(function* () {
      const crawl = yield* Scraper.crawl({ start, maxPages, scope: "site" });
      yield* Stream.runForEach(crawl.visits, ({ url }) => {
        ok(!visited.has(url), `${url} was visited again`);
        visited.add(url);
        return Effect.void;
      });
      strictEqual((yield* crawl.report).pages, maxPages);
    }).pipe(Effect.provide(live));
    assertPolite(web, courtesy);
    strictEqual(new Set(web.calls.map(({ host }) => host)).size, hosts);
  });
  const run = await Effect.runPromise(
    Simulation.run(program, { maxTime: "7 days" }),
  );
  strictEqual(run.sickness, undefined);
  if (Exit.isFailure(run.exit)) throw Cause.squash(run.exit.cause);
  return run.time;
};
