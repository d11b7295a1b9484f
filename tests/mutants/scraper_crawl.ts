/**
 * Bugs that a crawl could have which meets what means it no good.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const sender = "src/scraper/sender.ts";
const cache = "src/scraper/robots_cache.ts";
const gate = "src/scraper/gate.ts";
const turns = "src/scraper/turns.ts";
const visitor = "src/scraper/visitor.ts";
const addresses = "tests/scraper/hostile_addresses_test.ts";
const bodies = "tests/scraper/hostile_bodies_test.ts";
const ends = "tests/scraper/crawl_ends_test.ts";
const links = "tests/scraper/hostile_links_test.ts";
const redirects = "tests/scraper/hostile_redirects_test.ts";
const names = "tests/scraper/slow_names_test.ts";
const robots = "tests/scraper/hostile_robots_test.ts";
const statuses = "tests/scraper/hostile_statuses_test.ts";
const waits = "tests/scraper/hostile_waits_test.ts";

/** What must not come into a crawl. */
export const scraperCrawlMutants: ReadonlyArray<Mutant> = [
  {
    name: "a crawl takes a page too many",
    file: "src/scraper/crawl.ts",
    from: "Math.min(maxPages - tally.pages, most)",
    to: "Math.min(maxPages - tally.pages + 1, most)",
    test: links,
    filter: "takes exactly",
  },
  {
    name: "a page under way is no page that may come",
    file: "src/scraper/crawl.ts",
    from: "return this.alive < Math.min(maxPages - tally.pages, most);",
    to: "return this.alive < most && tally.pages < maxPages;",
    test: links,
    filter: "takes exactly",
  },
  {
    name: "a bug of the user ends the crawl without a word",
    file: "src/scraper/crawl.ts",
    from: "Cause.hasInterruptsOnly(cause)",
    to: "!Cause.hasFails(cause)",
    test: ends,
    filter: "that throws",
    hangs: true,
  },
  {
    name: "redirects are followed for ever",
    file: "src/scraper/trail.ts",
    from: "redirects: redirects + 1",
    to: "redirects",
    test: redirects,
    filter: "follows 20 of 30",
  },
  {
    name: "a redirect leads out of scope",
    file: visitor,
    from: "if (!trail.inScope(to))",
    to: "if (to.protocol === '' && !trail.inScope(to))",
    test: redirects,
    filter: "leaves its scope",
  },
  {
    name: "links of pages at maxDepth are followed",
    file: "src/scraper/trail.ts",
    from: "depth < maxDepth",
    to: "depth <= maxDepth",
    test: links,
    filter: "as deep as maxDepth",
  },
  {
    name: "links out of scope use up maxLinks",
    file: "src/scraper/trail.ts",
    from: "[...links].filter(([, link]) => inScope(link))",
    to: "[...links].slice(0, maxLinks).filter(([, link]) => inScope(link))",
    test: links,
    filter: "the first maxLinks in scope",
  },
  {
    name: "the first address of a name speaks for all",
    file: gate,
    from: "addresses.find((address)",
    to: "addresses.slice(0, 1).find((address)",
    test: addresses,
    filter: "links lead that is not public",
  },
  {
    name: "a name without an address is taken for public",
    file: gate,
    from: "(addresses) => addresses.length > 0,",
    to: "() => true,",
    test: addresses,
    filter: "without an address",
  },
  {
    name: "an allowed port allows the host",
    file: gate,
    from: "if (allowHosts.has(hostOf(url)) ||",
    to:
      "if ([...allowHosts].some((allowed) => allowed.startsWith(hostname)) ||",
    test: addresses,
    filter: "unless its host is allowed",
  },
  {
    name: "traces are told to strangers",
    file: sender,
    from: "(HttpClient.TracerPropagationEnabled, false)",
    to: "(HttpClient.TracerPropagationEnabled, true)",
    test: addresses,
    filter: "nor a trace",
  },
  {
    name: "IPv4 behind NAT64 is not seen",
    file: "src/scraper/address.ts",
    from: 'fromStringUnsafe("64:ff9b::/96")',
    to: 'fromStringUnsafe("64:ff9b:2::/96")',
    test: "tests/scraper/address_test.ts",
    filter: "for what it is",
  },
  {
    name: "link-local addresses are public",
    file: "src/scraper/address.ts",
    from: '"169.254.0.0/16", ',
    to: "",
    test: "tests/scraper/address_test.ts",
    filter: "isPublic() refuses link-local, and",
  },
  {
    name: "a body that is said to be too large is read",
    file: sender,
    from: 'Number(response.headers["content-length"]) > maxBytes',
    to: 'Number(response.headers["content-length"]) < 0',
    test: bodies,
    filter: "is said to be larger",
    hangs: true,
  },
  {
    name: "a body is read whatever its size",
    file: sender,
    from: "if (bytes.length > left && !isCut) return tooLarge;",
    to: "",
    test: bodies,
    filter: "refuses one of a byte more",
  },
  {
    name: "an answer without a body is broken",
    file: sender,
    from: "!reading.isLeft && !bodiless.has(status)",
    to: "!reading.isLeft",
    test: statuses,
    filter: "without a body",
  },
  {
    name: "the body of a redirect decides",
    file: visitor,
    from: "redirectOf(head) === undefined ? readPage(head, settings) : noPage",
    to: "readPage(head, settings)",
    test: statuses,
    filter: "whatever it has in its body",
  },
  {
    name: "links of errors are followed",
    file: visitor,
    from: "status < 400",
    to: "status < 600",
    test: statuses,
    filter: "no links of an error",
  },
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
    from: "        leave(url),\n        fetchSitemap(sender, url),",
    to:
      "        Effect.void,\n        Effect.flatMap(manners(url), ({ robots }) => " +
      "robots.allows(url) ? fetchSitemap(sender, url) : " +
      "Effect.succeed({ urls: [], sitemaps: [] })),",
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
];
