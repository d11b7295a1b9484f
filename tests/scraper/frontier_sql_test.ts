import { DenoSqlite } from "@weir/weir/deno";
import { Frontier } from "@weir/weir/scraper";
import { testEffect } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as SqlClient from "effect/sql/SqlClient";
import { isSqlError } from "effect/sql/SqlError";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { faultsOf, noting } from "../support/sql/plans.ts";
import { frontierSuite, page, pages, take, takeAll } from "./frontier_suite.ts";

const memory = () => DenoSqlite.layer({ filename: ":memory:" });

frontierSuite(
  "Frontier.layerSql()",
  (options) => Layer.provide(Frontier.layerSql(options), memory()),
);

/** Opens a frontier as another process would. */
const open = (options?: Frontier.SqlOptions) =>
  Effect.provide(
    Effect.flatMap(Frontier.Frontier, Effect.succeed),
    Layer.fresh(Frontier.layerSql(options)),
  );

const testSql = <E>(
  name: string,
  body: Effect.Effect<void, E, SqlClient.SqlClient>,
) => testEffect(`Frontier.layerSql() ${name}`, Effect.provide(body, memory()));

Deno.test("Frontier.layerSql() refuses a crawl without a name", () => {
  throws(() => Frontier.layerSql({ crawl: "" }), {
    name: "RangeError",
    message: '"crawl" must be not empty, was ""',
  });
});

testSql(
  "goes on where it was left: what was on its way waits again where it stood, what was done does not",
  Effect.gen(function* () {
    const first = yield* open();
    const priority = 1 / 3;
    const referrer = "https://a/0";
    yield* first.add([
      page("a/1", { priority, redirects: 0, referrer, depth: 7 }),
      ...pages("a/2", "a/3", "b/1", "c/1", "d/1", "d/2"),
    ]);
    deepStrictEqual(
      yield* takeAll(first, 5),
      ["a/1", "b/1", "c/1", "d/1", "a/2"],
    );
    yield* first.done("https://c/1");
    deepStrictEqual(yield* first.size, { pending: 2, seen: 7 });

    const second = yield* open();
    deepStrictEqual(yield* second.size, { pending: 6, seen: 7 });
    strictEqual(yield* second.add(pages("a/1", "a/2", "c/1", "d/2")), 0);
    strictEqual(yield* take(second), "d/1");
    deepStrictEqual(
      yield* second.next(new Set()),
      Option.some(page("a/1", { priority, redirects: 0, referrer, depth: 7 })),
    );
    deepStrictEqual(
      yield* takeAll(second, 5),
      ["b/1", "d/2", "a/2", "a/3", "none"],
    );
    for (const n of [1, 2, 3]) yield* second.done(`https://a/${n}`);
    deepStrictEqual(
      yield* takeAll(yield* open(), 4),
      ["b/1", "d/1", "d/2", "none"],
    );
  }),
);

testSql(
  "opened again and again, neither loses nor doubles what waits",
  Effect.gen(function* () {
    yield* (yield* open()).add(pages("a/1", "a/2", "b/1"));
    for (let n = 0; n < 5; n++) {
      const way = yield* open();
      deepStrictEqual(yield* way.size, { pending: 3, seen: 3 });
      yield* takeAll(way, n);
    }
    const way = yield* open();
    const given = yield* takeAll(way, 4);
    deepStrictEqual(given.toSorted(), ["a/1", "a/2", "b/1", "none"]);
  }),
);

testSql(
  "keeps crawls apart",
  Effect.gen(function* () {
    const plain = yield* open();
    const named = yield* open({ crawl: "b", capacity: 2 });
    yield* plain.add(pages("a/1", "b/1", "b/2"));
    strictEqual(yield* named.add(pages("b/1", "a/1", "b/2")), 2);
    deepStrictEqual(yield* takeAll(named, 2), ["b/1", "a/1"]);
    deepStrictEqual(yield* takeAll(plain, 1), ["a/1"]);
    yield* plain.done("https://b/1");
    yield* plain.done("https://a/1");
    deepStrictEqual(yield* (yield* open({ crawl: "b" })).size, {
      pending: 2,
      seen: 2,
    });
    deepStrictEqual(yield* (yield* open({ crawl: "default" })).size, {
      pending: 2,
      seen: 3,
    });
  }),
);

