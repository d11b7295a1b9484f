/**
 * How SQLite goes about the statements that a room runs.
 *
 * @module
 */
import { DenoSqlite } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Reactivity from "effect/reactivity/Reactivity";
import * as SqlClient from "effect/sql/SqlClient";
import type { Connection } from "effect/sql/SqlConnection";
import type { SqlError } from "effect/sql/SqlError";
import * as Statement from "effect/sql/Statement";

/** A database in memory that notes what is run on it. */
export const noting = (
  noted: Set<string>,
): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const connection = yield* (yield* SqlClient.SqlClient).reserve;
      const spy: Connection = {
        ...connection,
        execute: (text, params, transform) => {
          noted.add(text);
          return connection.execute(text, params, transform);
        },
      };
      return yield* SqlClient.make({
        acquirer: Effect.succeed(spy),
        compiler: Statement.makeCompilerSqlite(),
        spanAttributes: [],
        driver: "noting",
      });
    }),
  ).pipe(
    Layer.provide([
      DenoSqlite.layer({ filename: ":memory:" }),
      Reactivity.layer,
    ]),
  );

/**
 * Which of these statements are planned anew at each run, or have a step that is slow and not among those that are known: a part
 * of a statement, and the step that it may have.
 */
export const faultsOf = (
  statements: ReadonlyArray<string>,
  slow: RegExp,
  known: ReadonlyArray<readonly [part: string, step: string]>,
): Effect.Effect<ReadonlyArray<string>, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient;
    const faults: Array<string> = [];
    for (const text of statements) {
      const plan = yield* sql.unsafe<{ readonly detail: string }>(
        `EXPLAIN QUERY PLAN ${text}`,
      );
      const line = text.replaceAll(/\s+/g, " ");
      if (/LIMIT \?(?! \+ 0)/.test(line)) faults.push(`planned anew: ${line}`);
      for (const { detail } of plan) {
        const isKnown = known.some(([part, step]) =>
          line.includes(part) && detail === step
        );
        if (slow.test(detail) && !isKnown) faults.push(`${detail}: ${line}`);
      }
    }
    return faults;
  });
