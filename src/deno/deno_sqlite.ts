/**
 * Effect's SQL client on `node:sqlite`.
 *
 * ```ts ignore
 * import { DenoRuntime, DenoSqlite } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import { SqlClient } from "effect/sql/SqlClient";
 *
 * const program = Effect.gen(function* () {
 *   const sql = yield* SqlClient;
 *   yield* sql`CREATE TABLE IF NOT EXISTS visits (at TEXT NOT NULL)`;
 *   yield* sql`INSERT INTO visits ${sql.insert({ at: new Date() })}`;
 * });
 *
 * const Sqlite = DenoSqlite.layer({ filename: "visits.db" });
 * DenoRuntime.runMain(Effect.provide(program, Sqlite));
 * ```
 *
 * **Values.** A whole number is kept as an integer, not as a real number. Integers beyond ±(2⁵³ − 1) are read as `bigint`, others
 * as numbers; with Effect's `SafeIntegers` all are read as `bigint`. Booleans are kept as 1 and 0, a `Date` as the text of
 * `toISOString`, a `Uint8Array` as a blob. What would come back as something else is refused with an `SqlError`: `undefined`,
 * `NaN`, strings with a NUL or half a surrogate pair, and all other objects. (`sql.insert` and `sql.update` write `undefined` as
 * NULL: they do so before the values get here.) Rows are plain objects.
 *
 * **Errors.** A value that is there already is a `UniqueViolation`, as a primary key too; any other constraint is a
 * `ConstraintError`. A `LockTimeoutError`, which may be retried, says that another process held the database for longer than
 * `busyTimeout`. A statement that SQLite does not understand is a `SqlSyntaxError`; so is more than one at once, of which only
 * the first would run.
 *
 * **Streams.** `stream` reads all rows at once, then lets go of the database. Page by a key through what does not fit.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Reactivity from "effect/reactivity/Reactivity";
import type * as Scope from "effect/Scope";
import * as Semaphore from "effect/Semaphore";
import * as SqlClient from "effect/sql/SqlClient";
import type { Connection } from "effect/sql/SqlConnection";
import type * as SqlError from "effect/sql/SqlError";
import * as Statement from "effect/sql/Statement";
import * as Stream from "effect/Stream";
import { millis, refuse } from "../internal/check.ts";
import { type Settings, SqliteConnection } from "./sqlite_connection.ts";
import { failed } from "./sqlite_error.ts";

/** Which database, and what it promises. */
export interface Options {
  /** Its file, which is made if there is none; `:memory:` for none. */
  readonly filename: string;
  /**
   * What survives a power cut or a crash of the system: with `"full"` every commit, with `"normal"` all but possibly the last
   * ones, for a commit that need not wait for the disk. The file is whole in either case, and what ends the process alone, such
   * as `kill -9`, loses no commit. `"normal"` if omitted.
   */
  readonly synchronous?: "normal" | "full" | undefined;
  /**
   * How long a statement, or the opening, waits for other processes that write; the whole process waits with it. 0 for not at
   * all, at most 2³¹ − 1 milliseconds; 5 seconds if omitted.
   */
  readonly busyTimeout?: Duration.Input | undefined;
}

const longestTimeout = 2 ** 31 - 1;

/**
 * Opens a database for as long as the scope lives. See {@linkcode layer}. Throws a `RangeError` that names a bad option.
 */
export const make = (
  options: Options,
): Effect.Effect<
  SqlClient.SqlClient,
  SqlError.SqlError,
  Scope.Scope | Reactivity.Reactivity
> => {
  const settings = check(options);
  const open = Effect.try({
    try: () => new SqliteConnection(settings),
    catch: failed("open"),
  });
  return Effect.flatMap(
    Effect.acquireRelease(
      open,
      (connection) => Effect.sync(() => connection.close()),
    ),
    (connection) => {
      const shared = SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connection),
        semaphore: Semaphore.makeUnsafe(1),
        isTransaction: (connection) => connection.isTransaction,
      });
      // A stream that held the database would make statements wait for ever that are run for each of its rows.
      const streams: Connection = {
        ...connection,
        executeStream: (sql, params, transform) =>
          Stream.fromArrayEffect(
            shared.borrower((own) => own.execute(sql, params, transform)),
          ),
      };
      return SqlClient.make({
        ...shared,
        acquirer: Effect.succeed(streams),
        driver: "deno-sqlite",
        compiler: Statement.makeCompilerSqlite(),
        spanAttributes: [["db.system.name", "sqlite"]],
        prepareTransactionControls: true,
        beginTransaction: "BEGIN IMMEDIATE",
        releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
      });
    },
  );
};

/**
 * Provides a client with one connection: files get a write-ahead log, foreign keys are checked, and the last 256 statements or
 * so stay prepared. Fails with an `SqlError` where the file cannot be opened. Throws a `RangeError` that names a bad option.
 *
 * Fibers take turns, first come, first served: each statement, or each transaction as a whole. A transaction takes the right to
 * write when it begins (`BEGIN IMMEDIATE`), so that none fails half-way for another process. Inside one, another is a savepoint.
 * A transaction whose fiber fails or is interrupted is rolled back.
 *
 * When the scope ends, the log is moved to the file, unless another process has the database open.
 *
 * `:memory:` needs no permission, a file those to read and to write it. Statements hold the thread while they run. The log does
 * not work on network file systems.
 *
 * @example
 * ```ts
 * import { DenoSqlite } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import { SqlClient } from "effect/sql/SqlClient";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const sql = yield* SqlClient;
 *   yield* sql`CREATE TABLE birds (name TEXT PRIMARY KEY, seen INTEGER)`;
 *   yield* sql`INSERT INTO birds ${sql.insert({ name: "dipper", seen: 2 })}`;
 *
 *   const again = sql`INSERT INTO birds ${sql.insert({ name: "dipper" })}`;
 *   const error = yield* Effect.flip(sql.withTransaction(again));
 *   strictEqual(error.reason._tag, "UniqueViolation");
 *
 *   const birds = yield* sql`SELECT name, seen FROM birds`;
 *   deepStrictEqual(birds, [{ name: "dipper", seen: 2 }]);
 * });
 * const Sqlite = DenoSqlite.layer({ filename: ":memory:" });
 * await Effect.runPromise(Effect.provide(program, Sqlite));
 * ```
 */
export const layer = (
  options: Options,
): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(
    Layer.provide(Reactivity.layer),
  );

function check(options: Options): Settings {
  const { busyTimeout = "5 seconds", filename, synchronous = "normal" } =
    options;
  if (filename === "" || filename.includes("\0")) {
    refuse("filename", "a path or :memory:", filename);
  }
  if (synchronous !== "normal" && synchronous !== "full") {
    refuse("synchronous", '"normal" or "full"', synchronous);
  }
  const busyMillis = Math.ceil(millis("busyTimeout", busyTimeout));
  if (busyMillis > longestTimeout) {
    refuse("busyTimeout", "at most 2147483647 milliseconds", busyTimeout);
  }
  return { filename, synchronous, busyMillis };
}
