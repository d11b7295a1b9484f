/**
 * Bugs that the reading of pages could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const html = "src/scraper/html.ts";
const charset = "src/scraper/charset.ts";
const htmlTest = "tests/scraper/html_test.ts";
const charsetTest = "tests/scraper/charset_test.ts";

/** What must not come into the reading of pages. */
export const scraperPagesMutants: ReadonlyArray<Mutant> = [
  {
    name: "a name that comes in two parts is read from the second alone",
    file: html,
    from: "this.kept = this.kept.slice(this.done - this.start) + text;\n" +
      "    this.start = this.done;",
    to: "this.start += this.kept.length;\n    this.kept = text;",
    test: htmlTest,
    filter: "reads the same from whatever parts",
  },
  {
    name: "a page is kept while it is read",
    file: html,
    from: "    if (this.isInTitle) this.say(this.slice(start, end));\n" +
      "        else this.skip(end);",
    to: "    if (this.isInTitle) this.say(this.slice(start, end));",
    test: htmlTest,
    filter: "keeps nothing of 10 MB of spaces",
  },
  {
    name: "a template ends with the first that ends in it",
    file: html,
    from: '      if (tag === "template") this.templates++;',
    to: '      if (tag === "template") this.templates = 1;',
    test: htmlTest,
    filter: "reads title, base, links and metas",
  },
  {
    name: "the last base counts",
    file: html,
    from: "this.base ??= href && trimmed(href);",
    to: "this.base = (href && trimmed(href)) ?? this.base;",
    test: htmlTest,
    filter: "reads title, base, links and metas",
  },
  {
    name: "an attribute that stands twice counts as it stands last",
    file: html,
    from: "      !this.attributes.has(attribute);",
    to: "      true;",
    test: htmlTest,
    filter: "reads title, base, links and metas",
  },
  {
    name: "the title of a drawing is that of the page",
    file: html,
    from: 'if (tag === "title" && this.foreign === 0 &&',
    to: 'if (tag === "title" &&',
    test: htmlTest,
    filter: "takes no later one for it",
  },
  {
    name: "a page takes as many links as it likes",
    file: html,
    from: "if (href === undefined || this.links.size >= maxLinks) return;",
    to: "if (href === undefined || maxLinks < 0) return;",
    test: htmlTest,
    filter: "takes no more links than it may, each once",
  },
  {
    name: "rel is one word",
    file: html,
    from: 'rel.toLowerCase().split(spaces).includes("nofollow")',
    to: 'rel.toLowerCase() === "nofollow"',
    test: htmlTest,
    filter: "reads title, base, links and metas",
  },
  {
    name: "a title is cut in the middle of a character",
    file: html,
    from: '.replace(/[\\ud800-\\udbff]$/, "")',
    to: "",
    test: htmlTest,
    filter: "cuts a title at 1,000 characters",
  },
  {
    name: "spaces before the end of a long link are looked at again and again",
    file: "src/scraper/html_text.ts",
    from: "while (end > start && isSpace(text, end - 1)) end--;",
    to:
      "end = text.search(/[\\t\\n\\f\\r ]+$/) >= 0 ? text.search(/[\\t\\n\\f\\r ]+$/) : end;",
    test: htmlTest,
    filter: "in one pass",
    hangs: true,
  },
  {
    name: "the meta is believed before the header",
    file: charset,
    from: 'transportLayerEncodingLabel: type?.parameters.get("charset"),',
    to: "transportLayerEncodingLabel: undefined,",
    test: charsetTest,
    filter: "believes the header before the meta",
  },
  {
    name: "a meta is looked for in all that came",
    file: charset,
    from: "isHtml ? headBytes : 0 }",
    to: "isHtml ? Infinity : 0 }",
    test: charsetTest,
    filter: "looks for a meta in the first 1,024 bytes",
  },
  {
    name: "what says nothing is read as of old",
    file: charset,
    from: '    return new TextDecoder("utf-8");',
    to: '    return new TextDecoder("windows-1252");',
    test: charsetTest,
    filter: "takes UTF-8 where nothing says",
  },
  {
    name: "a character that the first bytes cut short is taken for a wrong one",
    file: charset,
    from: "{ fatal: true }).decode(bytes, { stream: true });",
    to: "{ fatal: true }).decode(bytes);",
    test: charsetTest,
    filter: "takes UTF-8 where nothing says",
  },
  {
    name: "an encoding is chosen by the first part, however short",
    file: charset,
    from: 'return this.length < headBytes ? "" : this.begin();',
    to: "return this.begin();",
    test: charsetTest,
    filter: "gives the same text from whatever parts",
  },
  {
    name: "a character that the last byte cuts short is lost",
    file: charset,
    from: 'return text + (this.decoder?.decode() ?? "");',
    to: "return text;",
    test: charsetTest,
    filter: "replaces what is cut short",
  },
];
