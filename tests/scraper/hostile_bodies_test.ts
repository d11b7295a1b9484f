import { testLive } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createGzip, gzipSync } from "node:zlib";
import { type Behaviour, crawled, soon } from "./crawled.ts";
import { chunk, head, links, live, response, type Says } from "./live.ts";

const mebibyte = 2 ** 20;

/** A crawl of a site whose first page links to what is hostile, and to what is not. */
function lured(hostile: Says, behaviour: Behaviour = {}) {
  return Effect.gen(function* () {
    const server = yield* live({
      "/": () => links("/hostile", "/good"),
      "/hostile": () => hostile,
      "/good": () => links(),
    });
    const outcome = yield* crawled({ start: server.url("/"), maxPages: 10 }, {
      allowHosts: ["127.0.0.1"],
      concurrency: 2,
      retry: soon,
      ...behaviour,
    }).pipe(Effect.provide(FetchHttpClient.layer));
    const { told } = outcome;
    strictEqual(told[server.url("/")], "200");
    strictEqual(told[server.url("/good")], "200");
    strictEqual(outcome.visits.length, 3);
    const [visit] = outcome.visits.filter(({ url }) =>
      url === server.url("/hostile")
    );
    const talks = server.talks.filter(({ path }) => path === "/hostile");
    return {
      ...outcome,
      ...{ server, talks, came: told[server.url("/hostile")], visit },
    };
  });
}

/** Everybody that asked has hung up, or does so soon. */
const allGone = (talks: ReadonlyArray<{ readonly gone: Promise<void> }>) =>
  Effect.promise(() => Promise.all(talks.map(({ gone }) => gone))).pipe(
    Effect.timeout("2 seconds"),
  );

testLive(
  "Scraper.crawl() reads maxBytes of a body without end, and hangs up",
  Effect.gen(function* () {
    let written = 0;
    const { came, report, talks } = yield* lured(async ({ isGone, write }) => {
      await write(
        head({ "content-type": "text/html", "transfer-encoding": "chunked" }),
      );
      const piece = chunk(new Uint8Array(16_384).fill(120));
      while (!isGone()) {
        await write(piece);
        written += 16_384;
      }
    }, { maxBytes: mebibyte });
    strictEqual(came, "TooLarge");
    strictEqual(talks.length, 1);
    yield* allGone(talks);
    // What the server wrote may be on its way; what was read is counted.
    ok(written < 32 * mebibyte, `${written} written`);
    ok(report.bytes <= 1.2 * mebibyte, `${report.bytes} read`);
  }),
);

testLive(
  "Scraper.crawl() reads nothing of a body that is said to be larger than maxBytes",
  Effect.gen(function* () {
    const { came, report, talks } = yield* lured(async ({ gone, write }) => {
      await write(
        head({ "content-type": "text/html", "content-length": "1025" }),
      );
      await write("x");
      await gone;
    }, { maxBytes: 1024 });
    strictEqual(came, "TooLarge");
    strictEqual(talks.length, 1);
    yield* allGone(talks);
    // Of the other two pages.
    ok(report.bytes < 100);
  }),
);

testLive(
  "Scraper.crawl() takes a body of maxBytes, and refuses one of a byte more",
  Effect.gen(function* () {
    const text = "x".repeat(1000);
    const chunked = (body: string) =>
    async (
      { write }: { write: (data: string | Uint8Array) => Promise<void> },
    ) => {
      await write(
        head({ "content-type": "text/html", "transfer-encoding": "chunked" }),
      );
      await write(chunk(new TextEncoder().encode(body)));
      await write("0\r\n\r\n");
    };
    const limit = { maxBytes: 1000 };
    strictEqual((yield* lured(response(text), limit)).came, "200");
    strictEqual((yield* lured(chunked(text), limit)).came, "200");
    strictEqual((yield* lured(response(`${text}x`), limit)).came, "TooLarge");
    strictEqual((yield* lured(chunked(`${text}x`), limit)).came, "TooLarge");
  }),
);

