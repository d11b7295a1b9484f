/**
 * What robots.txt files allow, by the examples of RFC 9309.
 *
 * @module
 */

/** A robots.txt file, and what one agent may ask for under it. */
export interface RobotsCase {
  /** The claim. */
  readonly name: string;
  /** The lines of the file. */
  readonly lines: readonly string[];
  /** `FooBot` if omitted. */
  readonly agent?: string;
  /** Paths, each with its query. */
  readonly allowed?: readonly string[];
  /** Paths, each with its query. */
  readonly disallowed?: readonly string[];
}

const simple = [
  ...["User-Agent: *", "Disallow: *.gif$", "Disallow: /example/"],
  ...["Allow: /publications/", "", "User-Agent: foobot", "Disallow:/"],
  ...["Allow:/example/page.html", "Allow:/example/allowed.gif", ""],
  ...["User-Agent: barbot", "User-Agent: bazbot"],
  ...["Disallow: /example/page.html", "", "User-Agent: quxbot", ""],
];

/** The examples of RFC 9309. */
export const rfcCases: readonly RobotsCase[] = [
  {
    name: "section 2.2.1: groups are merged",
    lines: [
      ...["user-agent: ExampleBot", "disallow: /foo", "disallow: /bar"],
      ...["user-agent: ExampleBot", "disallow: /baz"],
    ],
    agent: "ExampleBot/1.0 (+https://bot.example)",
    allowed: ["/"],
    disallowed: ["/foo", "/bar", "/baz"],
  },
  {
    name: "section 2.2.2: what is escaped without need is compared unescaped",
    lines: ["user-agent: *", "disallow: /foo/bar/%62%61%7A"],
    disallowed: ["/foo/bar/baz", "/foo/bar/%62%61%7A"],
    allowed: ["/foo/bar/bar"],
  },
  {
    name: "section 2.2.2: letters that are not ASCII",
    lines: ["user-agent: *", "disallow: /foo/bar/ツ"],
    disallowed: ["/foo/bar/ツ", "/foo/bar/%E3%83%84"],
  },
  {
    name: "section 2.2.3: special characters",
    lines: [
      ...["User-Agent: *", "Disallow: /path/file-with-a-%2A.html"],
      ...["Disallow: /path/foo-%24", "Allow: /this/*/exactly"],
      ...["Disallow: /this/", "Disallow: /end$ # exactly"],
    ],
    disallowed: [
      ...["/path/file-with-a-*.html", "/path/file-with-a-%2a.html"],
      ...["/path/foo-$", "/this/path/almost", "/end"],
    ],
    allowed: [
      ...["/path/file-with-a-b.html", "/path/foo-", "/this/path/exactly"],
      ...["/end/"],
    ],
  },
  {
    name: "section 2.2.4: other records do not interfere",
    lines: [
      ...["Sitemap: https://foo.bar/a.xml", "User-agent: a", "Sitemap: x"],
      ...["User-agent: b", "Disallow: /"],
    ],
    agent: "a",
    disallowed: ["/"],
  },
  {
    name: "section 5.1: the rules for all",
    lines: simple,
    agent: "other",
    allowed: ["/", "/publications/", "/publications/a.html", "/a.gif?b"],
    disallowed: ["/a.gif", "/example/", "/example/page.html"],
  },
  {
    name: "section 5.1: foobot",
    lines: simple,
    agent: "foobot",
    allowed: ["/example/page.html", "/example/allowed.gif"],
    disallowed: ["/", "/publications/", "/example/"],
  },
  ...["barbot", "BazBot"].map((agent) => ({
    name: `section 5.1: ${agent}`,
    lines: simple,
    agent,
    allowed: ["/", "/a.gif", "/example/"],
    disallowed: ["/example/page.html"],
  })),
  {
    name: "section 5.1: quxbot, whose group is empty and the last",
    lines: simple,
    agent: "quxbot",
    allowed: ["/", "/a.gif", "/example/page.html"],
  },
  {
    name: "section 5.2: the longest match",
    lines: [
      ...["User-Agent: foobot", "Allow: /example/page/"],
      "Disallow: /example/page/disallowed.gif",
    ],
    agent: "foobot",
    allowed: ["/example/page/", "/example/page/b.gif"],
    disallowed: ["/example/page/disallowed.gif"],
  },
];
