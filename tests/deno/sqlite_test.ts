import { DenoSqlite } from "@weir/weir/deno";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import { SafeIntegers, SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import * as Stream from "effect/Stream";
import * as FastCheck from "fast-check";
import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";

/** A test with a database of its own. */
function testSql(
  name: string,
  body: (sql: SqlClient) => Effect.Effect<void, unknown, Scope.Scope>,
): void {
  testEffect(name, withSql(body));
}

function withSql<A>(
  body: (sql: SqlClient) => Effect.Effect<A, unknown, Scope.Scope>,
): Effect.Effect<A, unknown, Scope.Scope> {
  return Effect.provide(
    Effect.flatMap(SqlClient, body),
    DenoSqlite.layer({ filename: ":memory:" }),
  );
}

/** How a statement fails. */
const reasonOf = <A>(statement: Effect.Effect<A, SqlError>) =>
  Effect.map(Effect.flip(statement), ({ reason }) => reason);

testSql(
  "rows are plain objects, in any kind of query",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a INTEGER, b TEXT)`;
      yield* sql`INSERT INTO t ${
        sql.insert([{ a: 1, b: "x" }, { a: 2, b: null }])
      }`;
      const rows = [{ a: 1, b: "x" }, { a: 2, b: null }];
      deepStrictEqual(yield* sql`SELECT a, b FROM t`, rows);
      deepStrictEqual(yield* sql`SELECT * FROM t`, rows);
      deepStrictEqual(yield* sql`SELECT a, b FROM t`.unprepared, rows);
      deepStrictEqual(yield* sql`SELECT a, b FROM t`.withoutTransform, rows);
      deepStrictEqual(yield* sql`SELECT a, b FROM t`.raw, rows);
      deepStrictEqual(
        yield* Stream.runCollect(sql`SELECT a, b FROM t`.stream),
        rows,
      );
      const values = [[1, "x"], [2, null]];
      deepStrictEqual(yield* sql`SELECT a, b FROM t`.values, values);
      deepStrictEqual(yield* sql`SELECT a, b FROM t`.valuesUnprepared, values);
      deepStrictEqual(yield* sql`SELECT a, b FROM t`, rows);
    }),
);

testSql(
  "a column named __proto__ is a column",
  (sql) =>
    Effect.gen(function* () {
      const [row] = yield* sql<object>`SELECT ${
        Uint8Array.of(1)
      } AS __proto__, 2 AS b`;
      ok(row !== undefined && Object.hasOwn(row, "__proto__"));
      strictEqual(Object.getPrototypeOf(row), Object.prototype);
    }),
);

for (const kind of ["", "TEMP"]) {
  testSql(
    `SELECT * follows a table that is altered, ${kind || "not TEMP"}`,
    (sql) =>
      Effect.gen(function* () {
        yield* sql.unsafe(`CREATE ${kind} TABLE t (a)`);
        yield* sql`INSERT INTO t VALUES (1)`;
        const all = sql`SELECT * FROM t`;
        deepStrictEqual(yield* all, [{ a: 1 }]);
        yield* sql`ALTER TABLE t RENAME COLUMN a TO b`;
        deepStrictEqual(yield* all, [{ b: 1 }]);
        yield* sql`ALTER TABLE t ADD COLUMN c`;
        deepStrictEqual(yield* all, [{ b: 1, c: null }]);
        const undone = Effect.gen(function* () {
          yield* sql`-- a comment
          ALTER TABLE t DROP COLUMN b`;
          deepStrictEqual(yield* all, [{ c: null }]);
          return yield* Effect.fail("undone");
        });
        yield* Effect.flip(sql.withTransaction(undone));
        deepStrictEqual(yield* all, [{ b: 1, c: null }]);
        deepStrictEqual(yield* all.values, [[1, null]]);
      }),
  );
}

testSql(
  "raw tells what a statement without rows did",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a INTEGER PRIMARY KEY)`;
      const insert = (a: bigint) => sql`INSERT INTO t VALUES (${a})`.raw;
      deepStrictEqual(yield* insert(7n), { changes: 1, lastInsertRowid: 7 });
      deepStrictEqual(yield* insert(2n ** 53n + 1n), {
        changes: 1,
        lastInsertRowid: 2n ** 53n + 1n,
      });
      deepStrictEqual(
        yield* Effect.provideService(insert(8n), SafeIntegers, true),
        { changes: 1n, lastInsertRowid: 8n },
      );
    }),
);