testLive(
  "Scraper.crawl() unpacks maxBytes of a gzip bomb, whatever length it says it has",
  Effect.gen(function* () {
    const bomb = gzipSync(Buffer.alloc(100 * mebibyte));
    for (const length of [{ "content-length": `${bomb.length}` }, {}]) {
      const { came, report, talks } = yield* lured(async ({ write }) => {
        await write(head({
          "content-type": "text/html",
          "content-encoding": "gzip",
          ...length,
        }));
        await write(bomb);
      }, { maxBytes: mebibyte });
      strictEqual(came, "TooLarge");
      strictEqual(talks.length, 1);
      ok(report.bytes < 2 * mebibyte, `${report.bytes} read`);
    }
  }),
);

testLive(
  "Scraper.crawl() hangs up on a gzip bomb of a gigabyte while it is sent",
  Effect.gen(function* () {
    const { came, report, talks } = yield* lured(
      async ({ gone, isGone, write }) => {
        await write(
          head({ "content-type": "text/html", "content-encoding": "gzip" }),
        );
        const zeros = Buffer.alloc(mebibyte);
        const gzip = createGzip();
        gzip.on("error", () => {});
        for (let n = 0; n < 1024 && !isGone(); n++) {
          gzip.write(zeros);
          await new Promise<void>((resolve) => gzip.flush(() => resolve()));
          const piece = gzip.read();
          if (piece === null) continue;
          await write(piece).catch(() => {});
        }
        gzip.destroy();
        await gone;
      },
      { maxBytes: 4 * mebibyte },
    );
    strictEqual(came, "TooLarge");
    yield* allGone(talks);
    ok(report.bytes < 6 * mebibyte, `${report.bytes} read`);
  }),
);

testLive(
  "Scraper.crawl() asks again for a body that is not the gzip it is said to be",
  Effect.gen(function* () {
    const { came, talks } = yield* lured(
      response("not packed at all, though it says so", {
        "content-encoding": "gzip",
      }),
    );
    strictEqual(came, "Transport");
    strictEqual(talks.length, 3);
  }),
);

testLive(
  "Scraper.crawl() gives up a body that drips, and one that never begins, after timeout and retries",
  Effect.gen(function* () {
    const drip: Says = async ({ isGone, write }) => {
      await write(head({ "content-type": "text/html" }));
      while (!isGone()) {
        await write("x");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const dripHead: Says = async ({ isGone, write }) => {
      await write("HTTP/1.1 200 OK\r\n");
      while (!isGone()) {
        await write("x-more: y\r\n");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const silent: Says = ({ gone }) => gone;
    for (const says of [drip, dripHead, silent]) {
      const { came, talks, visit } = yield* lured(says, {
        timeout: "150 millis",
      });
      strictEqual(came, "Timeout");
      strictEqual(talks.length, 3);
      yield* allGone(talks);
      const took = Duration.toMillis(visit!.elapsed);
      ok(took >= 150 && took < 1000, `${took} ms`);
    }
  }),
);

testLive(
  "Scraper.crawl() asks again where a connection breaks, before the head, within it, or half way through the body",
  Effect.gen(function* () {
    const breaks: Record<string, Says> = {
      nothing: async () => {},
      half: async ({ write }) => {
        await write("HTTP/1.1 200 OK\r\ncontent-t");
      },
      garbage: async ({ write }) => {
        await write("SSH-2.0-OpenSSH_9.9\r\n\r\n");
      },
      short: async ({ write }) => {
        await write(
          head({ "content-type": "text/html", "content-length": "100" }),
        );
        await write("<a href=/never>");
      },
      chunks: async ({ write }) => {
        await write(
          head({ "content-type": "text/html", "transfer-encoding": "chunked" }),
        );
        await write(chunk(new TextEncoder().encode("<a href=/never>")));
      },
      "no chunk": async ({ write }) => {
        await write(
          head({ "content-type": "text/html", "transfer-encoding": "chunked" }),
        );
        await write("zzz\r\nwhat\r\n");
      },
    };
    const came: Record<string, string> = {};
    for (const [name, says] of Object.entries(breaks)) {
      const outcome = yield* lured(says);
      came[name] = `${outcome.came} after ${outcome.talks.length}`;
    }
    deepStrictEqual(
      came,
      Object.fromEntries(
        Object.keys(breaks).map((name) => [name, "Transport after 3"]),
      ),
    );
  }),
);
