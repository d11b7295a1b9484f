// deno-lint-ignore-file no-console
import { deepStrictEqual, ok } from "node:assert/strict";
import { printedBy } from "../support/printed.ts";

const pages = 2000;
const kills = 40;

Deno.test("forty kills lose no page, and none that was finished is asked for again", async () => {
  const printed = await printedBy(
    ...["--allow-read", "--allow-write"],
    ...["--allow-run", "--allow-net=127.0.0.1"],
    ...["tests/support/scraper/kills.ts", `${pages}`, `${kills}`],
  );
  const found = JSON.parse(printed);
  console.log(found);
  const { askedAgain, finished, visitedAgain, ...rest } = found;
  deepStrictEqual(rest, {
    ...{ ended: 0, kills, asked: pages, inFile: pages },
    ...{ askedAfterTheirEnd: 0, twiceInOneRun: 0 },
  });
  // The last line of each run may be of a page that was on its way.
  ok(finished >= pages - kills - 1, `${finished} pages finished`);
  ok(visitedAgain <= kills, `${visitedAgain} visits in vain`);
  ok(askedAgain <= 12 * kills, `${askedAgain} requests in vain`);
});