testSql(
  "adds nothing more with a capacity that is less than what was seen",
  Effect.gen(function* () {
    yield* (yield* open()).add(pages("a/1", "a/2", "a/3"));
    const way = yield* open({ capacity: 1 });
    strictEqual(yield* way.add(pages("a/4")), 0);
    deepStrictEqual(yield* way.size, { pending: 3, seen: 3 });
  }),
);

testSql(
  "takes part in a transaction of its client",
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient;
    const way = yield* open();
    yield* way.add(pages("a/1"));
    const broken = Effect.gen(function* () {
      strictEqual(yield* take(way), "a/1");
      yield* way.done("https://a/1");
      yield* way.add(pages("a/2"));
      return yield* Effect.fail("broken");
    });
    strictEqual(yield* Effect.flip(sql.withTransaction(broken)), "broken");
    deepStrictEqual(yield* way.size, { pending: 1, seen: 1 });
    strictEqual(yield* take(way), "a/1");
  }),
);

testSql(
  "refuses tables of a later release",
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient;
    yield* open();
    yield* sql`INSERT INTO weir_frontier_versions (migration_id, name)
      VALUES (1000, 'later')`;
    const error = yield* Effect.flip(open());
    strictEqual(error._tag, "FrontierError");
    strictEqual(
      error.message,
      "Frontier: its tables are those of a later release",
    );
  }),
);

testSql(
  "fails with a FrontierError where its tables or its crawl are gone",
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient;
    const way = yield* open();
    const operations: ReadonlyArray<
      Effect.Effect<unknown, Frontier.FrontierError>
    > = [way.add(pages("a/1")), way.next(new Set()), way.size];
    yield* sql`DELETE FROM weir_frontier_crawls`;
    for (const operation of operations) {
      const error = yield* Effect.flip(operation);
      strictEqual(error.name, "FrontierError");
      strictEqual(error.message, "Frontier: the row of the crawl is gone");
    }
    const tables = ["crawls", "visits"].map((name) => `weir_frontier_${name}`);
    for (const table of tables) yield* sql`DROP TABLE ${sql(table)}`;
    for (const operation of [...operations, way.done("https://a/1")]) {
      const exit = yield* Effect.exit(operation);
      const error = exit._tag === "Failure" && Cause.squash(exit.cause);
      ok(error instanceof Frontier.FrontierError);
      ok(isSqlError(error.cause));
    }
  }),
);

/** Steps of plans that read more than they give, of tables that grow. */
const slow = /^(?:SCAN (?:weir_|.* USING INDEX)|USE TEMP B-TREE)/;

/** Those that are known: they sort what is on its way, or what was given. */
const known = [
  ["FROM weir_frontier_visits", "USE TEMP B-TREE FOR ORDER BY"],
  ["FROM json_each", "USE TEMP B-TREE FOR ORDER BY"],
] as const;

testEffect(
  "Frontier.layerSql() walks past nothing: each statement finds what it needs by an index",
  Effect.suspend(() => {
    const noted = new Set<string>();
    return Effect.gen(function* () {
      const way = yield* open();
      yield* way.add(pages("a/1", "a/2", "b/1"));
      yield* takeAll(way, 3);
      yield* way.done("https://a/1");
      yield* way.size;
      yield* open();
      const read = [...noted].filter((text) =>
        /^(?:SELECT|UPDATE|DELETE|INSERT)/.test(text) &&
        text.includes("weir_frontier_") && !text.includes("_versions")
      );
      ok(read.length > 15, `only ${read.length} statements`);
      deepStrictEqual(yield* faultsOf(read, slow, known), []);
    }).pipe(Effect.provide(noting(noted)));
  }),
);
