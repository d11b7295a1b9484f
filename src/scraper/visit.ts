/**
 * What comes of a URL.
 *
 * @module
 */
import * as Data from "effect/Data";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import type * as Headers from "effect/http/Headers";

/** What all visits have in common. */
export interface VisitBase {
  /** The URL, in its normal form. */
  readonly url: string;
  /** How many links away from the start. */
  readonly depth: number;
  /** The page that linked here first, or the URL that redirected here. */
  readonly referrer?: string;
  /** When it was asked for, for the last time. */
  readonly startedAt: DateTime.Utc;
  /** From asking to the last byte, the last time. */
  readonly elapsed: Duration.Duration;
}

/** A page that was fetched. */
export interface Page extends VisitBase {
  /** Tells it from {@linkcode Moved} and {@linkcode Failed}. */
  readonly _tag: "Page";
  /** Any status that is no redirect. One that is tried again is here when the last try had it, too. */
  readonly status: number;
  /** What the server said. */
  readonly headers: Headers.Headers;
  /** Its title, if it is HTML. */
  readonly title?: string;
  /** Its text, decoded as byte order mark, header or meta say. */
  readonly content: string;
  /** Where it links, in normal form, in order, each once: the first 10,000; none where it asks that they not be followed. */
  readonly links: ReadonlyArray<string>;
  /** Whether it asks not to be shown by search engines (`noindex`). */
  readonly noindex: boolean;
}

/** A URL that redirects. Where to is another visit, unless it was seen before. */
export interface Moved extends VisitBase {
  /** Tells it from {@linkcode Page} and {@linkcode Failed}. */
  readonly _tag: "Moved";
  /** The kind of redirect. */
  readonly status: number;
  /** What the server said. */
  readonly headers: Headers.Headers;
  /** Where to, in normal form. */
  readonly to: string;
}

/** A page that could not be fetched; the crawl goes on. */
export interface Failed extends VisitBase {
  /** Tells it from {@linkcode Page} and {@linkcode Moved}. */
  readonly _tag: "Failed";
  /** Why. */
  readonly error: VisitError;
}

/** One URL, once. */
export type Visit = Page | Moved | Failed;

/** Why a page could not be fetched. */
export class VisitError extends Data.Error<{
  /** The URL. */
  readonly url: string;
  /**
   * Refused by robots.txt, which may be out of reach, after it was asked for again; by address, which is private or local; by type
   * or size; by a redirect that leads nowhere, out of scope, or too far; by a server that asks for more patience than `maxPause`;
   * too slow; or broken on the way.
   */
  readonly reason:
    | "Robots"
    | "Address"
    | "ContentType"
    | "TooLarge"
    | "Redirect"
    | "Busy"
    | "Timeout"
    | "Transport";
  /** For people. */
  readonly detail: string;
}> {
  /** Selects this error in `Effect.catchTag`. */
  readonly _tag = "VisitError";
  /** Names this error in logs. */
  override get name(): "VisitError" {
    return "VisitError";
  }
  /** Which page, and why. */
  override get message(): string {
    return `Cannot fetch ${this.url}: ${this.detail}`;
  }
}

/**
 * A visit as a line of JSON, without the line's end.
 *
 * @example Pages to a file
 * ```ts
 * import { DenoFile } from "@weir/weir/deno";
 * import { Scraper } from "@weir/weir/scraper";
 * import * as Stream from "effect/Stream";
 *
 * const save = (crawl: Scraper.Crawl) =>
 *   crawl.visits.pipe(
 *     Stream.map((visit) => Scraper.toJson(visit) + "\n"),
 *     Stream.run(DenoFile.sink("pages.jsonl")),
 *   );
 * ```
 */
export function toJson(visit: Visit): string {
  const { depth, elapsed, referrer, startedAt, url } = visit;
  const base = {
    ...{ _tag: visit._tag, url, depth, referrer },
    startedAt: DateTime.formatIso(startedAt),
    elapsed: Duration.toMillis(elapsed),
  };
  switch (visit._tag) {
    case "Page": {
      const { content, headers, links, noindex, status, title } = visit;
      const page = { status, title, noindex, links, headers, content };
      return JSON.stringify({ ...base, ...page });
    }
    case "Moved": {
      const { headers, status, to } = visit;
      return JSON.stringify({ ...base, status, to, headers });
    }
    case "Failed": {
      const { detail, reason } = visit.error;
      return JSON.stringify({ ...base, error: { reason, detail } });
    }
  }
}
