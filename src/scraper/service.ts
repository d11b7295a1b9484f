/**
 * What a crawler is asked, and what it answers.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Stream from "effect/Stream";
import type { FrontierError } from "./frontier.ts";
import type { Visit } from "./visit.ts";

/**
 * Which links to follow: those on the origin of a first URL (scheme, host and port); those on its site, which is the domain that
 * somebody could register by the [public suffix list](https://publicsuffix.org), of any scheme and port; or those that a
 * function allows. For patterns, `new URLPattern({ pathname: "/docs/*" })` has a `test(url)`.
 */
export type Scope = "origin" | "site" | ((url: URL) => boolean);

/** Where to go. */
export interface CrawlOptions {
  /** The first URLs. */
  readonly start: string | Iterable<string>;
  /** Exactly so many pages, unless there are fewer: a whole number, at least 1. Redirects and what fails do not count. */
  readonly maxPages: number;
  /** How many links away from the start: a whole number, at least 0; no bound if omitted. */
  readonly maxDepth?: number | undefined;
  /** How many links of one page are followed, the first ones: a whole number, at least 0; 1,000 if omitted. */
  readonly maxLinks?: number | undefined;
  /**
   * Which links and redirects to follow: to the same `"origin"` as a start, to the same `"site"` by the public suffix list, or
   * where a function allows. `"origin"` if omitted. The start URLs are always visited.
   */
  readonly scope?: Scope | undefined;
  /** Who goes first, among the URLs of a host: a higher number; 0 for all if omitted, so what is fewer links away. */
  readonly priority?: ((url: URL) => number) | undefined;
  /** Takes URLs that differ in the order of their query alone for one. Off if omitted. */
  readonly sortQuery?: boolean | undefined;
  /** Begins with the sitemaps, too, that the robots.txt of the start URLs name. Off if omitted. */
  readonly sitemaps?: boolean | undefined;
}

/** How a crawl stands. */
export interface Report {
  /** Pages so far. */
  readonly pages: number;
  /** How many there will be at most. */
  readonly maxPages: number;
  /** Redirects so far. */
  readonly moved: number;
  /** Failed URLs so far. */
  readonly failed: number;
  /** URLs that wait. */
  readonly pending: number;
  /** URLs on their way, those that wait for their host's turn included. */
  readonly running: number;
  /** Links that `maxDepth`, `maxLinks`, `scope` or the frontier's capacity kept out. */
  readonly skipped: number;
  /** Bytes read, unpacked. */
  readonly bytes: number;
  /** Since the visits were first asked for, until they ended. */
  readonly elapsed: Duration.Duration;
}

/** A crawl. It runs as its visits are taken. */
export interface Crawl {
  /**
   * Every visit as it ends. Ends when nothing waits and nothing is on its way, or at `maxPages`. A visit is over when the next
   * one is asked for: what a frontier that lasts has not heard the end of is visited again by the next crawl.
   */
  readonly visits: Stream.Stream<Visit, FrontierError>;
  /** How it stands now, or stood at the end. */
  readonly report: Effect.Effect<Report, FrontierError>;
}

/** Crawls. */
export interface Service {
  /**
   * Prepares a crawl. With a frontier that lasts it goes on where it stopped, and fetches no page again. One crawl at a time for
   * each frontier. Dies with a `RangeError` that names a bad option.
   */
  readonly crawl: (
    options: CrawlOptions,
  ) => Effect.Effect<Crawl, FrontierError>;
}

const /** @internal */ Key: Context.ServiceClass<
  Scraper,
  "@weir/weir/Scraper",
  Service
> = Context.Service<Scraper, Service>()("@weir/weir/Scraper");

/** The crawler. */
export class Scraper extends Key {}

/**
 * How a crawl stands, as a line for people.
 *
 * @example A live line in the terminal
 * ```ts
 * import { Scraper } from "@weir/weir/scraper";
 * import * as Effect from "effect/Effect";
 * import * as Schedule from "effect/Schedule";
 *
 * const live = (crawl: Scraper.Crawl) =>
 *   Effect.map(crawl.report, (report) => {
 *     const line = `\r\x1b[K${Scraper.toLine(report)}`;
 *     Deno.stdout.writeSync(new TextEncoder().encode(line));
 *   }).pipe(Effect.repeat(Schedule.spaced("1 second")));
 * ```
 */
export function toLine(report: Report): string {
  const { bytes, elapsed, failed, maxPages, pages, pending, running } = report;
  const seconds = Duration.toSeconds(elapsed);
  const rate = seconds > 0 ? pages / seconds : 0;
  const expected = Math.min(maxPages, pages + pending + running);
  const left = rate > 0 ? (expected - pages) / rate : Infinity;
  return [
    `${pages} of ${expected} pages`,
    `${pending} wait`,
    `${running} on their way`,
    `${failed} failed`,
    `${rate.toFixed(1)}/s`,
    `${(bytes / 2 ** 20).toFixed(1)} MiB`,
    `${clock(seconds)} gone`,
    left === Infinity ? "" : `${clock(left)} left`,
  ].filter((part) => part !== "").join(", ");
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}
