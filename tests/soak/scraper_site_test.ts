import { deepStrictEqual, ok } from "node:assert/strict";
import { isInstalled, printedBy } from "../support/printed.ts";

const hasWget = await isInstalled("wget");

Deno.test({
  name:
    "a crawl finds the pages of a reference that wget finds under the same robots.txt",
  ignore: !hasWget,
  fn: async () => {
    const printed = await printedBy(
      ...["--allow-net", "--allow-read"],
      ...["--allow-write", "--allow-run=wget"],
      "tests/support/scraper/reference.ts",
    );
    const { crawler, wget } = JSON.parse(printed);
    ok(wget.length > 150, `${wget.length} pages`);
    deepStrictEqual(crawler, wget);
  },
});
