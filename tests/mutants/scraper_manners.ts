/**
 * Bugs that a crawl could have in how it treats hosts: robots.txt, sitemaps, turns and waits.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const sender = "src/scraper/sender.ts";
const cache = "src/scraper/robots_cache.ts";
const gate = "src/scraper/gate.ts";
const turns = "src/scraper/turns.ts";
const names = "tests/scraper/slow_names_test.ts";
const robots = "tests/scraper/hostile_robots_test.ts";
const waits = "tests/scraper/hostile_waits_test.ts";

/** What must not come into the manners of a crawl. */
export const scraperMannersMutants: ReadonlyArray<Mutant> = [
  {
    name: "Retry-After is not heard",
    file: sender,
    from: "} else if (pause > 0) {",
    to: "} else if (pause < 0) {",
    test: waits,
    filter: "before the Retry-After",
  },
  {
    name: "a host that asked for more patience is asked on",
    file: sender,
    from: "this.gate.close(hostOf(url), now + pause);",
    to: "",
    test: waits,
    filter: "is through with a host",
  },
  {
    name: "a page is lost for what it says of the next",
    file: sender,
    from: "      if (!passes(status)) return Effect.succeed(answer);\n" +
      "      if (pause > maxPause) return busy(ask.url, pause);\n",
    to: "      if (pause > maxPause) return busy(ask.url, pause);\n" +
      "      if (!passes(status)) return Effect.succeed(answer);\n",
    test: waits,
    filter: "keeps a page",
  },
  {
    name: "a robots.txt out of reach allows all",
    file: cache,
    from: "Effect.succeed({ robots: disallowAll, error })",
    to: "Effect.succeed({ robots: allowAll, error })",
    test: robots,
    filter: "whose robots.txt never comes",
  },
  {
    name: "a robots.txt is followed too far",
    file: cache,
    from: "redirects < mostRobotsRedirects && to",
    to: "redirects <= mostRobotsRedirects && to",
    test: robots,
    filter: "five redirects away",
  },
  {
    name: "a long robots.txt is too large",
    file: cache,
    from: "      isCut: true,\n",
    to: "",
    test: robots,
    filter: "first 500 KiB",
  },
  {
    name: "a sitemap out of scope begins a crawl",
    file: "src/scraper/seeds.ts",
    from: "urls.filter((listed) => trail.inScope(listed))",
    to: "urls",
    test: robots,
    filter: "leaves out sitemaps",
  },
  {
    name: "pauses of a host are not heard of its limiter",
    file: turns,
    from: "return this.limiters.for(host).pause(Duration.millis(millis));",
    to: "return this.limiters.for(`${host}.`).pause(Duration.millis(millis));",
    test: waits,
    filter: "before the Retry-After",
  },
  {
    name: "what a sitemap lists is taken for a URL unseen",
    file: "src/scraper/seeds.ts",
    from: "sitemap.urls.map((listed) => parseUrl(listed))",
    to: "sitemap.urls.map((listed) => new URL(listed))",
    test: "tests/scraper/seeds_test.ts",
    filter: "leaves out what is no URL",
  },
  {
    name: "a turn is had before its host is looked up",
    file: turns,
    from: "      Effect.andThen(ready),\n" +
      "      Effect.andThen(this.attempt(limiter, host, place, request)),",
    to: "      Effect.andThen(this.attempt(limiter, host, place, " +
      "Effect.andThen(ready, request))),",
    test: names,
    filter: "keeps the pace",
  },
  {
    name: "a host is looked up for each try to have a turn",
    file: gate,
    from: "lookedAt = end;",
    to: "lookedAt = end - freshness;",
    test: names,
    filter: "within a second",
  },
  {
    name: "a look is good for as long as a request waits",
    file: gate,
    from: "now - lookedAt < freshness",
    to: "lookedAt > -Infinity",
    test: names,
    filter: "while a request waited",
  },
  {
    name: "a look has no end",
    file: gate,
    from: "        duration: timeout,",
    to: "        duration: 1e9 * timeout,",
    test: names,
    filter: "without end",
    hangs: true,
  },
  {
    name: "a robots.txt that could not be had is not asked for again",
    file: cache,
    from: "    patience,\n  });",
    to: "  });",
    test: robots,
    filter: "comes in the end",
  },
  {
    name: "a robots.txt is asked for again by the statuses of pages",
    file: cache,
    from: '    passes: (status) => readingOf(status) === "DisallowAll",\n',
    to: "",
    test: robots,
    filter: "comes in the end",
  },
  {
    name: "who waits for a robots.txt has a place of the crawl",
    file: sender,
    from: ".pipe(Effect.tapError(() => place.release));",
    to: ";",
    test: robots,
    filter: "comes in the end",
    hangs: true,
  },
  {
    name: "a host whose robots.txt asks for patience is said to refuse robots",
    file: cache,
    from: 'reason === "Address" || reason === "Busy" ? reason : "Robots"',
    to: 'reason === "Address" ? reason : "Robots"',
    test: robots,
    filter: "asks for more than maxPause",
  },
  {
    name: "a sitemap that may not be asked for is left out without a word",
    file: "src/scraper/seeds.ts",
    from: "Effect.andThen(leave(url), fetchSitemap(sender, url));",
    to: "Effect.flatMap(manners(url), ({ robots }) => robots.allows(url) " +
      "? fetchSitemap(sender, url) : " +
      "Effect.succeed({ urls: [], sitemaps: [] }));",
    test: robots,
    filter: "leaves out sitemaps",
  },
  {
    name: "a robots.txt that could not be had is given up for the day",
    file: cache,
    from: '      : "1 minute";',
    to: '      : "1 day";',
    test: robots,
    filter: "a minute later",
  },
  {
    name: "the time of a visit is that of all its tries",
    file: sender,
    from: "times.elapsed = now - startedAt;",
    to: "times.elapsed += now - startedAt;",
    test: waits,
    filter: "for the last time",
  },
  {
    name: "a crawl has no end before its sitemaps",
    file: "src/scraper/crawl.ts",
    from: "(!isSeeding || tally.pages >= maxPages)",
    to: "!isSeeding",
    test: "tests/scraper/seeds_test.ts",
    filter: "ends at maxPages",
  },
];
