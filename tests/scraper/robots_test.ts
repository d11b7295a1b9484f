import * as FastCheck from "fast-check";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  allowAll,
  disallowAll,
  longestRobots,
  parseRobots,
  productToken,
  readingOf,
  type Robots,
} from "../../src/scraper/robots.ts";
import { googleCases } from "./google_robots_cases.ts";
import { rfcCases, type RobotsCase } from "./robots_cases.ts";

const urlOf = (path: string) => new URL(`http://foo.bar${path}`);
const allowedOf = ({ allows }: Robots, paths: readonly string[]) =>
  paths.filter((path) => allows(urlOf(path)));

function judge(
  { agent = "FooBot", allowed = [], disallowed = [], lines, name }: RobotsCase,
  lineEnd = "\n",
): void {
  const robots = parseRobots(
    lines.map((line) => `${line}${lineEnd}`).join(""),
    agent,
  );
  const paths = [...allowed, ...disallowed];
  deepStrictEqual(allowedOf(robots, paths), [...allowed], name);
}

Deno.test("parseRobots() allows what the examples of RFC 9309 say", () => {
  for (const example of rfcCases) judge(example);
});

Deno.test("parseRobots() allows what the cases of Google's parser say", () => {
  for (const example of googleCases) judge(example);
});

Deno.test("parseRobots() reads lines that end with LF, CR LF, CR or with the file", () => {
  for (const example of [...rfcCases, ...googleCases]) {
    judge(example, "\r\n");
    judge(example, "\r");
  }
  const last =
    "User-Agent: foo\nAllow: /a\r\nUser-Agent: bar\r\r\n\nDisallow: /";
  deepStrictEqual(allowedOf(parseRobots(last, "bar"), ["/", "/a"]), []);
  deepStrictEqual(allowedOf(parseRobots(last, "foo"), ["/", "/a"]), [
    "/",
    "/a",
  ]);
});

Deno.test("parseRobots() skips a byte order mark, at the start only", () => {
  const rules = "User-agent: foo\nDisallow: /\n";
  deepStrictEqual(allowedOf(parseRobots(`\uFEFF${rules}`, "foo"), ["/a"]), []);
  const amid = "User-agent: foo\n\uFEFFDisallow: /\n";
  deepStrictEqual(allowedOf(parseRobots(amid, "foo"), ["/a"]), ["/a"]);
});

Deno.test("parseRobots() reads the typos that Google's parser reads", () => {
  for (
    const key of [
      ...["disallow", "dissallow", "dissalow", "disalow", "diasllow"],
      ...["disallaw", "Disallow ", "\tDISALLOW\t"],
    ]
  ) {
    for (const agent of ["user-agent", "useragent", "user agent"]) {
      const robots = parseRobots(`${agent}: *\n${key}:/a\n`, "foo");
      deepStrictEqual(allowedOf(robots, ["/a", "/b"]), ["/b"], key);
    }
  }
  const words = parseRobots("user-agent *\ndisallow /a b\n", "foo");
  deepStrictEqual(allowedOf(words, ["/a"]), ["/a"]);
});

Deno.test("parseRobots() knows an agent by the product of its User-Agent alone", () => {
  const text = "User-agent: Example-Bot/2.0 (it)\nDisallow: /\n";
  for (const agent of ["example-bot", "EXAMPLE-BOT/1.0 (+https://b.example)"]) {
    deepStrictEqual(allowedOf(parseRobots(text, agent), ["/"]), []);
  }
  for (const agent of ["Example", "Example-Bots", "Other Example-Bot", ""]) {
    deepStrictEqual(allowedOf(parseRobots(text, agent), ["/"]), ["/"]);
  }
});

Deno.test("parseRobots() holds all who are not named to the rules for *", () => {
  const text = "User-agent: * # all\nUser-agent: a\nDisallow: /x\n";
  for (const agent of ["a", "b", "", "bad2/1.0"]) {
    deepStrictEqual(allowedOf(parseRobots(text, agent), ["/x", "/"]), ["/"]);
  }
  const star = "User-agent: *bot\nDisallow: /\n";
  deepStrictEqual(allowedOf(parseRobots(star, "bot"), ["/"]), ["/"]);
});

