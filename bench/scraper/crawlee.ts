// deno-lint-ignore-file no-console no-import-prefix -- a peer is measured, not depended on
import {
  CheerioCrawler,
  Configuration,
  log,
  // deno-lint-ignore no-import-prefix -- measured, not depended on
} from "npm:@crawlee/cheerio@3.18.1";
import process from "node:process";

const [start = "", most = "1"] = Deno.args;

log.setLevel(log.LEVELS.OFF);
let pages = 0;
let titles = 0;
const crawler = new CheerioCrawler({
  minConcurrency: 10,
  maxConcurrency: 10,
  maxRequestsPerCrawl: Number(most),
  respectRobotsTxtFile: true,
  async requestHandler({ $, enqueueLinks }) {
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