const wellFormed = FastCheck.string({ unit: "binary" }).filter((text) =>
  text.isWellFormed() && !text.includes("\0")
);
const kept = FastCheck.oneof(
  wellFormed,
  FastCheck.integer(),
  FastCheck.maxSafeInteger(),
  FastCheck.double({ noNaN: true }),
  FastCheck.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  FastCheck.uint8Array(),
  FastCheck.constantFrom(null, -0, 2 ** 53, -(2 ** 53), 2n ** 53n - 1n),
);

/** What is read of what was written: integers are numbers where numbers hold them. */
const read = (value: unknown) =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value))
    ? Number(value)
    : value;

testProperty(
  "what is written comes back",
  FastCheck.array(FastCheck.tuple(kept, kept), { minLength: 1, maxLength: 20 }),
  (pairs) =>
    withSql((sql) =>
      Effect.gen(function* () {
        yield* sql`CREATE TABLE t (n INTEGER PRIMARY KEY, a, b BLOB)`;
        for (const [a, b] of pairs) {
          yield* sql`INSERT INTO t ${sql.insert({ a, b })}`;
        }
        const select = sql`SELECT a, b FROM t ORDER BY n`;
        const values = pairs.map(([a, b]) => [read(a), read(b)]);
        deepStrictEqual(yield* select.values, values);
        const rows = values.map(([a, b]) => ({ a, b }));
        deepStrictEqual(yield* select, rows);
        deepStrictEqual(
          yield* sql`SELECT t.*, 1 AS one FROM t ORDER BY n`,
          rows.map((row, i) => ({ n: i + 1, ...row, one: 1 })),
        );
      })
    ),
);

testSql(
  "integers are integers on both ways, none is rounded",
  (sql) =>
    Effect.gen(function* () {
      const select = sql`SELECT typeof(${5}) AS type, ${5} || '' AS text, ${
        2n ** 53n
      } AS big, ${1n} AS small, ${-(2 ** 53 - 1)} AS least`;
      const row = { type: "integer", text: "5", big: 2n ** 53n };
      deepStrictEqual(yield* select, [
        { ...row, small: 1, least: -(2 ** 53 - 1) },
      ]);
      deepStrictEqual(
        yield* Effect.provideService(select, SafeIntegers, true),
        [
          { ...row, small: 1n, least: -(2n ** 53n - 1n) },
        ],
      );
      yield* sql`CREATE TABLE t (a TEXT)`;
      yield* sql`INSERT INTO t VALUES (${42})`;
      deepStrictEqual(yield* sql`SELECT a FROM t`, [{ a: "42" }]);
    }),
);

testSql(
  "booleans are kept as 1 and 0, dates as text",
  (sql) =>
    Effect.gen(function* () {
      const at = new Date(Date.UTC(2024, 1, 29, 12, 0, 0, 5));
      deepStrictEqual(
        yield* sql`SELECT ${true} AS yes, ${false} AS no, ${at} AS at, unixepoch(${at}) AS seconds`,
        [{ yes: 1, no: 0, at: at.toISOString(), seconds: 1709208000 }],
      );
    }),
);

