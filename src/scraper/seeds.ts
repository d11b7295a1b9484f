/**
 * First URLs from sitemaps.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { joined } from "../internal/bytes.ts";
import type { FrontierError } from "./frontier.ts";
import { gunzip } from "./gunzip.ts";
import { refused } from "./refused.ts";
import type { AskLeave, AskManners } from "./robots_cache.ts";
import type { Reading, Sender } from "./sender.ts";
import { parseSitemap } from "./sitemap.ts";
import type { Trail } from "./trail.ts";
import { parseUrl } from "./url.ts";
import type { VisitError } from "./visit.ts";

/** How many sitemaps of a crawl are read, indexes included. */
const mostSitemaps = 1000;
/** How large a sitemap may be, packed and unpacked (by the protocol: 50 MB). */
const maxBytes = 52_428_800;

/** What sitemaps are read with. */
export interface Means {
  readonly sender: Sender;
  readonly manners: AskManners;
  readonly leave: AskLeave;
  readonly trail: Trail;
}

/**
 * Adds what the sitemaps list that the robots.txt of the first URLs name, as far as it is in scope. One that cannot be read is
 * left out, with a line in the log.
 */
export function sitemapSeeds(
  { leave, manners, sender, trail }: Means,
  start: ReadonlyArray<URL>,
): Effect.Effect<void, FrontierError> {
  return Effect.gen(function* () {
    const found = new Set<string>();
    const origins = new Map(start.map((url) => [url.origin, url]));
    for (const url of origins.values()) {
      const { robots } = yield* manners(url);
      for (const sitemap of robots.sitemaps) found.add(sitemap);
    }
    // The set grows as indexes are read, and is walked to its end.
    for (const name of found) {
      const url = parseUrl(name);
      if (url === undefined) continue;
      const read = Effect.andThen(leave(url), fetchSitemap(sender, url));
      const sitemap = yield* Effect.catch(read, (error) =>
        Effect.as(
          Effect.logWarning(`A sitemap was left out: ${error.message}`),
          undefined,
        ));
      if (sitemap === undefined) continue;
      const urls = sitemap.urls.map((listed) => parseUrl(listed))
        .filter((listed) => listed !== undefined);
      yield* trail.begin(urls.filter((listed) => trail.inScope(listed)));
      for (const next of sitemap.sitemaps) {
        if (found.size < mostSitemaps) found.add(next);
      }
    }
  });
}

function fetchSitemap(
  sender: Sender,
  url: URL,
): Effect.Effect<ReturnType<typeof parseSitemap>, VisitError> {
  return Effect.gen(function* () {
    const answer = yield* sender.send({
      url,
      accept: "application/xml,text/xml,text/plain,*/*;q=0.1",
      delay: 0,
      read: collecting,
    });
    if (answer.status !== 200) {
      return yield* refused(
        url,
        "Transport",
        `the server answered ${answer.status}`,
      );
    }
    const { body } = answer;
    const isPacked = body[0] === 0x1f && body[1] === 0x8b;
    const bytes = isPacked
      ? yield* Effect.catch(
        gunzip(body, maxBytes),
        ({ reason }) =>
          reason === "TooLarge"
            ? refused(url, "TooLarge", `more than ${maxBytes} bytes unpacked`)
            : refused(url, "Transport", "it is not gzip to its end"),
      )
      : body;
    return parseSitemap(new TextDecoder().decode(bytes));
  });
}

function collecting(): Reading<Uint8Array<ArrayBuffer>> {
  const pieces: Array<Uint8Array> = [];
  return {
    write: (bytes) => {
      pieces.push(bytes);
    },
    end: () => joined(pieces),
    maxBytes,
  };
}
