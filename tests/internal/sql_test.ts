import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import {
  ConnectionError,
  LockTimeoutError,
  SqlError,
  UniqueViolation,
} from "effect/sql/SqlError";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { patiently } from "../../src/internal/sql.ts";

const cause = new Error("database is locked");
const held = new SqlError({ reason: new LockTimeoutError({ cause }) });

/** There are no errors but those of the database. */
const isOwn = (_: unknown): _ is SqlError => false;

/** Fails so many times, and says how often it was tried, and when last. */
const trying = (failures: number, error: SqlError) =>
  Effect.gen(function* () {
    let tries = 0;
    let lastAt = 0;
    const statement = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      lastAt = now;
      return ++tries <= failures ? Effect.fail(error) : Effect.succeed("done");
    });
    const fiber = yield* Effect.forkChild(
      Effect.catch(
        patiently(statement, isOwn, (error) => error),
        (error) => Effect.succeed(error),
      ),
    );
    yield* TestClock.adjust("1 second");
    return [yield* Fiber.join(fiber), tries, lastAt];
  });

testEffect(
  "patiently() tries again after 20, 40 and 80 ms where another process holds the database",
  Effect.gen(function* () {
    deepStrictEqual(yield* trying(0, held), ["done", 1, 0]);
    deepStrictEqual(yield* trying(3, held), ["done", 4, 1000 + 140]);
  }),
);

testEffect(
  "patiently() gives up after the fourth try",
  Effect.map(trying(4, held), ([answer, tries]) => {
    strictEqual(answer, held);
    strictEqual(tries, 4);
  }),
);

testEffect(
  "patiently() does not try again what may have come through, or never will",
  Effect.gen(function* () {
    for (
      const reason of [
        new ConnectionError({ cause }),
        new UniqueViolation({ cause, constraint: "id" }),
      ]
    ) {
      const error = new SqlError({ reason });
      deepStrictEqual((yield* trying(1, error)).slice(0, 2), [error, 1]);
    }
  }),
);