Deno.test("parseRobots() always allows /robots.txt", () => {
  const all = "User-agent: *\nDisallow: /\n";
  const paths = ["/robots.txt", "/robots.txt?a", "/a/robots.txt"];
  for (const robots of [parseRobots(all, "foo"), disallowAll]) {
    deepStrictEqual(allowedOf(robots, paths), paths.slice(0, 2));
  }
  deepStrictEqual(allowedOf(allowAll, paths), paths);
});

Deno.test("parseRobots() compares what is escaped, on both sides", () => {
  const cases = [
    ["/a%2fb", ["/a%2Fb", "/a%2fb"], ["/a/b"]],
    ["/%7ejoe/", ["/~joe/", "/%7Ejoe/a"], ["/joe/"]],
    ["/~joe/", ["/%7Ejoe/", "/~joe/100%"], []],
    ["/%7ejoe/", ["/~joe/100%", "/%7Ejoe/100%"], []],
    ["/a b", ["/a b", "/a%20b"], ["/a+b"]],
    ["/*?q='x'", ["/?q='x'", "/a?q=%27x%27"], ["/?q=x"]],
    ["/{id}", ["/{id}", "/%7Bid%7d"], []],
    ["/?a={b}|^", ["/?a={b}|^", "/?a=%7bb%7d%7c%5e"], []],
    ["/é", ["/é", "/%C3%A9"], ["/%E9"]],
    ["/a\uD800", ["/a%EF%BF%BD"], []],
    ["/50%", ["/50%", "/50%25"], ["/50"]],
    ["/a$b", ["/a$b", "/a%24b"], ["/a"]],
    ["/a%2A", ["/a*", "/a%2a"], ["/ab"]],
    ["/a$$", ["/a$", "/a%24"], ["/a$b", "/a"]],
  ] as const;
  for (const [rule, disallowed, allowed] of cases) {
    const robots = parseRobots(`User-agent: *\nDisallow: ${rule}\n`, "foo");
    deepStrictEqual(
      allowedOf(robots, [...disallowed, ...allowed]),
      [...allowed],
      rule,
    );
  }
});

Deno.test("parseRobots() gives the crawl delay of the agent's group, the longest of several", () => {
  const text = [
    ...["Crawl-delay: 99", "User-agent: a", "Crawl-delay: 2.5", "Disallow: /"],
    ...["User-agent: *", "crawl-delay: 4", "Allow: /", "User-agent: a"],
    ...["Crawl-delay: 1", "User-agent: c", "Crawl-delay: soon"],
    ...["Crawl-delay: -1", "Crawl-delay: Infinity", "Disallow: /"],
  ].join("\n");
  const delayFor = (agent: string) => parseRobots(text, agent).crawlDelay;
  strictEqual(delayFor("a"), 2500);
  strictEqual(delayFor("b"), 4000);
  strictEqual(delayFor("c"), undefined);
  strictEqual(allowAll.crawlDelay, undefined);
});

Deno.test("parseRobots() gives the sitemaps, wherever they stand, each once", () => {
  const text = [
    ...["Sitemap: https://foo.bar/sitemap.xml", "User-agent: b", "Allow: /a"],
    ...["SITEMAP:HTTPS://FOO.BAR/%7ea.xml # or", "site-map: /relative.xml"],
    ...["Sitemap: https://foo.bar/sitemap.xml", "Sitemap: ftp://foo.bar/"],
  ].join("\n");
  deepStrictEqual(parseRobots(text, "a").sitemaps, [
    "https://foo.bar/sitemap.xml",
    "https://foo.bar/~a.xml",
  ]);
});

Deno.test("parseRobots() reads the first 500 KiB", () => {
  const head = "User-agent: *\nDisallow: /a\n";
  const comment = `#${"c".repeat(longestRobots - head.length - 1)}`;
  const robots = parseRobots(`${head}${comment}\nDisallow: /b\n`, "foo");
  deepStrictEqual(allowedOf(robots, ["/a", "/b"]), ["/b"]);
  const full = comment.slice("\nDisallow: /b".length);
  const fitting = parseRobots(`${head}${full}\nDisallow: /b\n`, "foo");
  deepStrictEqual(allowedOf(fitting, ["/a", "/b"]), []);
});

