/**
 * Which of a host's URLs goes first.
 *
 * @module
 */
import { finite, text, whole } from "../internal/check.ts";
import type { Entry } from "./frontier_service.ts";

/** What a host's URLs are sorted by: lower goes first, then shallower, then earlier. */
export interface Place {
  /** The negated priority. */
  readonly rank: number;
  readonly depth: number;
  /** Counts URLs as they are added. */
  readonly seq: number;
}

/** Throws a `RangeError` for what a frontier cannot keep as it is. */
export function check(
  { depth, host, priority = 0, redirects = 0, referrer = "", url }: Entry,
): void {
  whole("depth", depth, 0);
  whole("redirects", redirects, 0);
  finite("priority", priority);
  text("url", url);
  text("host", host);
  text("referrer", referrer);
}

/** The negated priority of an entry. */
export function rankOf({ priority = 0 }: Entry): number {
  // Not -0, which a database does not keep.
  return 0 - priority;
}

/** An entry as it is given out. */
export function entryOf(
  host: string,
  { depth, rank, redirects, referrer, url }: Place & {
    readonly url: string;
    readonly redirects: number;
    readonly referrer: string | null | undefined;
  },
): Entry {
  return {
    url,
    host,
    depth,
    priority: 0 - rank,
    redirects,
    referrer: referrer ?? undefined,
  };
}
