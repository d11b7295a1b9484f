/**
 * Crawls of small webs, whatever the order of their fibers.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { Frontier, Scraper } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice } from "../support/dice.ts";
import type { Simulated } from "../support/simulated.ts";
import { assertPolite, type Courtesy, limiterLayer } from "./politeness.ts";
import { Web } from "./web.ts";

/** A crawl by chance. */
interface Scene {
  readonly dice: Dice;
  readonly web: Web;
  readonly courtesy: Courtesy;
  /** What comes of each URL. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** URLs whose visits the frontier was told to be over. */
  readonly finished: Set<string>;
  readonly crawl: (
    maxPages: number,
  ) => Effect.Effect<
    Scraper.Crawl,
    Frontier.FrontierError,
    Scraper.Scraper
  >;
}

const sceneOf: Effect.Effect<Scene> = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const web = yield* Web.make({
    seed: dice.whole(1, 1_000_000),
    hosts: 5,
    pages: dice.pick(6, 30),
    latency: dice.pick(0, 20, 400),
    isRough: dice.happens(0.7),
  });
  const start = web.start();
  return {
    ...{ dice, web },
    finished: new Set(),
    outcomes: web.outcomes(start),
    courtesy: courtesyOf(dice),
    crawl: (maxPages) => Scraper.crawl({ start, maxPages, scope: "site" }),
  };
});

export const crawlPrograms: ReadonlyArray<Simulated> = [
  crawling(
    "a crawl ends, and visits each URL once",
    (scene) =>
      Effect.gen(function* () {
        const { crawl, outcomes } = scene;
        const { report, visits } = yield* crawl(1_000_000);
        const visited = yield* Stream.runCollect(visits);
        deepStrictEqual(sorted(visited.map(outcomeOf)), sorted(outcomes));
        const { failed, moved, pages, pending, running } = yield* report;
        strictEqual(failed + moved + pages, outcomes.size);
        deepStrictEqual([pending, running], [0, 0]);
      }),
  ),
  crawling(
    "a crawl has exactly maxPages pages, or all",
    (scene) =>
      Effect.gen(function* () {
        const { crawl, dice, outcomes } = scene;
        const maxPages = dice.whole(1, outcomes.size);
        const { report, visits } = yield* crawl(maxPages);
        const visited = yield* Stream.runCollect(visits);
        for (const [url, outcome] of visited.map(outcomeOf)) {
          strictEqual(outcome, outcomes.get(url));
        }
        strictEqual(
          new Set(visited.map(({ url }) => url)).size,
          visited.length,
        );
        const { pages, running } = yield* report;
        strictEqual(pages, Math.min(maxPages, countPages(outcomes)));
        strictEqual(pages, countPages(visited.map(outcomeOf)));
        strictEqual(running, 0);
      }),
  ),
  crawling(
    "a crawl that is interrupted goes on, and no page is lost",
    (scene) =>
      Effect.gen(function* () {
        const { crawl, dice, finished, outcomes, web } = scene;
        const found = new Map<string, string>();
        let last: string | undefined;
        const take = (visit: Scraper.Visit) =>
          Effect.suspend(() => {
            const { url } = visit;
            ok(last === undefined || finished.has(last), `${last} has no end`);
            ok(!finished.has(url), `${url} was visited again`);
            found.set(...outcomeOf(visit));
            return Effect.andThen(
              Effect.sleep(dice.pause(100)),
              Effect.sync(() => {
                ok(!finished.has(url), `${url} has an end too soon`);
                last = url;
              }),
            );
          });
        for (let times = dice.whole(1, 3); times > 0; times--) {
          const { report, visits } = yield* crawl(1_000_000);
          const fiber = yield* Effect.forkChild(
            Stream.runForEach(visits, take),
          );
          yield* Effect.sleep(dice.pause(30_000));
          yield* Fiber.interrupt(fiber);
          strictEqual(web.running, 0);
          strictEqual((yield* report).running, 0);
          last = undefined;
        }
        const { visits } = yield* crawl(1_000_000);
        const few = Stream.take(visits, dice.whole(0, 20));
        yield* Stream.runForEach(few, take);
        strictEqual(web.running, 0);
        last = undefined;
        yield* Stream.runForEach(visits, take);
        deepStrictEqual(sorted(found), sorted(outcomes));
        strictEqual(finished.size, outcomes.size);
      }),
  ),
  crawling(
    "who takes visits slowly holds the crawl back",
    (scene) =>
      Effect.gen(function* () {
        const { courtesy: { concurrency }, crawl, outcomes, web } = scene;
        const { visits } = yield* crawl(1_000_000);
        const taken = new Set<string>();
        let most = 0;
        yield* Stream.runForEach(visits, ({ url }) => {
          const read = web.calls.filter(({ isPage }) => isPage)
            .map(({ host, path }) => `http://${host}${path}`);
          most = Math.max(most, new Set(read).difference(taken).size);
          taken.add(url);
          return Effect.sleep("5 seconds");
        });
        strictEqual(taken.size, outcomes.size);
        // As many have a place, and as many have been read.
        const bound = 2 * concurrency + 1;
        ok(most <= bound, `${most} pages wait, where ${bound} may`);
      }),
  ),
];

