/**
 * A prepared statement: its parameters in, its rows out, and no value changed on the way.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** A row by the names of its columns. */
export type Row = Record<string, unknown>;

/** What a statement did that has no rows. */
export interface Changes {
  readonly changes: unknown;
  readonly lastInsertRowid: unknown;
}

/** What it can do besides what its types tell. */
interface Source extends StatementSync {
  readonly setReturnArrays: (enabled: boolean) => void;
}

const blank = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*$/;

/** One statement, prepared once and run any number of times. */
export class SqliteStatement {
  private readonly source: Source;
  private readonly columns: ReadonlyArray<string>;

  constructor(database: DatabaseSync, sql: string) {
    if (blank.test(sql)) throw new SyntaxError("There is no statement");
    // Node and Deno have the method; the types that Deno brings lag behind.
    this.source = database.prepare(sql) as Source;
    // The database takes the first one, and says nothing of the rest.
    if (!blank.test(sql.slice(this.source.sourceSQL.length))) {
      throw new SyntaxError("There is more than one statement");
    }
    this.source.setReadBigInts(true);
    this.source.setReturnArrays(true);
    this.columns = this.source.columns().map(({ name }) => name);
  }

  /** Runs it. Each row is a plain object, built here: that costs less than to have it built by the database. */
  rows(params: ReadonlyArray<unknown>, bigInts: boolean): ReadonlyArray<Row> {
    const { columns } = this;
    const rows = this.all(params);
    const built = new Array<Row>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const values = rows[i] as ReadonlyArray<unknown>;
      const row: Row = {};
      for (let j = 0; j < columns.length; j++) {
        const value = values[j];
        row[columns[j] as string] = bigInts ? value : narrow(value);
      }
      built[i] = row;
    }
    return built;
  }

  /** Runs it. Each row is an array. */
  values(
    params: ReadonlyArray<unknown>,
    bigInts: boolean,
  ): ReadonlyArray<ReadonlyArray<unknown>> {
    const rows = this.all(params);
    return bigInts ? rows : rows.map((row) => row.map(narrow));
  }

  /** Runs it, and tells what it did if it has no rows. */
  raw(
    params: ReadonlyArray<unknown>,
    bigInts: boolean,
  ): ReadonlyArray<Row> | Changes {
    if (this.columns.length > 0) return this.rows(params, bigInts);
    const { changes, lastInsertRowid } = this.source.run(...bound(params));
    return bigInts ? { changes, lastInsertRowid } : {
      changes: narrow(changes),
      lastInsertRowid: narrow(lastInsertRowid),
    };
  }

  private all(
    params: ReadonlyArray<unknown>,
  ): ReadonlyArray<ReadonlyArray<unknown>> {
    const rows: ReadonlyArray<unknown> = this.source.all(...bound(params));
    // As set above; the types know of rows by name alone.
    return rows as ReadonlyArray<ReadonlyArray<unknown>>;
  }
}

/** An integer as a number, if one holds it. */
function narrow(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function bound(params: ReadonlyArray<unknown>): Array<SQLInputValue> {
  return params.map(bind);
}

/** What the database keeps of a parameter. Refuses what it would change, cut short or take for NULL. */
function bind(value: unknown, index: number): SQLInputValue {
  switch (typeof value) {
    case "string":
      if (value.includes("\0")) return refuse(index, "a string with a NUL");
      return value.isWellFormed()
        ? value
        : refuse(index, "a string with half a surrogate pair");
    case "number":
      // The database would take it for a real number: 5 as text would be 5.0.
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
        return BigInt(value);
      }
      return Number.isNaN(value) ? refuse(index, "NaN") : value;
    case "bigint":
      return value;
    case "boolean":
      return value ? 1n : 0n;
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Date) return value.toISOString();
      return refuse(index, "an object");
    default:
      return refuse(index, typeof value);
  }
}

function refuse(index: number, what: string): never {
  throw new TypeError(`Parameter ${index + 1} cannot be ${what}`);
}
