/**
 * What robots.txt files allow, by the cases that Google publishes for its own parser.
 *
 * @module
 */
import type { RobotsCase } from "./robots_cases.ts";

const groups = [
  ...["allow: /foo/bar/", "", "user-agent: FooBot", "disallow: /"],
  ...["allow: /x/", "user-agent: BarBot", "disallow: /", "allow: /y/"],
  ...["", "", "allow: /w/", "user-agent: BazBot", "", "user-agent: FooBot"],
  ...["allow: /z/", "disallow: /"],
];

const globalFirst = [
  ...["user-agent: *", "allow: /", "user-agent: FooBot", "disallow: /"],
];

/** All but the given paths are disallowed. */
const only = (allow: string): readonly string[] => [
  ...["user-agent: FooBot", "disallow: /", `allow: ${allow}`],
];

const fish = {
  allowed: [
    ...["/fish", "/fish.html", "/fish/salmon.html", "/fishheads"],
    ...["/fishheads/yummy.html", "/fish.html?id=anything"],
  ],
  disallowed: ["/bar", "/Fish.asp", "/catfish", "/?id=fish"],
};

/** As long as a line can be before it is cut. */
const long = (letter: string) => `/x/${letter.repeat(16_650)}`;

/** The cases of Google's parser. */
export const googleCases: readonly RobotsCase[] = [
  { name: "an empty file allows all", lines: [], allowed: ["/"] },
  {
    name: "an agent without a name goes by the rules for all",
    lines: ["user-agent: FooBot", "disallow: /"],
    agent: "",
    allowed: ["/"],
  },
  {
    name: "the root is disallowed, too",
    lines: ["user-agent: FooBot", "disallow: /"],
    disallowed: ["/", "/x/y"],
  },
  {
    name: "keys that are not known are no rules",
    lines: ["foo: FooBot", "bar: /"],
    allowed: ["/x/y"],
  },
  {
    name: "a colon may be missing",
    lines: ["user-agent FooBot", "disallow /"],
    disallowed: ["/x/y"],
  },
  {
    name: "groups of one agent are merged, rules before the first are none",
    lines: groups,
    allowed: ["/x/b", "/z/d"],
    disallowed: ["/y/c", "/foo/bar/"],
  },
  {
    name: "a blank line ends no group",
    lines: groups,
    agent: "BarBot",
    allowed: ["/y/c", "/w/a"],
    disallowed: ["/z/d", "/foo/bar/"],
  },
  {
    name: "agents on lines next to each other share their rules",
    lines: groups,
    agent: "BazBot",
    allowed: ["/z/d"],
    disallowed: ["/foo/bar/"],
  },
  ...["FooBot", "BarBot"].map((agent) => ({
    name: `a sitemap ends no group, for ${agent}`,
    lines: [
      ...["User-agent: BarBot", "Sitemap: https://foo.bar/sitemap"],
      ...["User-agent: *", "Disallow: /"],
    ],
    agent,
    disallowed: ["/"],
  })),
  ...["FooBot", "BarBot"].map((agent) => ({
    name: `a line that is not known ends no group, for ${agent}`,
    lines: [
      ...["User-agent: FooBot", "Invalid-Unknown-Line: unknown"],
      ...["User-agent: *", "Disallow: /"],
    ],
    agent,
    disallowed: ["/"],
  })),
  ...[
    ["USER-AGENT: FooBot", "ALLOW: /x/", "DISALLOW: /"],
    ["user-agent: FooBot", "allow: /x/", "disallow: /"],
    ["uSeR-aGeNt: FooBot", "AlLoW: /x/", "dIsAlLoW: /"],
  ].map((lines) => ({
    name: `keys are in any case: ${lines[0]}`,
    lines,
    allowed: ["/x/y"],
    disallowed: ["/a/b"],
  })),
  ...["FOO BAR", "foo bar", "FoO bAr"].flatMap((named) =>
    ["Foo", "foo"].map((agent) => ({
      name: `agents are in any case: ${named} for ${agent}`,
      lines: [`User-Agent: ${named}`, "Allow: /x/", "Disallow: /"],
      agent,
      allowed: ["/x/y"],
      disallowed: ["/a/b"],
    }))
  ),
  {
    name: "an agent is read up to its first space",
    lines: [
      ...["User-Agent: *", "Disallow: /"],
      ...["User-Agent: Foo Bar", "Allow: /x/", "Disallow: /"],
    ],
    agent: "Foo",
    allowed: ["/x/y"],
  },
  {
    name: "its own group comes before that for all",
    lines: globalFirst,
    disallowed: ["/x/y"],
  },
  {
    name: "the group for all holds for the others",
    lines: globalFirst,
    agent: "BarBot",
    allowed: ["/x/y"],
  },
  {
    name: "without a group for all the others may do what they like",
    lines: [
      ...["user-agent: FooBot", "allow: /", "user-agent: BarBot"],
      ...["disallow: /", "user-agent: BazBot", "disallow: /"],
    ],
    agent: "QuxBot",
    allowed: ["/x/y"],
  },
  {
    name: "paths are in their own case",
    lines: ["user-agent: FooBot", "disallow: /x/"],
    disallowed: ["/x/y"],
    allowed: ["/X/y"],
  },
  {
    name: "the longest rule wins, disallowing",
    lines: ["user-agent: FooBot", "disallow: /x/page.html", "allow: /x/"],
    disallowed: ["/x/page.html"],
  },
  {
    name: "the longest rule wins, allowing",
    lines: ["user-agent: FooBot", "allow: /x/page.html", "disallow: /x/"],
    allowed: ["/x/page.html"],
    disallowed: ["/x/"],
  },
  {
    name: "empty rules are none",
    lines: ["user-agent: FooBot", "disallow: ", "allow: "],
    allowed: ["/x/page.html"],
  },
  {
    name: "allow wins ties of the root",
    lines: ["user-agent: FooBot", "disallow: /", "allow: /"],
    allowed: ["/x/page.html"],
  },
  {
    name: "a slash more is longer",
    lines: ["user-agent: FooBot", "disallow: /x", "allow: /x/"],
    disallowed: ["/x"],
    allowed: ["/x/"],
  },
  {
    name: "allow wins ties of a page",
    lines: [
      ...["user-agent: FooBot", "disallow: /x/page.html"],
      "allow: /x/page.html",
    ],
    allowed: ["/x/page.html"],
  },
  {
    name: "a wildcard counts as one character",
    lines: ["user-agent: FooBot", "allow: /page", "disallow: /*.html"],
    disallowed: ["/page.html"],
    allowed: ["/page"],
  },
  {
    name: "a rule without wildcards may be longer than one with",
    lines: ["user-agent: FooBot", "allow: /x/page.", "disallow: /*.html"],
    allowed: ["/x/page.html"],
    disallowed: ["/x/y.html"],
  },
  {
    name: "nothing of the group for all is added to its own",
    lines: [
      ...["User-agent: *", "Disallow: /x/"],
      ...["User-agent: FooBot", "Disallow: /y/"],
    ],
    allowed: ["/x/page"],
    disallowed: ["/y/page"],
  },
  {
    name: "reserved characters stay as they are",
    lines: [
      ...["User-agent: FooBot", "Disallow: /"],
      "Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par",
    ],
    allowed: ["/foo/bar?qux=taz&baz=http://foo.bar?tar&par"],
  },
  ...["ツ", "%E3%83%84", "%e3%83%84"].map((letter) => ({
    name: `letters are compared as they are sent: ${letter}`,
    lines: [
      ...["User-agent: FooBot", "Disallow: /", `Allow: /foo/bar/${letter}`],
    ],
    allowed: ["/foo/bar/%E3%83%84"],
  })),
  {
    name: "what is escaped without need is the same if both are",
    lines: [
      ...["User-agent: FooBot", "Disallow: /", "Allow: /foo/bar/%62%61%7A"],
    ],
    allowed: ["/foo/bar/%62%61%7A"],
  },
  {
    name: "a wildcard stands between",
    lines: [
      ...["User-agent: FooBot", "Disallow: /foo/bar/quz", "Allow: /foo/*/qux"],
    ],
    disallowed: ["/foo/bar/quz"],
    allowed: ["/foo/quz", "/foo//quz", "/foo/bax/quz"],
  },
  {
    name: "a dollar ends",
    lines: [
      ...["User-agent: FooBot", "Disallow: /foo/bar$", "Allow: /foo/bar/qux"],
    ],
    disallowed: ["/foo/bar"],
    allowed: ["/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"],
  },
  {
    name: "comments are none of it",
    lines: [
      ...["User-agent: FooBot", "# Disallow: /"],
      ...["Disallow: /foo/quz#qux", "Allow: /"],
    ],
    allowed: ["/foo/bar"],
    disallowed: ["/foo/quz"],
  },
  {
    name: "index.html that is allowed is its folder, too",
    lines: ["User-Agent: *", "Allow: /allowed-slash/index.html", "Disallow: /"],
    agent: "foobot",
    allowed: ["/allowed-slash/", "/allowed-slash/index.html"],
    disallowed: ["/allowed-slash/index.htm", "/anyother-url"],
  },
  {
    name: "a long line that disallows is cut",
    lines: ["user-agent: FooBot", `disallow: ${long("a")}a/qux`],
    allowed: ["/fux"],
    disallowed: [`${long("a")}a/fux`],
  },
  {
    name: "long lines that allow are cut",
    lines: [
      ...["user-agent: FooBot", "disallow: /"],
      ...[`allow: ${long("aaaaa")}/qux`, `allow: ${long("b")}bbbb/qux`],
    ],
    disallowed: ["/"],
    allowed: [`${long("aaaaa")}/qux`, `${long("b")}bbbb/fux`],
  },
  { name: "/fish", lines: only("/fish"), ...fish },
  { name: "/fish* is as /fish", lines: only("/fish*"), ...fish },
  {
    name: "/fish/ is not as /fish",
    lines: only("/fish/"),
    allowed: [
      ...["/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html"],
      "/fish/?id=anything",
    ],
    disallowed: ["/bar", "/fish", "/fish.html", "/Fish/Salmon.html"],
  },
  {
    name: "/*.php",
    lines: only("/*.php"),
    allowed: [
      ...["/filename.php", "/folder/filename.php", "/filename.php/"],
      ...["/folder/filename.php?parameters", "//folder/any.php.file.html"],
      "/index?f=filename.php/",
    ],
    disallowed: ["/bar", "/php/", "/index?php", "/windows.PHP"],
  },
  {
    name: "/*.php$",
    lines: only("/*.php$"),
    allowed: ["/filename.php", "/folder/filename.php"],
    disallowed: [
      ...["/bar", "/filename.php?parameters", "/filename.php/", "/php/"],
      ...["/filename.php5", "/filename?php", "/aaaphpaaa", "//windows.PHP"],
    ],
  },
  {
    name: "/fish*.php",
    lines: only("/fish*.php"),
    allowed: ["/fish.php", "/fishheads/catfish.php?parameters"],
    disallowed: ["/bar", "/Fish.PHP"],
  },
  {
    name: "/p is longer than /",
    lines: ["user-agent: FooBot", "allow: /p", "disallow: /"],
    allowed: ["/page"],
  },
  {
    name: "allow wins ties of a folder",
    lines: ["user-agent: FooBot", "allow: /folder", "disallow: /folder"],
    allowed: ["/folder/page"],
  },
  {
    name: "/*.htm is longer than /page",
    lines: ["user-agent: FooBot", "allow: /page", "disallow: /*.htm"],
    disallowed: ["/page.htm"],
  },
  {
    name: "/$ is longer than /, and only the root",
    lines: ["user-agent: FooBot", "allow: /$", "disallow: /"],
    allowed: ["/"],
    disallowed: ["/page.html"],
  },
];