function crawling(
  name: string,
  claim: (
    scene: Scene,
  ) => Effect.Effect<void, Frontier.FrontierError, Scraper.Scraper>,
): Simulated {
  return {
    name,
    program: Effect.flatMap(sceneOf, played(claim)),
    timerJitter: 20,
  };
}

function played(
  claim: (
    scene: Scene,
  ) => Effect.Effect<void, Frontier.FrontierError, Scraper.Scraper>,
) {
  return (scene: Scene) => {
    const { courtesy, finished, web } = scene;
    const live = Scraper.layer({
      userAgent: "ExampleBot/1.0 (+https://bot.example)",
      ...courtesy,
      retry: Schedule.upTo(Schedule.spaced("1 second"), { times: 2 }),
    }).pipe(Layer.provide([
      limiterLayer(courtesy),
      frontierLayer(finished),
      web.layer,
    ]));
    return Effect.map(
      Effect.provide(claim(scene), live),
      () => assertPolite(web, courtesy),
    );
  };
}

/** A frontier that tells which visits are over. */
function frontierLayer(finished: Set<string>): Layer.Layer<Frontier.Frontier> {
  const { Frontier: Way, layerMemory } = Frontier;
  const told = Effect.map(Way, (way) => ({
    ...way,
    done: (url: string) =>
      Effect.tap(way.done(url), () => Effect.sync(() => finished.add(url))),
  }));
  return Layer.provide(Layer.effect(Way, told), layerMemory());
}

function courtesyOf(dice: Dice): Courtesy {
  return {
    quota: dice.pick(
      Quota.unlimited,
      Quota.tokenBucket({
        rate: dice.whole(1, 20),
        per: "1 second",
        burst: dice.whole(1, 5),
      }),
      Quota.slidingWindow({ limit: dice.whole(1, 5), window: "1 second" }),
    ),
    shared: dice.pick(
      undefined,
      Quota.tokenBucket({ rate: 20, per: "1 second", burst: dice.whole(1, 9) }),
    ),
    perHost: dice.pick(undefined, 1, 2),
    concurrency: dice.whole(1, 6),
    delayFactor: dice.pick(0, 1, 0.5),
    maxDelay: dice.pick(1000, 30_000),
  };
}

function outcomeOf(visit: Scraper.Visit): readonly [string, string] {
  const why = visit._tag === "Failed" ? visit.error.reason : visit.status;
  return [visit.url, `${visit._tag} ${why}`];
}

function countPages(outcomes: Iterable<readonly [string, string]>): number {
  return [...outcomes].filter(([, outcome]) => outcome.startsWith("Page"))
    .length;
}

function sorted(
  outcomes: Iterable<readonly [string, string]>,
): ReadonlyArray<string> {
  return Array.from(outcomes, (pair) => pair.join(" ")).sort();
}
