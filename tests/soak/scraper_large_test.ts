// deno-lint-ignore-file no-console
import * as Duration from "effect/Duration";
import { crawlAtLarge } from "../scraper/large_crawl.ts";

Deno.test("a crawl of 100,000 pages on 1,000 hosts visits each once, and leaves no host less than it asks for", async () => {
  const began = performance.now();
  const time = await crawlAtLarge(1000, 100_000);
  const took = Math.round((performance.now() - began) / 1000);
  console.log(`${Duration.format(time)} in ${took} s`);
});
