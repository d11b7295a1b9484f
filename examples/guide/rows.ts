/**
 * Which pattern is for what: what the README and the terminal show.
 *
 * @module
 */

/** What one has, and what helps. */
export interface Row {
  /** What one has. */
  readonly have: string;
  readonly pattern: string;
  /** What it is made of, in Markdown. */
  readonly parts: string;
  /** What to give to `deno task examples`. */
  readonly examples: ReadonlyArray<string>;
  /** The file of its study, where that is the only example. */
  readonly study?: string;
  /** The name of its picture. */
  readonly picture: string;
}

/** The guide. */
export const rows: ReadonlyArray<Row> = [
  {
    have: "work that is made faster than it is done",
    pattern: "producer–consumer",
    parts: "`ProducerConsumer`, a limit on either side",
    examples: ["04", "05"],
    picture: "producer-consumer",
  },
  {
    have: "jobs of all kinds, from anywhere, whose results matter",
    pattern: "worker pool",
    parts: "`WorkerPool.run`, `submit`",
    examples: ["06", "21"],
    picture: "worker-pool",
  },
  {
    have: "a list to get through, in order, so many at once",
    pattern: "batch",
    parts: "`Batch.forEach`; over a stream `Batch.mapEffect`",
    examples: ["07"],
    picture: "batch",
  },
  {
    have: "single requests that one call can answer together",
    pattern: "gathered batch",
    parts: "`Batch.gather`",
    examples: [],
    study: "flows.ts",
    picture: "gather",
  },
  {
    have: "an upstream that counts your calls",
    pattern: "rate limit",
    parts:
      "`Limiter.limit`, `throttle`; the quota by [which limit](#which-limit)",
    examples: ["01", "02", "22"],
    picture: "rate-limit",
  },
  {
    have: "many clients who must not crowd each other out",
    pattern: "limit per client",
    parts: "`KeyedLimiter`, a `shared` quota above it",
    examples: ["03"],
    picture: "per-client",
  },
  {
    have: "an HTTP service open to strangers",
    pattern: "limit per client",
    parts:
      "`RateLimit.layer`, `middleware`, `check` or `handler`, on `DenoHttpServer`",
    examples: ["10"],
    picture: "http",
  },
  {
    have: "work that outlives the request, or the process",
    pattern: "background tasks",
    parts: "`Task`, `TaskManager`, `TaskStore`, `TaskApi`",
    examples: ["09", "11"],
    picture: "tasks",
  },
  {
    have: "the pages of a site, or of many",
    pattern: "crawl",
    parts: "`Scraper`, `Frontier`",
    examples: ["12"],
    picture: "crawl",
  },
  {
    have: "calls to servers that say when to come again",
    pattern: "limited client",
    parts: "`LimitedHttpClient`",
    examples: [],
    study: "web.ts",
    picture: "limited-client",
  },
  {
    have: "an upstream that may become too slow for its callers",
    pattern: "retry budget",
    parts:
      "`RetryBudget`, as `retryBudget` of a room or around any effect by `retry`",
    examples: ["23"],
    picture: "retry-budget",
  },
  {
    have: "at most n at once, without a rate",
    pattern: "semaphore, keyed lock",
    parts: "`Quota.unlimited` with `concurrency`",
    examples: [],
    study: "places.ts",
    picture: "semaphore",
  },
  {
    have: "readings that never end",
    pattern: "stream",
    parts:
      "`Limiter.throttle`, `Batch.window`; by number `Stream.groupedWithin`, in parallel `Stream.mapEffect`, for slow readers `Stream.buffer`",
    examples: ["08"],
    picture: "stream",
  },
];

/** The cells of a row in the README. */
export const cellsOf = (
  { examples, have, parts, pattern, picture, study }: Row,
): ReadonlyArray<string> => [
  have,
  pattern,
  parts,
  study === undefined
    ? examples.map((id) => `\`${id}\``).join(", ")
    : `[study](examples/guide/${study})`,
  `[measured](examples/guide/pictures/${picture}.svg)`,
];

/** What the terminal shows of a row. */
export const describe = (row: Row): string => {
  const { examples, have, parts, pattern, picture, study } = row;
  return [
    `${have}: ${pattern}`,
    `  of        ${parts.replace(/`|\[|\]\(.*?\)/g, "")}`,
    ...examples.map((id) => `  see       deno task examples ${id}`),
    ...study === undefined ? [] : [`  see       examples/guide/${study}`],
    `  measured  examples/guide/pictures/${picture}.svg`,
  ].join("\n");
};
