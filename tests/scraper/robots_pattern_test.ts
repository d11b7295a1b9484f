import * as FastCheck from "fast-check";
import { ok, strictEqual } from "node:assert/strict";
import {
  type Characters,
  comparablePath,
  Pattern,
} from "../../src/scraper/robots_pattern.ts";

/** A path that counts how often a character of it is read. */
class Counted implements Characters {
  reads = 0;
  constructor(private readonly text: string) {}

  get length(): number {
    return this.text.length;
  }

  charCodeAt(at: number): number {
    this.reads++;
    return this.text.charCodeAt(at);
  }
}

Deno.test("Pattern.matches() reads each character of the path three times at most", () => {
  const path = `/${"a".repeat(8000)}`;
  for (
    const pattern of [
      `/${"a*".repeat(3000)}b`,
      `/${"a*".repeat(3000)}b$`,
      `/*${"a".repeat(4000)}b`,
      `/*${"a".repeat(4000)}*${"a".repeat(3999)}b$`,
      `/*${"a".repeat(2000)}b${"a".repeat(2000)}`,
      `/*${"ab".repeat(2000)}*`,
      `/${"*".repeat(9000)}b`,
      `/${"a".repeat(7999)}b`,
      "*$",
    ]
  ) {
    const counted = new Counted(path);
    strictEqual(
      new Pattern(pattern).matches(counted, { left: Infinity }),
      pattern === "*$",
    );
    ok(counted.reads <= 3 * path.length, `${counted.reads} reads`);
  }
});

Deno.test("Pattern.matches() searches again within what it has seen, and no part twice", () => {
  const matches = (pattern: string, path: string) =>
    new Pattern(pattern).matches(path, { left: Infinity });
  ok(matches("/*aab", "/aaab"));
  ok(matches("/*ababac$", "/abababac"));
  ok(!matches("/*ab*ba$", "/xaba"));
  ok(!matches("/*ab*ba", "/xaba"));
  ok(matches("/*ab*ba$", "/xabba"));
  ok(!matches("/a*a", "/a"));
});

Deno.test("Pattern.matches() matches as a regular expression does", () => {
  const textOf = (...units: readonly string[]) =>
    FastCheck.string({
      unit: FastCheck.constantFrom(...units),
      maxLength: 16,
    });
  const word = FastCheck.oneof(
    textOf("a", "b", "/", "*", "$", "?"),
    textOf("a", "a", "b", "*"),
    textOf("a", "a", "b", "*").map((text) => `*${text}$`),
  );
  const subject = FastCheck.oneof(
    textOf("a", "b", "/", "$"),
    textOf("a", "a", "b"),
  );
  FastCheck.assert(
    FastCheck.property(word, subject, (written, rest) => {
      const url = new URL(`http://foo.bar/${rest}`);
      const isEnd = written.endsWith("$");
      const source = `/${isEnd ? written.slice(0, -1) : written}`
        .replace(/[$?]/g, "\\$&")
        .replaceAll("*", ".*");
      strictEqual(
        new Pattern(`/${written}`).matches(comparablePath(url), {
          left: Infinity,
        }),
        new RegExp(`^${source}${isEnd ? "$" : ""}`).test(url.pathname),
      );
    }),
    { numRuns: 5000 },
  );
});
