/**
 * The tables that tasks are kept in, and how they came to be.
 *
 * Two things make a queue in tables slow, and both are kept out of them here. Tasks that may not begin yet do not stand in the
 * index that claims read (`weir_tasks_stage`), nor do those of a lane that has no room: of a lane that has,
 * the first of each kind stands there, and whoever takes it puts the next in its place. And nothing is counted: how many tasks
 * stand where, and how many of a lane wait and run, is kept in rows of its own.
 *
 * What a transaction costs is the pages that it touches: 4 KiB of log for each. So there are no more indexes than these, an event
 * is found by the one after it, and a claim writes to three trees.
 *
 * The names of columns are single words, so that no client's transformation of names changes them.
 *
 * `LIMIT ? + 0` and not `LIMIT ?`: SQLite looks at a parameter that stands there when it plans, so that it plans anew at each run.
 *
 * **Dialects.** The tables and statements are SQLite's. PostgreSQL would differ in these points:
 * - Parameters are `$1` and not `?`; `INTEGER` is `BIGINT`, and `INTEGER PRIMARY KEY`, SQLite's own row number, is
 *   `BIGINT PRIMARY KEY`; `REAL` is `DOUBLE PRECISION`.
 * - A transaction takes the right to write by `BEGIN IMMEDIATE`. There it would read the row of `weir_task_state` `FOR UPDATE`,
 *   which orders the commits and so the events. To claim beside each other with `FOR UPDATE SKIP LOCKED`, events would be
 *   numbered in a transaction of their own.
 * - The greater of two is `max(a, b)`. There it would be `greatest(a, b)`.
 * - The time is that of this process. There `now()` would be the database's, one for all machines.
 * - Rows go in one statement each, which costs 2 µs here. There they would go at once, by `unnest` or `jsonb_to_recordset`.
 * - Other processes are noticed by looking for new events now and then. There `LISTEN` would tell.
 *
 * `RETURNING`, `ON CONFLICT`, partial indexes and `WITH RECURSIVE` are the same in both.
 *
 * @module
 */
import type { Tables } from "../internal/sql.ts";

const tables: ReadonlyArray<string> = [
  // One row: what is paused, which numbers were given last, and how many tasks stand where. `active` is those that are pending or
  // run, for claims to leave the row alone. `event` may lag behind the last event; `version` counts changes without one.
  `CREATE TABLE weir_task_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    task INTEGER NOT NULL,
    event INTEGER NOT NULL,
    halted INTEGER NOT NULL,
    paused TEXT NOT NULL,
    scheduled INTEGER NOT NULL,
    active INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL
  )`,
  "INSERT INTO weir_task_state VALUES (1, 0, 0, 0, 0, '[]', 0, 0, 0, 0, 0)",
  // `rank` is the negated priority, `due` when it may begin, `event` the number of its last one, `lease` the token of the attempt
  // that runs, `asked` whether that is to be cancelled. `stage` is 1 if a claim may take it, 0 if it runs, else nothing.
  `CREATE TABLE weir_tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    lane TEXT,
    rank REAL NOT NULL,
    most INTEGER NOT NULL,
    created INTEGER NOT NULL,
    status TEXT NOT NULL,
    stage INTEGER,
    event INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    lease INTEGER,
    expires INTEGER,
    asked INTEGER NOT NULL,
    progress TEXT,
    result TEXT,
    error TEXT,
    payload TEXT
  )`,
  // What runs and what is next stand side by side, mostly in one page.
  `CREATE INDEX weir_tasks_stage ON weir_tasks (stage, name, rank, due, seq)
    WHERE stage IS NOT NULL`,
  `CREATE INDEX weir_tasks_laned ON weir_tasks (lane, name, rank, due, seq)
    WHERE status = 'pending' AND lane IS NOT NULL`,
  `CREATE INDEX weir_tasks_first ON weir_tasks (lane)
    WHERE stage = 1 AND lane IS NOT NULL`,
  `CREATE INDEX weir_tasks_due ON weir_tasks (due, seq)
    WHERE status = 'scheduled'`,
  `CREATE INDEX weir_tasks_ended ON weir_tasks (finished, event)
    WHERE finished IS NOT NULL`,
  // For lists of what may be rare. The others are found fast by going back from the newest.
  ...["scheduled", "failed", "cancelled"].map((status) =>
    `CREATE INDEX weir_tasks_${status} ON weir_tasks (seq)
      WHERE status = '${status}'`
  ),
  "CREATE INDEX weir_tasks_name ON weir_tasks (name, seq)",
  // `pace` is what the quota remembers, `free` when it allows the next, `open` whether first tasks of the lane are ready,
  // `pending`, `running` and `tasks` how many there are, ended ones among the last; `idle` when to look whether to forget it.
  `CREATE TABLE weir_task_lanes (
    key TEXT PRIMARY KEY,
    concurrency INTEGER,
    quota TEXT,
    pace TEXT,
    free INTEGER,
    open INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    running INTEGER NOT NULL,
    tasks INTEGER NOT NULL,
    idle INTEGER NOT NULL
  )`,
  `CREATE INDEX weir_task_lanes_free ON weir_task_lanes (free)
    WHERE free IS NOT NULL AND pending > 0`,
  `CREATE INDEX weir_task_lanes_idle ON weir_task_lanes (idle)
    WHERE tasks = 0`,
  // `previous` is the event of the same task before this one.
  `CREATE TABLE weir_task_events (
    sequence INTEGER PRIMARY KEY,
    previous INTEGER,
    task INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    progress TEXT
  )`,
  `CREATE TABLE weir_task_schedules (
    id TEXT PRIMARY KEY,
    spec TEXT,
    next INTEGER NOT NULL
  )`,
];

/** The tables as this code reads and writes them. */
export const taskTables: Tables = {
  name: "tasks",
  versions: "weir_task_versions",
  migrations: [tables],
};
