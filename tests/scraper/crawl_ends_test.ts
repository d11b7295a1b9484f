import { Scraper } from "@weir/weir/scraper";
import { testEffect, testLive } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Stream from "effect/Stream";
import { ok, strictEqual } from "node:assert/strict";
import { crawled, crawler, timeGoesBy } from "./crawled.ts";
import { links, live, type Says } from "./live.ts";
import { linking, site, wired } from "./wired.ts";

const start = "http://a.test/";

for (const name of ["scope", "priority"] as const) {
  testEffect(
    `Scraper.crawl() ends with the defect of a ${name} that throws`,
    Effect.gen(function* () {
      const bug = new Error("a bug");
      const net = wired(site({
        "/": () => linking("/good", "/bad", "/next"),
        "/good": () => linking(),
      }));
      const throws = ({ pathname }: URL): never | boolean => {
        if (pathname === "/bad") throw bug;
        return true;
      };
      const options = name === "scope"
        ? { scope: throws }
        : { priority: (url: URL) => Number(throws(url)) };
      const exit = yield* crawled({ start, maxPages: 9, ...options }).pipe(
        Effect.provide(net.layer),
        Effect.exit,
        timeGoesBy,
      );
      ok(Exit.isFailure(exit));
      strictEqual(Cause.squash(exit.cause), bug);
    }),
  );
}

/** A site of pages that never end, below a first one that does. */
const endless = live({
  "/": () => links(...Array.from({ length: 20 }, (_, n) => `/${n}`)),
  ...Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [
      `/${n}`,
      (): Says => ({ gone }) => gone,
    ]),
  ),
});

const hangUp = (talks: ReadonlyArray<{ readonly gone: Promise<void> }>) =>
  Effect.promise(() => Promise.all(talks.map(({ gone }) => gone))).pipe(
    Effect.timeout("2 seconds"),
  );

testLive(
  "Crawl.visits hangs up everywhere when it is interrupted",
  Effect.gen(function* () {
    const server = yield* endless;
    const program = Effect.gen(function* () {
      const crawl = yield* Scraper.crawl({
        start: server.url("/"),
        maxPages: 100,
      });
      const fiber = yield* Effect.forkChild(Stream.runDrain(crawl.visits));
      while (server.talks.length < 2 + 5) yield* Effect.sleep("5 millis");
      yield* Fiber.interrupt(fiber);
      yield* hangUp(server.talks);
      const { elapsed: _, ...report } = yield* crawl.report;
      strictEqual(report.running, 0);
      strictEqual(report.pages, 1);
    });
    yield* Effect.provide(
      program,
      crawler({ allowHosts: [server.host], concurrency: 5 }),
    ).pipe(Effect.provide(FetchHttpClient.layer));
    strictEqual(server.talks.length, 7);
  }),
);

testLive(
  "Crawl.visits ends all that is on its way once no more is taken",
  Effect.gen(function* () {
    const server = yield* live({
      "/": () => links("/1", "/2", "/slow", "/3"),
      "/1": () => links(),
      "/2": () => links(),
      "/slow": () => ({ gone }) => gone,
    });
    const program = Effect.gen(function* () {
      const crawl = yield* Scraper.crawl({
        start: server.url("/"),
        maxPages: 100,
      });
      const taken = yield* Stream.runCollect(Stream.take(crawl.visits, 3));
      strictEqual(taken.length, 3);
      strictEqual((yield* crawl.report).running, 0);
      yield* hangUp(server.talks);
    });
    yield* Effect.provide(
      program,
      crawler({ allowHosts: [server.host] }),
    ).pipe(Effect.provide(FetchHttpClient.layer));
  }),
);
