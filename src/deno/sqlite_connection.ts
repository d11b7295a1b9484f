/**
 * One connection to a database: Effect's on that of `node:sqlite`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { SafeIntegers } from "effect/sql/SqlClient";
import type * as SqlConnection from "effect/sql/SqlConnection";
import type { SqlError } from "effect/sql/SqlError";
import * as Stream from "effect/Stream";
import { DatabaseSync } from "node:sqlite";
import { failed, isBusy, type Operation } from "./sqlite_error.ts";
import { type Row, SqliteStatement } from "./sqlite_statement.ts";

/** Which database, as checked. */
export interface Settings {
  readonly filename: string;
  readonly synchronous: "normal" | "full";
  readonly busyMillis: number;
}

type Params = ReadonlyArray<unknown>;
type Transform = Parameters<SqlConnection.Connection["execute"]>[2];

/** How many statements are kept at most, in two halves. */
const keptStatements = 256;

/** Statements that leave all tables as they are, besides what is in them. `ROLLBACK` may bring an old one back. */
const keepsTables =
  /^\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|VALUES|BEGIN|COMMIT|SAVEPOINT|RELEASE|PRAGMA)\b/i;

interface Kept {
  readonly statement: SqliteStatement;
  /**
   * Of the schema that the statement was made for, where its columns depend on it, as those of `SELECT *` do. The database
   * would see to it by itself, but too late: the columns are counted before it does.
   */
  readonly version: unknown;
}

/** Opens a database, and runs statements on it one at a time. */
export class SqliteConnection implements SqlConnection.Connection {
  private readonly database: DatabaseSync;
  private recent = new Map<string, Kept>();
  private older = new Map<string, Kept>();
  private readonly schemaVersion: SqliteStatement;
  /** Makes the connection look at what other processes did to the tables. */
  private readonly loadSchema: SqliteStatement;

  /** Throws where the file cannot be opened. */
  constructor({ busyMillis, filename, synchronous }: Settings) {
    this.database = new DatabaseSync(filename);
    try {
      // Deno takes no heed of the option `timeout`.
      this.pragma(`busy_timeout = ${busyMillis}`);
      this.pragma(`synchronous = ${synchronous}`);
      this.pragma("foreign_keys = on");
      const mode = this.logged(performance.now() + busyMillis);
      if (mode !== "wal" && filename !== ":memory:") {
        throw new Error(`No write-ahead log for "${filename}", only ${mode}`);
      }
      this.schemaVersion = this.prepare("PRAGMA schema_version");
      this.loadSchema = this.prepare("SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  get isTransaction(): boolean {
    return this.database.isOpen && this.database.isTransaction;
  }

  /** Moves what is in the log to the file, unless others have it open still. */
  close(): void {
    this.database.close();
  }

  readonly execute = (
    sql: string,
    params: Params,
    transform: Transform,
  ): Effect.Effect<ReadonlyArray<Row>, SqlError> =>
    transformed(
      this.run(sql, true, (statement, big) => statement.rows(params, big)),
      transform,
    );

  readonly executeUnprepared = (
    sql: string,
    params: Params,
    transform: Transform,
  ): Effect.Effect<ReadonlyArray<Row>, SqlError> =>
    transformed(
      this.run(sql, false, (statement, big) => statement.rows(params, big)),
      transform,
    );

  readonly executeRaw = (
    sql: string,
    params: Params,
  ): Effect.Effect<unknown, SqlError> =>
    this.run(sql, true, (statement, big) => statement.raw(params, big));

  readonly executeValues = (
    sql: string,
    params: Params,
  ): Effect.Effect<ReadonlyArray<Params>, SqlError> =>
    this.run(sql, true, (statement, big) => statement.values(params, big));

  readonly executeValuesUnprepared = (
    sql: string,
    params: Params,
  ): Effect.Effect<ReadonlyArray<Params>, SqlError> =>
    this.run(sql, false, (statement, big) => statement.values(params, big));

  // Not by `iterate`, which on Deno ends without a word where SQLite fails half-way.
  readonly executeStream = (
    sql: string,
    params: Params,
    transform: Transform,
  ): Stream.Stream<Row, SqlError> =>
    Stream.fromArrayEffect(this.execute(sql, params, transform));

  private run<A>(
    sql: string,
    kept: boolean,
    use: (statement: SqliteStatement, bigInts: boolean) => A,
  ): Effect.Effect<A, SqlError> {
    return Effect.withFiber((fiber) => {
      let operation: Operation = "prepare";
      try {
        const statement = kept ? this.kept(sql) : this.fresh(sql).statement;
        operation = "execute";
        const result = use(statement, fiber.getRef(SafeIntegers));
        if (!keepsTables.test(sql)) this.forget();
        return Effect.succeed(result);
      } catch (cause) {
        return Effect.fail(failed(operation)(cause));
      }
    });
  }

  private kept(sql: string): SqliteStatement {
    let kept = this.recent.get(sql);
    const recent = kept !== undefined;
    kept ??= this.older.get(sql) ?? this.fresh(sql);
    if (kept.version !== undefined && kept.version !== this.version()) {
      kept = this.fresh(sql);
    } else if (recent) return kept.statement;
    if (this.recent.size === keptStatements / 2) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(sql, kept);
    return kept.statement;
  }

  /** Prepares it for the tables as they are. An `ALTER` that comes between that and its run is seen the next time. */
  private fresh(sql: string): Kept {
    if (!sql.includes("*")) {
      return { statement: this.prepare(sql), version: undefined };
    }
    const version = this.version();
    this.loadSchema.values([], false);
    return { statement: this.prepare(sql), version };
  }

  private forget(): void {
    this.recent.clear();
    this.older.clear();
  }

  private prepare(sql: string): SqliteStatement {
    return new SqliteStatement(this.database, sql);
  }

  private version(): unknown {
    return this.schemaVersion.values([], false)[0]?.[0];
  }

  /** Asks for a write-ahead log. Of those who do so at once for a new file, SQLite lets but one wait for another. */
  private logged(deadline: number): unknown {
    for (;;) {
      try {
        return this.pragma("journal_mode = wal");
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      }
    }
  }

  private pragma(assignment: string): unknown {
    const statement = this.database.prepare(`PRAGMA ${assignment}`);
    return Object.values(statement.get() ?? {})[0];
  }
}

function transformed(
  rows: Effect.Effect<ReadonlyArray<Row>, SqlError>,
  transform: Transform,
): Effect.Effect<ReadonlyArray<Row>, SqlError> {
  return transform === undefined ? rows : Effect.map(rows, transform);
}