testSql(
  "a parameter that would come back as something else is refused",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a)`;
      const refused: ReadonlyArray<readonly [unknown, RegExp]> = [
        [undefined, /Parameter 1 cannot be undefined/],
        [NaN, /cannot be NaN/],
        ["a\0b", /a string with a NUL/],
        ["\ud83d", /half a surrogate pair/],
        [{ a: 1 }, /an object/],
        [[1], /an object/],
        [new Date(NaN), /Invalid time value/],
        [new ArrayBuffer(1), /an object/],
        [Float64Array.of(1), /an object/],
        [Symbol("s"), /symbol/],
        [() => 1, /function/],
        [2n ** 63n, /too large/],
      ];
      for (const [value, why] of refused) {
        const insert = sql`INSERT INTO t VALUES (${value})`;
        match((yield* Effect.flip(insert)).message, why);
        match((yield* Effect.flip(insert.raw)).message, why);
      }
      deepStrictEqual(yield* sql`SELECT a FROM t`, []);
      yield* sql`INSERT INTO t ${sql.insert({ a: undefined })}`;
      deepStrictEqual(yield* sql`SELECT a FROM t`, [{ a: null }]);
    }),
);

testSql(
  "errors tell which constraint is broken",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (
      id INTEGER PRIMARY KEY, u UNIQUE, c CHECK (c > 0), n NOT NULL DEFAULT 1, r REFERENCES t (id))`;
      yield* sql`CREATE TABLE k (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID`;
      yield* sql`INSERT INTO t (id, u) VALUES (1, 1)`;
      yield* sql`INSERT INTO k VALUES (1, 1)`;
      const unique = (statement: Effect.Effect<unknown, SqlError>) =>
        Effect.map(
          reasonOf(statement),
          (reason) =>
            reason._tag === "UniqueViolation" ? reason.constraint : reason._tag,
        );
      strictEqual(yield* unique(sql`INSERT INTO t (u) VALUES (1)`), "t.u");
      strictEqual(yield* unique(sql`INSERT INTO t (id) VALUES (1)`), "t.id");
      strictEqual(yield* unique(sql`INSERT INTO k VALUES (1, 1)`), "k.a, k.b");
      strictEqual(
        yield* unique(sql`UPDATE t SET id = 1 WHERE 0`.pipe(
          Effect.andThen(sql`INSERT INTO t (rowid) VALUES (1)`),
        )),
        "t.id",
      );
      for (const columns of [{ c: 0 }, { n: null }, { r: 9 }]) {
        const reason = yield* reasonOf(
          sql`INSERT INTO t ${sql.insert(columns)}`,
        );
        strictEqual(reason._tag, "ConstraintError");
        strictEqual(reason.isRetryable, false);
        match(
          String(reason.message),
          /(CHECK|NOT NULL|FOREIGN KEY) constraint/,
        );
      }
    }),
);

testSql(
  "a statement that is none, or more than one, is a syntax error",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a)`;
      for (
        const text of [
          "SLECT 1",
          "SELECT * FROM nowhere",
          "",
          " -- nothing",
          "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
          "INSERT INTO t VALUES (1); /* but */ x",
        ]
      ) {
        strictEqual((yield* reasonOf(sql.unsafe(text)))._tag, "SqlSyntaxError");
        strictEqual(
          (yield* reasonOf(sql.unsafe(text).unprepared))._tag,
          "SqlSyntaxError",
        );
      }
      deepStrictEqual(yield* sql`SELECT a FROM t`, []);
      deepStrictEqual(
        yield* sql.unsafe("-- ä\nSELECT 1 AS a; -- one;\n /* two; */ ;"),
        [{ a: 1 }],
      );
      const overflow = sql`SELECT abs(-9223372036854775807 - 1)`;
      strictEqual((yield* reasonOf(overflow))._tag, "UnknownError");
    }),
);

testSql(
  "stream fails where SQLite fails half-way",
  (sql) =>
    Effect.gen(function* () {
      const halfWay = sql`
      WITH t (a) AS (VALUES (1), (-9223372036854775807 - 1)) SELECT abs(a) AS a FROM t`;
      const collected = Stream.runCollect(halfWay.stream);
      match((yield* Effect.flip(collected)).message, /integer overflow/);
      match(
        (yield* Effect.flip(sql.withTransaction(collected))).message,
        /integer overflow/,
      );
    }),
);

testSql(
  "stream lets statements run for each of its rows",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a)`;
      yield* sql`INSERT INTO t VALUES (1), (2), (3)`;
      const double = Stream.runForEach(
        sql<{ a: number }>`SELECT a FROM t`.stream,
        ({ a }) => sql`INSERT INTO t VALUES (${a * 10})`,
      );
      yield* double;
      yield* sql.withTransaction(double);
      deepStrictEqual(yield* sql`SELECT count(*) AS n FROM t`, [{ n: 12 }]);
    }),
);

