// deno-lint-ignore-file no-console
import process from "node:process";

/** Asked for by name as it is run: its types, and those of Node that it depends on, are not to be the project's. */
const crawlee = "npm:@crawlee/cheerio@3.18.1";
const { CheerioCrawler, Configuration, log } = await import(crawlee);

/** As much of a page as is used here. */
interface Found {
  readonly $: (selector: string) => { text(): string };
  readonly enqueueLinks: (
    options: { readonly strategy: string },
  ) => Promise<unknown>;
}

const [start = "", most = "1"] = Deno.args;

log.setLevel(log.LEVELS.OFF);
let pages = 0;
let titles = 0;
const crawler = new CheerioCrawler({
  minConcurrency: 10,
  maxConcurrency: 10,
  maxRequestsPerCrawl: Number(most),
  respectRobotsTxtFile: true,
  async requestHandler({ $, enqueueLinks }: Found) {
    pages++;
    if ($("title").text()) titles++;
    await enqueueLinks({ strategy: "same-domain" });
  },
}, new Configuration({ persistStorage: false, purgeOnStart: false }));
const began = performance.now();
await crawler.run([start]);
console.log(JSON.stringify({
  pages,
  titles,
  seconds: (performance.now() - began) / 1000,
  rss: process.resourceUsage().maxRSS * 1024,
}));
process.exit(0);
