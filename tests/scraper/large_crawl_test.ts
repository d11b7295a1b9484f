import { crawlAtLarge } from "./large_crawl.ts";

Deno.test("a crawl of 2,000 pages on 100 hosts visits each once, and leaves no host less than it asks for", async () => {
  await crawlAtLarge(100, 2000);
});
