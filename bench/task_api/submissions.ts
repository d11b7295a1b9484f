/**
 * Tasks that come in over HTTP: how many in a second.
 *
 * @module
 */
import { contest } from "../http/contest.ts";
import {
  atLeast,
  median,
  ratio,
  type Row,
  type Scores,
  shown,
} from "../report.ts";
import { startRedis } from "../tasks/redis.ts";
import { preload } from "./preload.ts";

const directory = new URL("servers/", import.meta.url).pathname;
/** How many tasks run at once, where any do. */
const workers = "10";
const bare = `${directory}bare.ts`;
const weir = `${directory}weir.ts`;
const express = `${directory}express_bullmq.ts`;
/** Stands for a file of its own. */
const file = "file";

/** What each is started by. */
const servers = {
  "bare, SQLite": [bare, file],
  "Weir, memory": [weir, "0"],
  "Weir, SQLite": [weir, "0", file],
  "Weir, SQLite, preloaded": [...preload, weir, "0", file],
  "express, BullMQ": [express, "0"],
  "Weir, memory, 10 workers": [weir, workers],
  "Weir, SQLite, 10 workers": [weir, workers, file],
  "express, BullMQ, 10 workers": [express, workers],
};

type Contestant = keyof typeof servers;

/** Which are compared, and what is wanted by the clock: no less than from what people use today. */
const pairs: ReadonlyArray<
  readonly [ours: Contestant, theirs: Contestant, wanted?: number]
> = [
  ["Weir, memory", "express, BullMQ", 1],
  ["Weir, SQLite", "express, BullMQ", 1],
  ["Weir, SQLite, 10 workers", "express, BullMQ, 10 workers", 1],
  ["Weir, SQLite", "bare, SQLite"],
  ["Weir, SQLite, preloaded", "Weir, SQLite"],
];

/** By the clock, and by the processor time of the server. */
export async function submissions(files: string): Promise<{
  readonly byClock: ReadonlyArray<Row>;
  readonly byProcessor: ReadonlyArray<Row>;
}> {
  const redis = startRedis(files);
  const all = Object.keys(servers) as ReadonlyArray<Contestant>;
  const names = redis === undefined
    ? all.filter((name) => !servers[name].includes(express))
    : all;
  try {
    const { byClock, byProcessor } = await contest(names, {
      server: (name) =>
        servers[name].map((part) =>
          part === file ? `${files}/${crypto.randomUUID()}.db` : part
        ),
      path: "tasks",
      script: `${directory}submit.lua`,
    });
    return {
      byClock: rowsOf(byClock, true),
      byProcessor: rowsOf(byProcessor, false),
    };
  } finally {
    redis?.kill("SIGTERM");
    await redis?.status;
  }
}

function rowsOf(
  scores: Scores<Contestant>,
  hasTargets: boolean,
): ReadonlyArray<Row> {
  const missing = (Object.keys(servers) as ReadonlyArray<Contestant>)
    .filter((name) => scores[name] === undefined);
  return [
    ...Object.entries(scores).map(([name, score]) =>
      shown(name, median(score), "/s")
    ),
    ...missing.map((name) => ({ name, value: "skipped: no redis-server" })),
    ...pairs.filter(([, theirs]) => scores[theirs] !== undefined).map(
      ([ours, theirs, wanted]) => {
        const name = `${ours} ÷ ${theirs}`;
        const value = ratio(scores[ours], scores[theirs]);
        return wanted === undefined || !hasTargets
          ? shown(name, value, "×")
          : atLeast(wanted, name, value, "×");
      },
    ),
  ];
}
