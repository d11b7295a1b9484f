/**
 * Works on a database in the way that its arguments say.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoSqlite } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { dirname } from "node:path";

const [command = "", path = "", number = "0"] = Deno.args;
const print = (value: unknown) =>
  Effect.sync(() => console.log(JSON.stringify(value)));
/** A line that is sent to this program. */
const told = Effect.promise(async () => {
  await Deno.stdin.read(new Uint8Array(64));
});

/** Runs a program on the database, and prints what it tells, or how it fails. */
const on = <A>(
  program: (sql: SqlClient) => Effect.Effect<A, SqlError>,
  options: Partial<DenoSqlite.Options> = {},
) =>
  Effect.suspend(() =>
    Effect.provide(
      Effect.flatMap(SqlClient, program),
      DenoSqlite.layer({ filename: path, ...options }),
    )
  ).pipe(
    Effect.catch(({ isRetryable, reason }) =>
      Effect.succeed({ error: reason._tag, isRetryable })
    ),
    Effect.flatMap(print),
  );

const files = Effect.promise(async () => {
  const names: Array<string> = [];
  for await (const { name } of Deno.readDir(dirname(path))) names.push(name);
  return names.sort();
});

const programs: Readonly<Record<string, Effect.Effect<void>>> = {
  directory: Effect.flatMap(
    Effect.promise(() => Deno.makeTempDir()),
    print,
  ),
  remove: Effect.promise(() => Deno.remove(path, { recursive: true })),
  /** Tells which files there are while the database is open, and then. */
  files: Effect.andThen(
    on((sql) => Effect.andThen(sql`CREATE TABLE t (a)`, files)),
    Effect.flatMap(files, print),
  ),
  text: Effect.promise(() =>
    Deno.writeTextFile(path, "no database".repeat(99))
  ),

  modes: on((sql) =>
    Effect.forEach(
      ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"],
      (name) =>
        Effect.map(sql.unsafe(`PRAGMA ${name}`).values, ([row]) => row?.[0]),
    )
  ),
  /** Adds to a number, reading it first, so many times. */
  count: on((sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE IF NOT EXISTS counts (id INTEGER PRIMARY KEY, n INTEGER)`;
      yield* sql`INSERT OR IGNORE INTO counts VALUES (1, 0)`;
      const add = Effect.gen(function* () {
        const [row] = yield* sql<{ n: number }>`SELECT n FROM counts`;
        yield* Effect.yieldNow;
        yield* sql`UPDATE counts SET n = ${(row?.n ?? NaN) + 1}`;
      });
      yield* Effect.replicateEffect(sql.withTransaction(add), Number(number), {
        discard: true,
      });
      return "counted";
    }), { busyTimeout: "60 seconds" }),
  /** Opens twenty databases, each in a moment in which others do so too. */
  race: Effect.gen(function* () {
    for (let n = 0; n < 20; n++) {
      while (Date.now() < Number(number) + 25 * n);
      yield* on(
        (sql) =>
          Effect.as(
            sql`CREATE TABLE t${sql.literal(String(Deno.pid))} (a)`,
            "opened",
          ),
        { filename: `${path}.${n}` },
      );
    }
  }),
  counted: on((sql) => sql`SELECT n FROM counts`),

  /** Holds the database until it is told to let go. */
  hold: on((sql) =>
    sql`CREATE TABLE IF NOT EXISTS t (a)`.pipe(
      Effect.andThen(sql`INSERT INTO t VALUES (1)`),
      Effect.andThen(print("holds")),
      Effect.andThen(told),
      Effect.as("held"),
      sql.withTransaction,
    )
  ),
  /** Writes, and tells how long it took. */
  write: on((sql) =>
    Effect.gen(function* () {
      yield* print("writes");
      const start = performance.now();
      const result = yield* Effect.result(
        sql.withTransaction(sql`INSERT INTO t VALUES (2)`),
      );
      const millis = performance.now() - start;
      if (result._tag === "Success") return { error: null, millis };
      const { isRetryable, reason } = result.failure;
      return { error: reason._tag, isRetryable, millis };
    }), { busyTimeout: Number(number) }),

  /** Commits pairs of rows, tells of each, and never ends. */
  pairs: on((sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE IF NOT EXISTS pairs (n INTEGER, half INTEGER)`;
      for (let n = Number(number);; n++) {
        yield* sql.withTransaction(Effect.gen(function* () {
          yield* sql`INSERT INTO pairs VALUES (${n}, 1)`;
          yield* Effect.yieldNow;
          yield* sql`INSERT INTO pairs VALUES (${n}, 2)`;
        }));
        yield* print(n);
      }
    })
  ),
  paired: on((sql) =>
    Effect.gen(function* () {
      const [integrity] = yield* sql`PRAGMA integrity_check`.values;
      const counts = yield* sql`SELECT n, count(*) FROM pairs GROUP BY n`
        .values;
      return {
        integrity: integrity?.[0],
        numbers: counts.map(([n]) => n),
        halves: counts.filter(([, count]) => count !== 2),
      };
    })
  ),

  /** Reads the same rows before and after it is told to go on. */
  reads: on((sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE birds (name, seen, place)`;
      yield* sql`INSERT INTO birds VALUES ('dipper', 2, 'weir')`;
      const all = sql`SELECT * FROM birds`;
      const before = yield* all;
      yield* print("reads");
      yield* told;
      return [before, yield* all, yield* all.unprepared];
    })
  ),
  alter: on((sql) =>
    sql`ALTER TABLE birds DROP COLUMN seen`.pipe(
      Effect.andThen(sql`ALTER TABLE birds RENAME COLUMN place TO at`),
      Effect.as("altered"),
    )
  ),
};

await Effect.runPromise(
  programs[command] ?? Effect.die(`unknown: ${command} ${path}`),
);
