/**
 * Sitemaps, by the [protocol of sitemaps.org](https://www.sitemaps.org/protocol.html).
 *
 * @module
 */
import { Parser } from "htmlparser2";
import { longestUrl } from "./url.ts";

/** How many URLs are read of one sitemap, which by the protocol has no more; and how many sitemaps of an index. */
export const mostSitemapUrls = 50_000;
/** How deep elements may be in each other. A sitemap needs three levels, the known extensions a few more. */
const deepest = 16;
/** How much is parsed before it is asked whether there is enough. */
const pieceLength = 65_536;

/** What a sitemap names, as it is written there and in its order: absolute URLs, or what should be. */
export interface Sitemap {
  /** Pages. */
  readonly urls: ReadonlyArray<string>;
  /** Further sitemaps, of an index. */
  readonly sitemaps: ReadonlyArray<string>;
}

/**
 * Reads a sitemap, an index of sitemaps, or a text with a URL on each line. Takes what it can of one that is broken, as far as its
 * elements are no deeper than 16, and nothing that is longer than a URL may be.
 */
export function parseSitemap(text: string): Sitemap {
  return /^\uFEFF?\s*</.test(text) ? ofXml(text) : ofLines(text);
}

function ofLines(text: string): Sitemap {
  const urls: Array<string> = [];
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    if (urls.length >= mostSitemapUrls) break;
    add(urls, line);
  }
  return { urls, sitemaps: [] };
}

function ofXml(text: string): Sitemap {
  const urls: Array<string> = [];
  const sitemaps: Array<string> = [];
  const parents: Array<string> = [];
  // What the element that is read now names, if it is a <loc> of an entry.
  let list: Array<string> | undefined;
  let location = "";
  let enough = false;
  const parser = new Parser({
    onopentagname(name) {
      list = name !== "loc"
        ? undefined
        : parents.at(-1) === "url"
        ? urls
        : parents.at(-1) === "sitemap"
        ? sitemaps
        : undefined;
      location = "";
      parents.push(name);
      if (parents.length > deepest) stop();
    },
    ontext(piece) {
      // One that is longer is none, and need not be kept to its end.
      if (list !== undefined && location.length <= longestUrl) {
        location += piece;
      }
    },
    onclosetag() {
      parents.pop();
      if (list !== undefined) add(list, location);
      list = undefined;
      if (urls.length + sitemaps.length >= mostSitemapUrls) stop();
    },
  }, { xmlMode: true });
  function stop(): void {
    enough = true;
    // The parser searches all elements that are open for each that ends.
    parser.pause();
  }
  for (let at = 0; at < text.length && !enough; at += pieceLength) {
    parser.write(text.slice(at, at + pieceLength));
  }
  return { urls, sitemaps };
}

function add(list: Array<string>, location: string): void {
  const url = location.trim();
  if (url !== "" && url.length <= longestUrl) list.push(url);
}
