/**
 * Bugs that a crawl could have which meets what means it no good.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const sender = "src/scraper/sender.ts";
const gate = "src/scraper/gate.ts";
const visitor = "src/scraper/visitor.ts";
const addresses = "tests/scraper/hostile_addresses_test.ts";
const bodies = "tests/scraper/hostile_bodies_test.ts";
const ends = "tests/scraper/crawl_ends_test.ts";
const links = "tests/scraper/hostile_links_test.ts";
const redirects = "tests/scraper/hostile_redirects_test.ts";
const statuses = "tests/scraper/hostile_statuses_test.ts";

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
    name: "what is on its way goes on when nobody takes visits any more",
    file: "src/scraper/crawl.ts",
    from: "Effect.forkIn(whole, this.scope, options)",
    to: "Effect.forkDetach(whole, options)",
    test: ends,
    filter: "hangs up everywhere",
  },
  {
    name: "what was interrupted before it began runs for ever",
    file: "src/scraper/crawl.ts",
    from: 'this.parts.tally.add("running", -this.alive)',
    to: 'this.parts.tally.add("running", 0)',
    test: "tests/scraper/simulation_test.ts",
    filter: "that is interrupted goes on",
  },
  {
    name: "the connection of a body that is refused is left open",
    file: sender,
    from: "HttpClient.withScope(means.client)",
    to: "(means.client as HttpClient.HttpClient.With<HttpClientError, any>)",
    test: bodies,
    filter: "is said to be larger",
  },
  {
    name: "the length of what is packed is believed for what is in it",
    file: sender,
    from: "bytes.length > left && !isCut) return",
    to: "bytes.length > left && !isCut && " +
      "!(Number(response.headers['content-length']) <= maxBytes)) return",
    test: bodies,
    filter: "of a gzip bomb, whatever",
  },
  {
    name: "a body that breaks is a page",
    file: sender,
    from: "Stream.mapError((error) => broken(url, error)),",
    to: "Stream.catch(() => Stream.empty),",
    test: bodies,
    filter: "half way through the body",
  },
  {
    name: "a request has no end",
    file: sender,
    from: "        duration: timeout,",
    to: "        duration: 1e6 * timeout,",
    test: bodies,
    filter: "a body that drips",
    hangs: true,
  },
  {
    name: "what takes too long is not asked for again",
    file: sender,
    from: 'reason === "Transport" || reason === "Timeout"',
    to: 'reason === "Transport"',
    test: bodies,
    filter: "a body that drips",
  },
  {
    name: "what is no text is a page",
    file: "src/scraper/charset.ts",
    from: '    ? "Text"\n    : "Other";',
    to: '    ? "Text"\n    : "Text";',
    test: "tests/scraper/hostile_text_test.ts",
    filter: "refuses what is none",
  },
];
