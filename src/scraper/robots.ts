/**
 * What robots.txt allows (RFC 9309).
 *
 * It is read as leniently as [Google's parser](https://github.com/google/robotstxt) reads it: authors try their files there.
 *
 * @module
 */
import { comparablePath, Pattern, type Work } from "./robots_pattern.ts";
import { normalForm, parseUrl } from "./url.ts";

/** How many bytes of a robots.txt are read (RFC 9309, section 2.5: at least so many). */
export const longestRobots: number = 500 * 1024;
/** How many redirects a robots.txt may be away (RFC 9309, section 2.3.1.2: at least so many). */
export const mostRobotsRedirects = 5;
/** Where Google's parser cuts a line: eight times the longest URL of some browsers. */
const longestLine = 8 * 2083 - 1;

/**
 * How many characters of its path are searched for one URL, which takes some 50 ms. Five thousand rules with wildcards, more than
 * hosts have, may see a path of 800 characters.
 */
const mostWork = 4_000_000;

/** What an agent may do on a host. */
export interface Robots {
  /** Whether a URL of the host may be asked for. `/robots.txt` always may; a URL for which the rules are too much work may not. */
  readonly allows: (url: URL) => boolean;
  /** How long to wait from one request to the next, in milliseconds; the longest of several. RFC 9309 does not have it. */
  readonly crawlDelay: number | undefined;
  /** The sitemaps that are named, for any agent, in normal form. */
  readonly sitemaps: ReadonlyArray<string>;
}

/** What to do about a robots.txt: read it, or else take all as allowed, or all as disallowed. */
export type Reading = "Read" | "AllowAll" | "DisallowAll";

interface Group {
  /** Whether a line names the agent. */
  named: boolean;
  crawlDelay: number | undefined;
  readonly rules: Array<Rule>;
}

interface Rule {
  readonly pattern: Pattern;
  readonly allow: boolean;
}

type Key = "agent" | "allow" | "disallow" | "delay" | "sitemap";

/** For a host without robots.txt. */
export const allowAll: Robots = {
  allows: () => true,
  crawlDelay: undefined,
  sitemaps: [],
};

/** For a host whose robots.txt cannot be had now. */
export const disallowAll: Robots = {
  allows: isRobots,
  crawlDelay: undefined,
  sitemaps: [],
};

/**
 * Reads the rules for the agent that sends a `User-Agent`, whose product token is matched in any case. Rules for one agent are
 * one group, wherever they stand; those for `*` hold where no line names the agent. The most specific rule wins, and of two alike
 * the one that allows. Reads the first {@linkcode longestRobots} characters.
 */
export function parseRobots(text: string, userAgent: string): Robots {
  const agent = productToken(userAgent)?.toLowerCase();
  const own = emptyGroup();
  const all = emptyGroup();
  const sitemaps = new Set<string>();
  // The group that lines belong to, of those that matter; a rule ends the lines that name its agents.
  let group: Group | undefined;
  let naming = false;
  for (const line of linesOf(text)) {
    const [key, value] = fieldOf(line) ?? [];
    if (key === undefined || value === undefined) continue;
    if (key === "sitemap") {
      const url = parseUrl(value);
      if (url !== undefined) sitemaps.add(normalForm(url));
    } else if (key === "agent") {
      if (!naming) group = undefined;
      naming = true;
      if (agent !== undefined && leadingToken(value).toLowerCase() === agent) {
        group = own;
      } else if (/^\*(?!\S)/.test(value)) group ??= all;
      if (group !== undefined) group.named = true;
    } else if (key === "delay") {
      if (group !== undefined) slowDown(group, value);
    } else {
      naming = false;
      if (group !== undefined) addRules(group.rules, key === "allow", value);
    }
  }
  const { crawlDelay, rules } = own.named ? own : all;
  rules.sort((a, b) =>
    b.pattern.length - a.pattern.length || Number(b.allow) - Number(a.allow)
  );
  const allows = (url: URL) => isRobots(url) || isAllowed(rules, url);
  return { allows, crawlDelay, sitemaps: [...sitemaps] };
}

