import * as FastCheck from "fast-check";
import { deepStrictEqual } from "node:assert/strict";
import {
  directivesOfHeader,
  directivesOfMeta,
  strictest,
  unrestricted,
} from "../../src/scraper/robots_meta.ts";

const nofollow = { nofollow: true, noindex: false };
const noindex = { nofollow: false, noindex: true };
const both = { nofollow: true, noindex: true };

Deno.test("directivesOfHeader() reads what X-Robots-Tag asks of any agent, and of this one", () => {
  const cases = [
    [undefined, unrestricted],
    ["", unrestricted],
    ["all", unrestricted],
    ["nofollow", nofollow],
    ["noindex", noindex],
    ["none", both],
    ["NoIndex , NOFOLLOW", both],
    ["noindex,noarchive,,nofollow,", both],
    ["nofollows, no follow, xnoindex", unrestricted],
    ["foobot: nofollow", nofollow],
    ["FooBot : noindex, nofollow", both],
    ["otherbot: noindex, nofollow", unrestricted],
    ["otherbot: none, foobot: nofollow", nofollow],
    ["foobot: nofollow, otherbot: noindex", nofollow],
    ["noindex, otherbot: nofollow", noindex],
    ["otherbot: noindex, *: nofollow", nofollow],
    ["otherbot: noindex, robots: nofollow", nofollow],
    ["foo: noindex, foobots: nofollow", unrestricted],
    ["unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", nofollow],
    ["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow", nofollow],
    ["max-snippet: 20, max-image-preview:large, nofollow", nofollow],
    ["otherbot: max-snippet: 20, nofollow", unrestricted],
    [":nofollow", unrestricted],
  ] as const;
  for (const [value, expected] of cases) {
    deepStrictEqual(directivesOfHeader(value, "FooBot"), expected, `${value}`);
  }
});

Deno.test("directivesOfMeta() adds up what is for robots, and for this one", () => {
  const cases = [
    [[], unrestricted],
    [[["robots", "nofollow"]], nofollow],
    [[[" ROBOTS ", "NoIndex,\n NONE"]], both],
    [[["foobot", "nofollow"], ["robots", "noindex, follow"]], both],
    [[["robots", "all"], ["FooBot", "noindex"]], noindex],
    [[["otherbot", "none"], ["description", "nofollow"]], unrestricted],
    [[["robots", "foobot: nofollow"]], unrestricted],
  ] as const;
  for (const [metas, expected] of cases) {
    const found = metas.map(([name, content]) => ({ name, content }));
    deepStrictEqual(directivesOfMeta(found, "FooBot"), expected);
  }
});

Deno.test("strictest() asks what either asks", () => {
  deepStrictEqual(strictest(nofollow, noindex), both);
  deepStrictEqual(strictest(nofollow, unrestricted), nofollow);
  deepStrictEqual(strictest(unrestricted, noindex), noindex);
  deepStrictEqual(strictest(unrestricted, unrestricted), unrestricted);
});

Deno.test("directivesOfHeader() never throws, and reads what is long", () => {
  FastCheck.assert(
    FastCheck.property(
      FastCheck.string({ unit: "binary" }),
      FastCheck.string(),
      (value, agent) => {
        directivesOfHeader(value, agent);
        directivesOfMeta([{ name: agent, content: value }], agent);
      },
    ),
  );
  for (const long of [",", "a:", " ", "a,", "max-", "foobot:noindex,", "a: "]) {
    const value = `${long.repeat(1_000_000 / long.length)},foobot: nofollow`;
    deepStrictEqual(
      directivesOfHeader(value, "foobot").nofollow,
      true,
      long,
    );
  }
});
