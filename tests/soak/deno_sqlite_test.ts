// deno-lint-ignore-file no-console
import { DenoSqlite } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import { SqlClient } from "effect/sql/SqlClient";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Run, start } from "../support/deno/started.ts";
import { heap } from "../support/heap.ts";

const run = (command: string, path = "", number = 0) =>
  start("sqlite_program", command, path, String(number));

/** What a program prints in the end. */
async function told(run: Run): Promise<unknown> {
  const { code, errors, printed } = await run.end();
  strictEqual(code, 0, errors);
  return printed === "" ? undefined : JSON.parse(printed);
}

const done = (command: string, path?: string, number?: number) =>
  told(run(command, path, number));

/** Waits until a program says that it does what it is for. */
async function begun(run: Run, says: string): Promise<Run> {
  strictEqual(JSON.parse(String((await run.lines.next()).value)), says);
  return run;
}

/** A test with a directory of its own. */
function testFiles(
  name: string,
  body: (directory: string) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const directory = String(await done("directory"));
    try {
      await body(directory);
    } finally {
      await done("remove", directory);
    }
  });
}

testFiles(
  "a file gets a log, which is gone when the scope has ended",
  async (directory) => {
    const file = `${directory}/a.db`;
    deepStrictEqual(await done("modes", file), ["wal", 1, 1, 5000]);
    const { printed } = await run("files", file).end();
    deepStrictEqual(printed.split("\n").map((line) => JSON.parse(line)), [
      ["a.db", "a.db-shm", "a.db-wal"],
      ["a.db"],
    ]);
    strictEqual(await done("count", file, 3), "counted");
    deepStrictEqual(await done("counted", file), [{ n: 3 }]);
  },
);

testFiles(
  "what cannot be opened is an error that says why",
  async (directory) => {
    deepStrictEqual(await done("modes", `${directory}/none/a.db`), {
      error: "ConnectionError",
      isRetryable: true,
    });
    await done("text", `${directory}/text`);
    deepStrictEqual(await done("modes", `${directory}/text`), {
      error: "UnknownError",
      isRetryable: false,
    });
  },
);

testFiles(
  "processes that open a new file at once lose no update",
  async (directory) => {
    for (let round = 0; round < 5; round++) {
      const file = `${directory}/${round}.db`;
      const runs = Array.from({ length: 6 }, () => run("count", file, 50));
      const all = await Promise.all(runs.map(told));
      deepStrictEqual(all, runs.map(() => "counted"));
      deepStrictEqual(await done("counted", file), [{ n: 300 }]);
    }
  },
);

testFiles("processes open a new file in the same moment", async (directory) => {
  for (let round = 0; round < 3; round++) {
    const moment = Date.now() + 1500;
    const runs = Array.from(
      { length: 4 },
      () => run("race", `${directory}/${round}`, moment),
    );
    for (
      const { errors, printed } of await Promise.all(
        runs.map(({ end }) => end()),
      )
    ) {
      strictEqual(errors, "");
      deepStrictEqual(printed.split("\n"), Array(20).fill('"opened"'));
    }
  }
});

testFiles(
  "a process waits for another no longer than its timeout",
  async (directory) => {
    const file = `${directory}/a.db`;
    const holder = await begun(run("hold", file), "holds");
    for (const timeout of [0, 300]) {
      const writer = await begun(run("write", file, timeout), "writes");
      const { millis, ...failure } = await told(writer) as { millis: number };
      deepStrictEqual(failure, {
        error: "LockTimeoutError",
        isRetryable: true,
      });
      ok(millis >= timeout && millis < timeout + 1000, `${millis} ms`);
    }
    const patient = await begun(run("write", file, 20_000), "writes");
    await holder.tell("let go");
    strictEqual(await told(holder), "held");
    const { error } = await told(patient) as { error: unknown };
    strictEqual(error, null);
  },
);

testFiles(
  "kill -9 loses no commit, and leaves no half of one",
  async (directory) => {
    const file = `${directory}/a.db`;
    const told: Array<number> = [];
    let next = 0;
    for (let round = 0; round < 10; round++) {
      const writer = run("pairs", file, next);
      const last = next + 100 + 20 * round;
      for await (const line of writer.lines) {
        // The last one may be cut off.
        if (!/^\d+$/.test(line)) continue;
        told.push(Number(line));
        if (Number(line) === last) writer.child.kill("SIGKILL");
      }
      strictEqual((await writer.child.status).signal, "SIGKILL");
      await writer.end();
      const { halves, integrity, numbers } = await done("paired", file) as {
        readonly halves: ReadonlyArray<unknown>;
        readonly integrity: string;
        readonly numbers: ReadonlyArray<number>;
      };
      deepStrictEqual([integrity, halves], ["ok", []]);
      const there = new Set(numbers);
      deepStrictEqual(told.filter((n) => !there.has(n)), []);
      next = Math.max(...numbers) + 1;
    }
    console.log(`${told.length} commits were told of, and each is there`);
  },
);

testFiles(
  "SELECT * follows a table that another process alters",
  async (directory) => {
    const file = `${directory}/a.db`;
    const reader = await begun(run("reads", file), "reads");
    strictEqual(await done("alter", file), "altered");
    await reader.tell("go on");
    const after = [{ name: "dipper", at: "weir" }];
    deepStrictEqual(await told(reader), [
      [{ name: "dipper", seen: 2, place: "weir" }],
      after,
      after,
    ]);
  },
);

Deno.test("a client keeps no more statements than its bound", async () => {
  const program = Effect.gen(function* () {
    const sql = yield* SqlClient;
    const run = (from: number, to: number) =>
      Effect.gen(function* () {
        for (let n = from; n < to; n++) yield* sql.unsafe(`SELECT ${n} AS n`);
      });
    yield* run(0, 1000);
    const before = yield* Effect.promise(heap);
    yield* run(1000, 20_000);
    return (yield* Effect.promise(heap)) - before;
  });
  const grown = await Effect.runPromise(
    Effect.provide(program, DenoSqlite.layer({ filename: ":memory:" })),
  );
  ok(grown < 1_000_000, `${grown} bytes`);
});
