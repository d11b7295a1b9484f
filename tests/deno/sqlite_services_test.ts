import { DenoSqlite } from "@weir/weir/deno";
import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as KeyValueStore from "effect/persistence/KeyValueStore";
import * as PersistedQueue from "effect/persistence/PersistedQueue";
import * as Schema from "effect/Schema";
import * as Migrator from "effect/sql/Migrator";
import { SqlClient } from "effect/sql/SqlClient";
import { deepStrictEqual, strictEqual } from "node:assert/strict";

const Memory = DenoSqlite.layer({ filename: ":memory:" });

testLive(
  "Effect's Migrator runs on DenoSqlite, each migration once",
  Effect.gen(function* () {
    const sql = yield* SqlClient;
    const loader = Migrator.fromRecord({
      "1_birds": Effect.asVoid(sql`CREATE TABLE birds (name)`),
      "2_places": Effect.asVoid(sql`ALTER TABLE birds ADD COLUMN place`),
    });
    const migrate = Migrator.make({})({ loader });
    deepStrictEqual(yield* migrate, [[1, "birds"], [2, "places"]]);
    deepStrictEqual(yield* migrate, []);
    yield* sql`INSERT INTO birds ${
      sql.insert({ name: "dipper", place: "weir" })
    }`;
    deepStrictEqual(yield* sql`SELECT * FROM birds`, [
      { name: "dipper", place: "weir" },
    ]);
  }).pipe(Effect.provide(Memory)),
);

testLive(
  "Effect's KeyValueStore keeps text and bytes in DenoSqlite",
  Effect.gen(function* () {
    const store = yield* KeyValueStore.KeyValueStore;
    yield* store.set("text", "dipper");
    yield* store.set("bytes", Uint8Array.of(0, 1, 255));
    strictEqual(yield* store.get("text"), "dipper");
    deepStrictEqual(
      yield* store.getUint8Array("bytes"),
      Uint8Array.of(0, 1, 255),
    );
    yield* store.remove("text");
    strictEqual(yield* store.size, 1);
  }).pipe(
    Effect.provide(Layer.provide(KeyValueStore.layerSql(), Memory)),
  ),
);

testLive(
  "Effect's PersistedQueue gives what failed once more from DenoSqlite",
  Effect.gen(function* () {
    const queue = yield* PersistedQueue.make({
      name: "birds",
      schema: Schema.Struct({ n: Schema.Number }),
    });
    yield* queue.offer({ n: 1 });
    yield* Effect.flip(queue.take(() => Effect.fail("no")));
    const taken = yield* queue.take(({ n }, { attempts }) =>
      Effect.succeed([n, attempts])
    );
    deepStrictEqual(taken, [1, 2]);
  }).pipe(
    Effect.provide(
      PersistedQueue.layer.pipe(
        Layer.provide(
          PersistedQueue.layerStoreSql({ pollInterval: "10 millis" }),
        ),
        Layer.provide(Memory),
      ),
    ),
  ),
);
