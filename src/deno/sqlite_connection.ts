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
import { failed, type Operation } from "./sqlite_error.ts";
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

/** Opens a database, and runs statements on it one at a time. */
export class SqliteConnection implements SqlConnection.Connection {
  private readonly database: DatabaseSync;
  private recent = new Map<string, SqliteStatement>();
  private older = new Map<string, SqliteStatement>();

  /** Throws where the file cannot be opened. */
  constructor({ busyMillis, filename, synchronous }: Settings) {
    this.database = new DatabaseSync(filename, {
      timeout: busyMillis,
      enableForeignKeyConstraints: true,
    });
    try {
      this.pragma(`synchronous = ${synchronous}`);
      const mode = this.pragma("journal_mode = wal");
      if (mode !== "wal" && filename !== ":memory:") {
        throw new Error(`No write-ahead log for "${filename}", only ${mode}`);
      }
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
        const statement = kept
          ? this.statement(sql)
          : new SqliteStatement(this.database, sql);
        operation = "execute";
        return Effect.succeed(use(statement, fiber.getRef(SafeIntegers)));
      } catch (cause) {
        return Effect.fail(failed(operation)(cause));
      }
    });
  }

  private statement(sql: string): SqliteStatement {
    const recent = this.recent.get(sql);
    if (recent !== undefined) return recent;
    const statement = this.older.get(sql) ??
      new SqliteStatement(this.database, sql);
    if (this.recent.size === keptStatements / 2) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(sql, statement);
    return statement;
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
