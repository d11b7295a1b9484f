/**
 * A database that a room keeps something in: how its tables are made, and how they are read and written.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as Migrator from "effect/sql/Migrator";
import { SqlClient } from "effect/sql/SqlClient";
import type { Connection } from "effect/sql/SqlConnection";
import { isSqlError, type SqlError } from "effect/sql/SqlError";

/** What tables are made of. */
export interface Tables {
  /** Names them in the table of versions. */
  readonly name: string;
  /** The table that their version is kept in. */
  readonly versions: string;
  /** The statements that take them from one version to the next. What was released is not changed any more. */
  readonly migrations: ReadonlyArray<ReadonlyArray<string>>;
}

/** Of what a second try may be rid. A connection that broke is not among it: the commit may have come through. */
const passing: ReadonlySet<string> = new Set([
  ...["LockTimeoutError", "DeadlockError", "SerializationError"],
]);

/** How long before each further try, in milliseconds. */
const pauses = [20, 40, 80];

/**
 * Makes tables in a database of SQLite, or brings them up to date. Fails with an `Error` that says so where the database is
 * another, and where a later release was here. Processes that start at once take turns.
 */
export function openTables(
  tables: Tables,
): Effect.Effect<SqlClient, SqlError | Error, SqlClient> {
  return Effect.gen(function* () {
    const client = yield* SqlClient;
    const isKnown = client.onDialectOrElse({
      sqlite: () => true,
      orElse: () => false,
    });
    if (!isKnown) return yield* unusable("no database but SQLite is known");
    const version = yield* Effect.catchTag(
      migrate(client, tables),
      "MigrationError",
      (error) => unusable(`its tables cannot be made: ${error.message}`, error),
    );
    if (version > tables.migrations.length) {
      return yield* unusable("its tables are those of a later release");
    }
    return client;
  });
}

/** Runs a transaction on its connection. It has the right to write from its beginning. */
export function transaction<A, E>(
  client: SqlClient,
  body: (
    connection: Connection,
    fiber: Fiber.Fiber<unknown, unknown>,
  ) => Effect.Effect<A, E>,
): Effect.Effect<A, E | SqlError> {
  return client.withTransaction(
    Effect.withFiber<A, E>((fiber) => {
      const [connection] = Context.getUnsafe(
        fiber.context,
        client.transactionService,
      );
      return body(connection, fiber);
    }),
  );
}

/**
 * Runs a statement or a transaction, up to three times more where another process holds the database, and says what went wrong
 * in the words of a room: its own errors stay as they are, also those that were thrown where a row is read.
 */
export function patiently<A, E>(
  effect: Effect.Effect<A, SqlError | E>,
  isOwn: (error: unknown) => error is E,
  worded: (error: SqlError) => E,
): Effect.Effect<A, E> {
  const tried = (tries: number): Effect.Effect<A, E> =>
    Effect.catchCause(effect, (cause) => {
      const error = Cause.squash(cause);
      if (isOwn(error)) return Effect.fail(error);
      // A defect or an interruption: it has no other error.
      if (!isSqlError(error)) {
        return Effect.failCause(cause as Cause.Cause<never>);
      }
      return passing.has(error.reason._tag) && tries < pauses.length
        ? Effect.andThen(Effect.sleep(pauses[tries]!), tried(tries + 1))
        : Effect.fail(worded(error));
    });
  return tried(0);
}

/** Gives the version that the tables have now. */
function migrate(
  client: SqlClient,
  { migrations, name, versions }: Tables,
): Effect.Effect<number, SqlError | Migrator.MigrationError, SqlClient> {
  const sql = client.withoutTransforms();
  const run = Migrator.make({})({
    table: versions,
    loader: Effect.succeed(
      migrations.map((statements, n): Migrator.ResolvedMigration => [
        n + 1,
        name,
        Effect.succeed(
          Effect.forEach(statements, (text) => sql.unsafe(text), {
            discard: true,
          }),
        ),
      ]),
    ),
  });
  const version = sql.unsafe<{ readonly version: number }>(
    `SELECT max(migration_id) AS version FROM ${versions}`,
  );
  return Effect.andThen(
    run,
    Effect.map(version, ([row]) => row?.version ?? 0),
  );
}

function unusable(
  message: string,
  cause?: unknown,
): Effect.Effect<never, Error> {
  return Effect.fail(new Error(message, { cause }));
}