Deno.test("parseRobots() reads what is hostile: long files, long lines, many rules", () => {
  const paths = ["/a", "/b"];
  const head = "User-agent: *\nDisallow: /a\n";
  for (
    const hostile of [
      ...["x", "\n", "\r", " ", "#", ":", "%", "*", "Disallow: ", "a:\n"],
      ...["User-agent: a\n", "Sitemap: https://a.example/\n", "\u{1F577}"],
    ]
  ) {
    const tail = hostile.repeat(2_000_000 / hostile.length);
    const robots = parseRobots(`${head}${tail}`, "foo");
    deepStrictEqual(allowedOf(robots, paths), ["/b"], hostile.slice(0, 9));
  }
  const rules = Array.from({ length: 100_000 }, (_, i) => `allow:${i}`);
  const robots = parseRobots(`${head}${rules.join("\n")}`, "foo");
  deepStrictEqual(allowedOf(robots, paths), ["/b"]);
  const long = parseRobots(`${head}disallow:/b${"*b".repeat(500_000)}`, "foo");
  deepStrictEqual(allowedOf(long, [...paths, `/b${"b".repeat(9000)}`]), [
    "/b",
  ]);
});

Deno.test("parseRobots() disallows a URL for which its rules are too much work", () => {
  const rules = Array.from({ length: 50_000 }, (_, i) => `allow:/*${i}b`);
  const robots = parseRobots(["User-agent: *", ...rules].join("\n"), "foo");
  const paths = ["/", "/b", `/${"a".repeat(70)}`, `/${"a".repeat(200)}`];
  deepStrictEqual(allowedOf(robots, paths), paths.slice(0, 3));
  // What does not begin as the path does is not searched.
  const others = rules.map((rule) => rule.replace("/*", "/b*"));
  const cheap = parseRobots(["User-agent: *", ...others].join("\n"), "foo");
  deepStrictEqual(allowedOf(cheap, paths), paths);
});

Deno.test("parseRobots() never throws, and minds no order of rules", () => {
  const rule = FastCheck.tuple(
    FastCheck.constantFrom("Allow", "Disallow", "Crawl-delay", "Nonsense"),
    FastCheck.string({ unit: "binary", maxLength: 6 }),
  ).map(([key, value]) => `${key}: /${value.replace(/[\r\n]/g, "")}`);
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(rule, { maxLength: 6 }),
      FastCheck.webPath(),
      (rules, path) => {
        const read = (lines: readonly string[]) =>
          parseRobots(["User-agent: *", ...lines].join("\n"), "foo");
        strictEqual(
          read(rules).allows(urlOf(path)),
          read(rules.toReversed()).allows(urlOf(path)),
        );
      },
    ),
  );
  FastCheck.assert(
    FastCheck.property(
      FastCheck.string({ unit: "binary" }),
      FastCheck.string({ unit: "binary" }),
      FastCheck.webUrl(),
      (text, agent, url) => {
        parseRobots(text, agent).allows(new URL(url));
      },
    ),
  );
});

Deno.test("readingOf() reads 2xx, allows all for 3xx and 4xx, and disallows all for 429, 5xx and no answer", () => {
  const statuses = {
    Read: [200, 204, 206, 299],
    AllowAll: [300, 301, 304, 308, 399, 400, 401, 403, 404, 410, 428, 430, 499],
    DisallowAll: [undefined, 100, 199, 429, 500, 503, 599, 600, 999],
  };
  for (const [reading, list] of Object.entries(statuses)) {
    for (const status of list) {
      strictEqual(readingOf(status), reading, String(status));
    }
  }
});

Deno.test("productToken() is the first product, of letters, - and _ alone", () => {
  const tokens = {
    "Foobot": "Foobot",
    "Foobot-Bar": "Foobot-Bar",
    "Foo_Bar": "Foo_Bar",
    "ExampleBot/1.0 (+https://b.example) other/2": "ExampleBot",
    "Foobot Bar": "Foobot",
    ...{ "": undefined, "ツ": undefined, "Foobot*": undefined },
    ...{ " Foobot": undefined, "bot2/1.0": undefined, "/1.0": undefined },
    "(Foobot)": undefined,
  };
  for (const [userAgent, token] of Object.entries(tokens)) {
    strictEqual(productToken(userAgent), token, userAgent);
  }
});
