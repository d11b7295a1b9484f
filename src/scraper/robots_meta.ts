/**
 * What a page asks of robots: the header `X-Robots-Tag` and `<meta name="robots">`, as
 * [Google reads them](https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag).
 *
 * @module
 */

/** What robots shall not do with a page. */
export interface Directives {
  /** Whether its links shall not be followed. */
  readonly nofollow: boolean;
  /** Whether it shall not be kept in an index. */
  readonly noindex: boolean;
}

/** A `<meta>` of a page. */
export interface Meta {
  /** Its name, in any case: `robots`, or the product token of one. */
  readonly name: string;
  /** Its content: directives with commas between. */
  readonly content: string;
}

/** What stands before a colon and is not an agent: a directive with a value, or a part of the date that is one. */
const notAgent = /^(?:unavailable_after|max-[a-z-]+)$|\s/;

/** What a page asks that asks nothing. */
export const unrestricted: Directives = { nofollow: false, noindex: false };

/**
 * Reads the header `X-Robots-Tag` for an agent with a product token. `googlebot: noindex, nofollow` is for one agent, up to the
 * name of the next; several headers count as one, with commas between. What is asked of any agent, and of this one, adds up.
 */
export function directivesOfHeader(
  value: string | undefined,
  agent: string,
): Directives {
  if (value === undefined) return unrestricted;
  const own = agent.toLowerCase();
  let addressed = true;
  const words: Array<string> = [];
  for (const item of value.toLowerCase().split(",")) {
    const colon = item.indexOf(":");
    const name = item.slice(0, Math.max(colon, 0)).trim();
    const isNamed = colon >= 0 && !notAgent.test(name);
    if (isNamed) addressed = name === own || name === "*" || name === "robots";
    if (addressed) words.push(isNamed ? item.slice(colon + 1) : item);
  }
  return directivesOf(words);
}

/** Reads those `<meta>` that are for an agent with a product token, or for any. What they ask adds up. */
export function directivesOfMeta(
  metas: Iterable<Meta>,
  agent: string,
): Directives {
  const own = agent.toLowerCase();
  let directives = unrestricted;
  for (const { content, name } of metas) {
    const named = name.trim().toLowerCase();
    if (named !== "robots" && named !== own) continue;
    directives = strictest(
      directives,
      directivesOf(content.toLowerCase().split(",")),
    );
  }
  return directives;
}

/** What both ask. */
export function strictest(a: Directives, b: Directives): Directives {
  return {
    nofollow: a.nofollow || b.nofollow,
    noindex: a.noindex || b.noindex,
  };
}

function directivesOf(words: ReadonlyArray<string>): Directives {
  const asked = new Set(words.map((word) => word.trim()));
  const none = asked.has("none");
  return {
    nofollow: none || asked.has("nofollow"),
    noindex: none || asked.has("noindex"),
  };
}
