/**
 * What is on a page.
 *
 * @module
 */
import { Parser } from "htmlparser2";
import type { Meta } from "./robots_meta.ts";
import type { Head, Reading } from "./sender.ts";
import type { Settings } from "./settings.ts";
import { parseUrl } from "./url.ts";
import type { VisitError } from "./visit.ts";

/** What is on a page. */
export interface PageBody {
  readonly title?: string;
  readonly content: string;
  /** Where it links, each once. */
  readonly links: ReadonlyArray<URL>;
  readonly metas: ReadonlyArray<Meta>;
}

/** Reads a page. */
export function readPage(
  { url }: Head,
  { maxBytes }: Settings,
): Reading<PageBody> | VisitError {
  const decoder = new TextDecoder();
  let content = "";
  let title = "";
  let inTitle = false;
  const links = new Map<string, URL>();
  const parser = new Parser({
    onopentag(name, { href }) {
      inTitle = name === "title";
      const link = href === undefined ? undefined : parseUrl(href, url);
      if (name === "a" && link !== undefined) links.set(link.href, link);
    },
    ontext(text) {
      if (inTitle) title += text;
    },
    onclosetag() {
      inTitle = false;
    },
  });
  return {
    write: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      content += text;
      parser.write(text);
    },
    end: () => {
      parser.end();
      return { title, content, links: [...links.values()], metas: [] };
    },
    maxBytes,
  };
}
