/**
 * How a crawler is told to behave.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type * as Schedule from "effect/Schedule";
import type { VisitError } from "./visit.ts";

/** How to behave. */
export interface Options {
  /**
   * Who asks, with an address to complain to, such as `ExampleBot/1.0 (+https://bot.example)`. Sent as `User-Agent`; robots.txt
   * is read for the product that it begins with.
   */
  readonly userAgent: string;
  /** How many requests are on their way at once, over all hosts: a whole number, at least 1; 10 if omitted. */
  readonly concurrency?: number | undefined;
  /** How long a request may take, from its turn to the last byte, and the look at DNS before it; 30 seconds if omitted. */
  readonly timeout?: Duration.Input | undefined;
  /**
   * When a page is asked for again that broke on the way, took too long, or got a 429, 502, 503 or 504; never sooner than
   * `Retry-After`. Twice, after a second and two with jitter, if omitted. A robots.txt is asked for again after any 5xx, and twice
   * more, 15 and 45 seconds later, for the whole host depends on it.
   */
  readonly retry?: Schedule.Schedule<unknown, VisitError> | undefined;
  /** How long a host may ask for patience by `Retry-After`; with one that asks for more the crawl is through. 5 minutes if omitted. */
  readonly maxPause?: Duration.Input | undefined;
  /**
   * How long a host is left alone after a request, as a multiple of the time that it took: 1 if omitted, so that a slow host is at
   * work for us no more than half of the time; 0 for not at all.
   */
  readonly delayFactor?: number | undefined;
  /** How long a host is left alone after a request at most, by `delayFactor` or its `Crawl-delay`; 30 seconds if omitted. */
  readonly maxDelay?: Duration.Input | undefined;
  /** How many bytes of a page are read, unpacked: a whole number, at least 1; 10 MiB if omitted. */
  readonly maxBytes?: number | undefined;
  /** Hosts, as `"localhost"` or `"localhost:8000"`, that may be private or local. None if omitted. */
  readonly allowHosts?: ReadonlyArray<string> | undefined;
  /** Whether robots.txt, its `Crawl-delay`, and `nofollow` are obeyed. Yes if omitted. */
  readonly robots?: boolean | undefined;
}
