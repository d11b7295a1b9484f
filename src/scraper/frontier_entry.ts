/**
 * Which of a host's URLs goes first.
 *
 * @module
 */
import { finite, whole } from "../internal/check.ts";
import type { Entry } from "./frontier_service.ts";

/** What a host's URLs are sorted by: lower goes first, then shallower, then earlier. */
export interface Place {
  /** The negated priority. */
  readonly rank: number;
  readonly depth: number;
  /** Counts URLs as they are added. */
  readonly seq: number;
}

/** The negated priority of an entry. Throws a `RangeError` where a number is none. */
export function rankOf({ depth, priority = 0, redirects = 0 }: Entry): number {
  whole("depth", depth, 0);
  whole("redirects", redirects, 0);
  // Not -0, which a database does not keep.
  return 0 - finite("priority", priority);
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
