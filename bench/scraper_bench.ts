/**
 * Crawlers beside each other, without pauses between requests, each run in a process of its own.
 * Permissions: --allow-run --allow-read
 *
 * @module
 */
import {
  atLeast,
  atMost,
  header,
  median,
  ratio,
  type Row,
  shown,
  table,
} from "./report.ts";

const rounds = 5;
const directory = `${import.meta.dirname}/scraper`;

/** How each is run. */
const crawlers = {
  weir: [Deno.execPath(), "run", "-A", "--no-check", `${directory}/weir.ts`],
  crawlee: [
    ...[Deno.execPath(), "run", "-A", "--no-check", "--no-lock"],
    ...["--node-modules-dir=none", `${directory}/crawlee.ts`],
  ],
  scrapy: ["/usr/bin/python3", `${directory}/scrapy_spider.py`],
};

type Crawler = keyof typeof crawlers;

/** What a crawler says of itself. */
interface Score {
  readonly pages: number;
  /** From the first request to the end, without the start of the process. */
  readonly seconds: number;
  /** The most memory that it took, in bytes. */
  readonly rss: number;
}

/** A site of so many pages, or the reference of JSXGraph if there is no number, in a process of its own. */
async function serve(pages: number | undefined): Promise<
  { readonly child: Deno.ChildProcess; readonly origin: string }
> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${directory}/site.ts`, `${pages ?? ""}`],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await lines.read();
  lines.releaseLock();
  return { child, origin: `http://127.0.0.1:${value.trim()}` };
}

/** One run; nothing if the crawler is not there. */
async function run(
  crawler: Crawler,
  start: string,
): Promise<Score | undefined> {
  const [command, ...args] = crawlers[crawler];
  try {
    const { stdout, success } = await new Deno.Command(command!, {
      args: [...args, start, "1000000"],
      stderr: "null",
    }).output();
    return success ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined;
  }
}

async function contest(title: string, start: string): Promise<void> {
  const names = Object.keys(crawlers) as Array<Crawler>;
  const scores: Record<Crawler, Array<Score>> = {
    ...{ weir: [], crawlee: [], scrapy: [] },
  };
  const missing = new Set<Crawler>();
  // The first round fills caches of code.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      if (missing.has(name)) continue;
      const score = await run(name, start);
      if (score === undefined) missing.add(name);
      else if (round > 0) scores[name].push(score);
    }
  }
  const { weir } = scores;
  const rate = ({ pages, seconds }: Score) => pages / seconds;
  const memory = ({ rss }: Score) => rss / 2 ** 20;
  table(
    title,
    names.flatMap((name): ReadonlyArray<Row> => {
      const own = scores[name];
      if (missing.has(name)) return [{ name, value: "is not installed" }];
      const rates = own.map(rate);
      const memories = own.map(memory);
      const rows = [
        shown(`${name}, pages`, own[0]!.pages, ""),
        shown(`${name}, pages a second`, median(rates), ""),
        shown(`${name}, memory`, median(memories), "MiB"),
      ];
      if (name === "weir") return rows;
      const faster = ratio(weir.map(rate), rates);
      const smaller = ratio(weir.map(memory), memories);
      return name === "crawlee"
        ? [
          ...rows,
          atLeast(2, `pages a second, weir ÷ ${name}`, faster, "×"),
          atMost(0.5, `memory, weir ÷ ${name}`, smaller, "×"),
        ]
        : [
          ...rows,
          shown(`pages a second, weir ÷ ${name}`, faster, "×"),
          shown(`memory, weir ÷ ${name}`, smaller, "×"),
        ];
    }),
  );
}

header({
  "Crawlee 3.18.1": "CheerioCrawler, maxConcurrency 10, storage in memory",
  "Scrapy": "Debian's python3-scrapy, 10 requests at once, no delay",
});
const { success } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["cache", "--no-lock", "npm:jsxgraph@1.10.1"],
    "npm:@crawlee/cheerio@3.18.1",
  ],
  stderr: "null",
}).output();
if (!success) throw new Error("The packages cannot be had");
const sites = [
  ["The reference of JSXGraph, 271 pages", undefined, "/index.html"],
  ["2,000 small pages", 2000, "/0.html"],
] as const;
for (const [title, pages, path] of sites) {
  const { child, origin } = await serve(pages);
  try {
    await contest(title, origin + path);
  } finally {
    child.kill();
    await child.status;
  }
}
