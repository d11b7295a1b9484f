/**
 * The tables that frontiers are kept in.
 *
 * A URL that was visited is left in `weir_frontier_seen` alone, which is a tree of URLs and nothing else. What waits stands in
 * the order in which it goes, so that the next of a host is the first of its rows, and nothing is counted: how many URLs wait and
 * how many were seen is kept in the row of the crawl.
 *
 * The names of columns are single words, so that no client's transformation of names changes them. `LIMIT ? + 0` and not
 * `LIMIT ?`: SQLite looks at a parameter that stands there when it plans, so that it plans anew at each run.
 *
 * @module
 */
import type { Tables } from "../internal/sql.ts";

/** The tables as this code reads and writes them. */
export const frontierTables: Tables = {
  name: "frontier",
  versions: "weir_frontier_versions",
  migrations: [[
    // `turn` is the last number that was given to a host, and `seen` the last that was given to a URL.
    `CREATE TABLE weir_frontier_crawls (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      seen INTEGER NOT NULL,
      pending INTEGER NOT NULL,
      turn INTEGER NOT NULL
    )`,
    // `turn` is there while something waits.
    `CREATE TABLE weir_frontier_hosts (
      id INTEGER PRIMARY KEY,
      crawl INTEGER NOT NULL,
      name TEXT NOT NULL,
      turn INTEGER,
      UNIQUE (crawl, name)
    )`,
    `CREATE INDEX weir_frontier_turns ON weir_frontier_hosts (crawl, turn)
      WHERE turn IS NOT NULL`,
    `CREATE TABLE weir_frontier_seen (
      crawl INTEGER NOT NULL,
      url TEXT NOT NULL,
      PRIMARY KEY (crawl, url)
    ) WITHOUT ROWID`,
    // `rank` is the negated priority.
    `CREATE TABLE weir_frontier_waiting (
      host INTEGER NOT NULL,
      rank REAL NOT NULL,
      depth INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      url TEXT NOT NULL,
      redirects INTEGER NOT NULL,
      referrer TEXT,
      PRIMARY KEY (host, rank, depth, seq)
    ) WITHOUT ROWID`,
    // What is on its way.
    `CREATE TABLE weir_frontier_visits (
      crawl INTEGER NOT NULL,
      url TEXT NOT NULL,
      host INTEGER NOT NULL,
      rank REAL NOT NULL,
      depth INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      redirects INTEGER NOT NULL,
      referrer TEXT,
      PRIMARY KEY (crawl, url)
    ) WITHOUT ROWID`,
  ]],
};