testSql(
  "a stream waits for the transaction of another fiber",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (a)`;
      const begun = yield* Deferred.make<void>();
      const go = yield* Deferred.make<void>();
      const rolledBack = yield* sql`INSERT INTO t VALUES (1)`.pipe(
        Effect.andThen(Deferred.succeed(begun, undefined)),
        Effect.andThen(Deferred.await(go)),
        Effect.andThen(Effect.fail("no")),
        sql.withTransaction,
        Effect.flip,
        Effect.forkChild,
      );
      yield* Deferred.await(begun);
      const reads = yield* Effect.forkChild(
        Effect.all([
          Stream.runCollect(sql`SELECT a FROM t`.stream),
          sql`SELECT a FROM t`,
        ], {
          concurrency: 2,
        }),
      );
      yield* Effect.yieldNow;
      yield* Deferred.succeed(go, undefined);
      strictEqual(yield* Fiber.join(rolledBack), "no");
      deepStrictEqual(yield* Fiber.join(reads), [[], []]);
    }),
);

testSql(
  "a commit that fails is rolled back, and the next one goes",
  (sql) =>
    Effect.gen(function* () {
      yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY,
      r REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)`;
      const bad = sql.withTransaction(sql`INSERT INTO t VALUES (1, 9)`);
      strictEqual((yield* reasonOf(bad))._tag, "ConstraintError");
      yield* sql.withTransaction(sql`INSERT INTO t VALUES (2, 2)`);
      deepStrictEqual(yield* sql`SELECT id FROM t`, [{ id: 2 }]);
    }),
);

testEffect(
  "a transaction that outlives the scope of its client fails, and none hangs",
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const context = yield* Layer.buildWithScope(
      DenoSqlite.layer({ filename: ":memory:" }),
      scope,
    );
    yield* Effect.provide(
      Effect.gen(function* () {
        const sql = yield* SqlClient;
        const late = sql.withTransaction(
          Effect.andThen(Scope.close(scope, Exit.void), sql`SELECT 1`),
        );
        match((yield* Effect.flip(late)).message, /not open/);
        match((yield* Effect.flip(sql`SELECT 1`)).message, /not open/);
      }),
      context,
    );
  }),
);

testSql(
  "no more statements are kept than the bound, and all go on",
  (sql) =>
    Effect.gen(function* () {
      for (let round = 0; round < 2; round++) {
        for (let n = 0; n < 1000; n++) {
          deepStrictEqual(yield* sql.unsafe(`SELECT ${n} AS n`), [{ n }]);
        }
      }
    }),
);

type Options = Parameters<typeof DenoSqlite.layer>[0];

Deno.test("DenoSqlite refuses bad options, naming them", () => {
  const refused: ReadonlyArray<readonly [Partial<Options>, RegExp]> = [
    [{ filename: "" }, /"filename" must be a path or :memory:, was ""/],
    [{ filename: "a\0b" }, /"filename"/],
    [{ synchronous: "off" as "full" }, /"synchronous" .* was "off"/],
    [{ busyTimeout: -1 }, /"busyTimeout"/],
    [{ busyTimeout: "30 days" }, /"busyTimeout" .* was "30 days"/],
    [{ busyTimeout: Infinity }, /"busyTimeout"/],
  ];
  for (const [options, message] of refused) {
    const all = { filename: ":memory:", ...options };
    throws(() => DenoSqlite.layer(all), { name: "RangeError", message });
    throws(() => DenoSqlite.make(all), { name: "RangeError", message });
  }
});

testEffect(
  "DenoSqlite sets what it promises",
  Effect.gen(function* () {
    const pragmas = (options: Partial<Options>) =>
      Effect.provide(
        Effect.flatMap(SqlClient, (sql) =>
          Effect.forEach(
            ["synchronous", "busy_timeout", "foreign_keys"],
            (name) =>
              Effect.map(sql.unsafe(`PRAGMA ${name}`).values, ([row]) =>
                row?.[0]),
          )),
        DenoSqlite.layer({ filename: ":memory:", ...options }),
      );
    deepStrictEqual(yield* pragmas({}), [1, 5000, 1]);
    deepStrictEqual(
      yield* pragmas({ synchronous: "full", busyTimeout: "1.5 seconds" }),
      [2, 1500, 1],
    );
    deepStrictEqual(yield* pragmas({ busyTimeout: 0 }), [1, 0, 1]);
  }),
);

testEffect(
  "a file that is not permitted is an AuthorizationError",
  Effect.gen(function* () {
    const open = Effect.scoped(
      Layer.build(DenoSqlite.layer({ filename: "no_such.db" })),
    );
    const { reason } = yield* Effect.flip(open);
    strictEqual(reason._tag, "AuthorizationError");
    match(String(reason.message), /--allow-write/);
  }),
);
