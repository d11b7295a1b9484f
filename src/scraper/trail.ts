/**
 * Which of the URLs that are found go on to the frontier.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Entry, FrontierError, Service as Way } from "./frontier.ts";
import type { Tally } from "./tally.ts";
import { hostOf, normalForm } from "./url.ts";

/** What is followed. */
export interface Terms {
  readonly maxDepth: number;
  readonly maxLinks: number;
  readonly inScope: (url: URL) => boolean;
  readonly priority: (url: URL) => number;
  readonly sortQuery: boolean;
}

/** Adds URLs to the frontier. */
export class Trail {
  constructor(
    private readonly way: Way,
    private readonly terms: Terms,
    private readonly tally: Tally,
  ) {}

  /** The name of a URL. */
  nameOf(url: URL): string {
    return normalForm(url, this.terms);
  }

  /** Whether a redirect may lead there. */
  inScope(url: URL): boolean {
    return this.terms.inScope(url);
  }

  /** Adds first URLs, wherever they are. */
  begin(urls: ReadonlyArray<URL>): Effect.Effect<void, FrontierError> {
    return this.add(
      urls.map((url) => this.entry(this.nameOf(url), url, 0, undefined)),
    );
  }

  /** Follows the links of a page, by their names. */
  follow(
    { depth, url }: Entry,
    links: ReadonlyMap<string, URL>,
  ): Effect.Effect<void, FrontierError> {
    const { inScope, maxDepth, maxLinks } = this.terms;
    const allowed = depth < maxDepth
      ? [...links].filter(([, link]) => inScope(link))
      : [];
    const followed = allowed.slice(0, maxLinks);
    this.tally.add("skipped", links.size - followed.length);
    return this.add(
      followed.map(([name, link]) => this.entry(name, link, depth + 1, url)),
    );
  }

  /** Follows a redirect to a URL of this name. */
  redirect(
    from: Entry,
    name: string,
    to: URL,
  ): Effect.Effect<void, FrontierError> {
    const { depth, redirects = 0, url } = from;
    const entry = this.entry(name, to, depth, url);
    return this.add([{ ...entry, redirects: redirects + 1 }]);
  }

  private entry(
    name: string,
    url: URL,
    depth: number,
    referrer: string | undefined,
  ): Entry {
    const priority = this.terms.priority(url);
    return { url: name, host: hostOf(url), depth, priority, referrer };
  }

  private add(
    entries: ReadonlyArray<Entry>,
  ): Effect.Effect<void, FrontierError> {
    return entries.length === 0
      ? Effect.void
      : Effect.asVoid(this.way.add(entries));
  }
}
