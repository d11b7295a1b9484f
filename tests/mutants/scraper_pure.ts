/**
 * Bugs that crawlers have in how they read URLs, robots.txt, what pages ask of robots, and sitemaps.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const url = { file: "src/scraper/url.ts", test: "tests/scraper/url_test.ts" };
const scope = {
  file: "src/scraper/scope.ts",
  test: "tests/scraper/scope_test.ts",
};
const robots = {
  file: "src/scraper/robots.ts",
  test: "tests/scraper/robots_test.ts",
};
const pattern = {
  file: "src/scraper/robots_pattern.ts",
  test: "tests/scraper/robots_pattern_test.ts",
};
const meta = {
  file: "src/scraper/robots_meta.ts",
  test: "tests/scraper/robots_meta_test.ts",
};
const sitemap = {
  file: "src/scraper/sitemap.ts",
  test: "tests/scraper/sitemap_test.ts",
};
const gunzip = {
  file: "src/scraper/gunzip.ts",
  test: "tests/scraper/gunzip_test.ts",
};

/** What must not come back into what reads for the crawler. */
export const scraperPureMutants: ReadonlyArray<Mutant> = [
  {
    ...url,
    name: "a slash that is escaped becomes one",
    from: "/[\\w.~-]/.test(character)",
    to: "/[\\w.~/-]/.test(character)",
    filter: "normalForm() keeps apart",
  },
  {
    ...url,
    name: "an escape is made of a stray %",
    from: '!text.includes("%") || /%(?![\\da-f]{2})/i.test(text)',
    to: '!text.includes("%")',
    filter: "normalForm() is its own",
  },
  {
    ...url,
    name: "a host with a dot at its end is another host",
    from: 'hostname.endsWith(".") ? hostname.slice(0, -1) : hostname',
    to: "hostname",
    filter: "normalForm() gives one name",
  },
  {
    ...url,
    name: "a name of dots becomes an address",
    from: "/^\\.|\\.\\./.test(url.hostname)",
    to: 'url.hostname === "."',
    filter: "parseUrl() reads http and https alone",
  },
  {
    ...url,
    name: "credentials of a link are sent",
    from: '  if (url.username !== "") url.username = "";\n',
    to: "",
    filter: "parseUrl() reads http and https alone",
  },
  {
    ...url,
    name: "what is too long when it is escaped is read",
    from: "return url.href.length > longestUrl ? undefined : url;",
    to: "return url;",
    filter: "parseUrl() reads no URL of more",
  },
  {
    ...url,
    name: "sorting mixes the values of one name",
    from: "a.name < b.name ? -1 : a.name > b.name ? 1 : 0",
    to: "a.parameter < b.parameter ? -1 : 1",
    filter: "normalForm() sorts parameters",
  },
  {
    ...scope,
    name: "who shares a host of blogs shares a site",
    from: "allowPrivateDomains: true",
    to: "allowPrivateDomains: false",
    filter: "inScope() of a site",
  },
  {
    ...scope,
    name: "all addresses are one site",
    from: " ?? host",
    to: ' ?? ""',
    filter: "inScope() of a site",
  },
  {
    ...scope,
    name: "an origin has any scheme",
    from: "`${url.protocol}//${hostOf(url)}`",
    to: "hostOf(url)",
    filter: "inScope() of an origin",
  },
  {
    ...robots,
    name: "the first rule that matches wins",
    from: "b.pattern.length - a.pattern.length ||",
    to: "0 * (b.pattern.length - a.pattern.length) ||",
    filter: "Google's parser",
  },
  {
    ...robots,
    name: "disallow wins ties",
    from: "Number(b.allow) - Number(a.allow)",
    to: "Number(a.allow) - Number(b.allow)",
    filter: "Google's parser",
  },
  {
    ...robots,
    name: "the rules for all are added to its own",
    from: "own.named ? own : all",
    to: "own.rules.length > 0 ? own : all",
    filter: "RFC 9309",
  },
  {
    ...robots,
    name: "a line that is not known ends the names of a group",
    from: "    if (key === undefined || value === undefined) continue;\n",
    to:
      "    if (key === undefined || value === undefined) {\n      naming = false;\n      continue;\n    }\n",
    filter: "Google's parser",
  },
  {
    ...robots,
    name: "an agent is known by a part of its name",
    from: "leadingToken(value).toLowerCase() === agent",
    to: "leadingToken(value).toLowerCase().includes(agent)",
    filter: "knows an agent by the product",
  },
  {
    ...robots,
    name: "a file is read to its end",
    from: "text.slice(start, start + longestRobots)",
    to: "text.slice(start)",
    filter: "reads the first 500 KiB",
  },
  {
    ...robots,
    name: "rules take as much work as they like",
    from: "|| work.left < 0",
    to: "|| work.left === -1",
    filter: "too much work",
  },
  {
    ...robots,
    name: "too much work allows",
    from: "(rule.allow && work.left >= 0)",
    to: "rule.allow",
    filter: "too much work",
  },
  {
    ...robots,
    name: "too many requests are as good as no robots.txt",
    from: "status === undefined || status === 429",
    to: "status === undefined",
    filter: "readingOf()",
  },
  {
    ...robots,
    name: "the shortest crawl delay counts",
    from: "Math.max(group.crawlDelay ?? 0,",
    to: "Math.min(group.crawlDelay ?? Infinity,",
    filter: "gives the crawl delay",
  },
  {
    ...pattern,
    name: "a wildcard goes back",
    from: "      at = part.endIn(path, at);\n",
    to:
      `      while (at < path.length && !standsAt(path, at, part["text"])) at++;
      at = at < path.length ? at + part["text"].length : -1;
`,
    filter: "reads each character of the path",
  },
  {
    ...pattern,
    name: "a wildcard starts over where it may not",
    from: "        same = repeated[same - 1]!;\n      }\n",
    to: "        same = 0;\n      }\n",
    filter: "Pattern.matches()",
  },
  {
    ...pattern,
    name: "the end overlaps what stands before it",
    from: "path.length - end.length >= at &&",
    to: "path.length - end.length >= 0 &&",
    filter: "Pattern.matches()",
  },
  {
    ...pattern,
    name: "paths are compared as they are escaped",
    from: '.replace(/%(?![\\da-f]{2})/gi, "%25")\n',
    to: "\n",
    test: robots.test,
    filter: "compares what is escaped",
  },
  {
    ...meta,
    name: "what is for another robot is for all",
    from: "    if (addressed) words",
    to: "    words",
    filter: "directivesOfHeader() reads what",
  },
  {
    ...meta,
    name: "a date names a robot",
    from: "|max-[a-z-]+)$|\\s/",
    to: "|max-[a-z-]+)$/",
    filter: "directivesOfHeader() reads what",
  },
  {
    ...sitemap,
    name: "pictures are pages",
    from: 'parents.at(-1) === "url"\n',
    to: 'parents.includes("url")\n',
    filter: "reads the pages of a sitemap",
  },
  {
    ...sitemap,
    name: "a sitemap has as many URLs as it likes",
    from:
      "      if (urls.length + sitemaps.length >= mostSitemapUrls) stop();\n",
    to: "",
    filter: "reads 50,000 URLs",
  },
  {
    ...sitemap,
    name: "elements that are too deep are read to the end",
    from: "    parser.pause();\n",
    to: "",
    filter: "no further than elements that are too deep",
  },
  {
    ...gunzip,
    name: "a bomb goes off before it is measured",
    from: "const step = 1024;",
    to: "const step = 1024 * 1024 * 1024;",
    filter: "ends a bomb at its bound",
  },
  {
    ...gunzip,
    name: "an interrupt leaves it at work",
    from: "    { signal },\n",
    to: "    { signal: AbortSignal.any([]) },\n",
    filter: "ended by an interrupt",
  },
];
