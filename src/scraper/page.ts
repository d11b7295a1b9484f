/**
 * What is on a page.
 *
 * @module
 */
import { contentTypeOf, Decoding, kindOf } from "./charset.ts";
import { type Html, HtmlReader } from "./html.ts";
import type { Meta } from "./robots_meta.ts";
import type { Head, Reading } from "./sender.ts";
import type { Settings } from "./settings.ts";
import { parseUrl } from "./url.ts";
import { VisitError } from "./visit.ts";

/** What is on a page. */
export interface PageBody {
  readonly title: string | undefined;
  readonly content: string;
  /** Where it links, in order. */
  readonly links: ReadonlyArray<URL>;
  /** What it tells robots. */
  readonly metas: ReadonlyArray<Meta>;
}

/** How many links of a page are read. */
const maxLinks = 10_000;

/** Reads a page, if it is text. Links are those of HTML. */
export function readPage(
  head: Head,
  { maxBytes, product, robots }: Settings,
): Reading<PageBody> | VisitError {
  const { headers, url } = head;
  const type = contentTypeOf(headers["content-type"]);
  const kind = kindOf(type);
  if (kind === "Other") {
    const detail = `it is ${headers["content-type"]}, and no text`;
    return new VisitError({ url: url.href, reason: "ContentType", detail });
  }
  const decoding = new Decoding(type);
  const reader = kind === "Html"
    ? new HtmlReader({
      maxLinks,
      nofollow: robots,
      robots: new Set(["robots", product.toLowerCase()]),
    })
    : undefined;
  let content = "";
  const take = (text: string) => {
    content += text;
    reader?.write(text);
  };
  return {
    write: (bytes) => take(decoding.write(bytes)),
    end: () => {
      take(decoding.end());
      const html = reader?.end() ?? noHtml;
      const base = html.base === undefined
        ? url
        : URL.parse(html.base, url) ?? url;
      const links = html.links.map((link) => parseUrl(link, base));
      return {
        title: html.title,
        content,
        links: links.filter((link) => link !== undefined),
        metas: html.robots,
      };
    },
    maxBytes,
  };
}

/** What other text has. */
const noHtml: Html = {
  title: undefined,
  base: undefined,
  links: [],
  robots: [],
};

/** What redirects have in their bodies is nobody's business. */
export const noPage: Reading<PageBody> = {
  write: () => {},
  end: () => ({ title: undefined, content: "", links: [], metas: [] }),
  maxBytes: 0,
  isLeft: true,
};