/**
 * What the answer to a request for robots.txt means, by its status; `undefined` where there was none (RFC 9309, section 2.3.1).
 *
 * A redirect that is still one after {@linkcode mostRobotsRedirects} is as good as no file, and so is 4xx. But 429 says that the
 * server has too much to do, as 5xx does, not that there is no file; Google takes it so, too.
 */
export function readingOf(status: number | undefined): Reading {
  if (status === undefined || status === 429) return "DisallowAll";
  if (status >= 200 && status < 300) return "Read";
  return status >= 300 && status < 500 ? "AllowAll" : "DisallowAll";
}

/**
 * The name by which robots.txt knows an agent: the product that its `User-Agent` begins with, such as `ExampleBot` of
 * `ExampleBot/1.0 (+https://bot.example)`. There is none if it has other characters than letters, `-` and `_` (RFC 9309, section
 * 2.2.1).
 */
export function productToken(userAgent: string): string | undefined {
  const token = leadingToken(userAgent);
  return token !== "" && /^(?:[\s/]|$)/.test(userAgent.slice(token.length))
    ? token
    : undefined;
}

function emptyGroup(): Group {
  return { named: false, crawlDelay: undefined, rules: [] };
}

function isRobots({ pathname }: URL): boolean {
  return pathname === "/robots.txt";
}

function isAllowed(rules: ReadonlyArray<Rule>, url: URL): boolean {
  const path = comparablePath(url);
  const work: Work = { left: mostWork };
  const rule = rules.find(({ pattern }) =>
    pattern.matches(path, work) || work.left < 0
  );
  return rule === undefined || (rule.allow && work.left >= 0);
}

function linesOf(text: string): ReadonlyArray<string> {
  // A decoder leaves the byte order mark out; who has the text from elsewhere may have it still.
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  return text.slice(start, start + longestRobots).split(/\r\n?|\n/);
}

/** The key and the value of a line, if it has a key that is known. Instead of the colon there may be spaces. */
function fieldOf(line: string): readonly [Key, string] | undefined {
  const [stated = ""] = line.slice(0, longestLine).split("#", 1);
  const text = trimmed(stated);
  const colon = text.indexOf(":");
  if (colon < 0) {
    const [name = "", value, ...more] = text.split(/[ \t]+/, 3);
    const key = keyOf(name);
    return key === undefined || value === undefined || more.length > 0
      ? undefined
      : [key, value];
  }
  const key = keyOf(text.slice(0, colon));
  return key && [key, trimmed(text.slice(colon + 1))];
}

/** What a line is about; with the typos that Google's parser accepts, and as there by its start. */
function keyOf(name: string): Key | undefined {
  const key = name.toLowerCase();
  if (/^user[ -]?agent/.test(key)) return "agent";
  if (key.startsWith("allow")) return "allow";
  if (/^(?:dis+al+ow|diasllow|disallaw)/.test(key)) return "disallow";
  if (/^site-?map/.test(key)) return "sitemap";
  return /^crawl[ -]?delay/.test(key) ? "delay" : undefined;
}

/** Without the spaces and tabs around it. A byte order mark is neither, unlike for `trim()`. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlank(text: string, at: number): boolean {
  const character = text.charCodeAt(at);
  return character === 32 || (character >= 9 && character <= 13);
}

function leadingToken(text: string): string {
  return /^[a-z_-]*/i.exec(text)?.[0] ?? "";
}

function slowDown(group: Group, value: string): void {
  if (!/^\d{1,9}(?:\.\d{0,9})?$/.test(value)) return;
  group.crawlDelay = Math.max(group.crawlDelay ?? 0, 1000 * Number(value));
}

function addRules(rules: Array<Rule>, allow: boolean, value: string): void {
  if (value === "") return;
  rules.push({ pattern: new Pattern(value), allow });
  // As with Google, who allows the index of a folder means the folder.
  const folder = allow ? /^(.*\/)index\.html?$/.exec(value)?.[1] : undefined;
  if (folder !== undefined) {
    rules.push({ pattern: new Pattern(`${folder}$`), allow });
  }
}
