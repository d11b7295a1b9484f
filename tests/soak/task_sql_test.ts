// deno-lint-ignore-file no-console
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { start } from "../support/deno/started.ts";

/** What a program prints in the end. */
async function told(
  program: string,
  ...args: ReadonlyArray<string>
): Promise<unknown> {
  const { code, errors, printed } = await start(program, ...args).end();
  strictEqual(code, 0, errors);
  return printed === "" ? undefined : JSON.parse(printed.split("\n").at(-1)!);
}

/** A test with a file of its own. */
function testFile(name: string, body: (file: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = String(await told("sqlite_program", "directory"));
    try {
      await body(`${directory}/tasks.db`);
    } finally {
      await told("sqlite_program", "remove", directory);
    }
  });
}

testFile(
  "two processes on one file lose no task and settle none twice, though kill -9 ends one after the other",
  async (file) => {
    const count = 4000;
    await told("task_store_program", "insert", file, String(count));
    const settled: Array<string> = [];
    let kills = 0;
    /** Works in one process after the other, until one finds nothing left to do. */
    const worker = async (turn: number) => {
      for (let round = 0;; round++) {
        const run = start("task_store_program", "work", file);
        let left = 20 + (7 * round + 13 * turn) % 60;
        let isDone = false;
        for await (const line of run.lines) {
          let value: unknown;
          try {
            value = JSON.parse(line);
          } catch {
            // The last one, cut off. What it was to tell is settled all the same.
            continue;
          }
          if (value === "done") isDone = true;
          if (!Array.isArray(value)) continue;
          settled.push(...value);
          if (--left === 0) {
            // At any moment of what it does next.
            setTimeout(() => run.child.kill("SIGKILL"), round % 7);
          }
        }
        const { code, errors } = await run.end();
        const { signal } = await run.child.status;
        // It may be killed when it is done already.
        if (isDone) return ok(code === 0 || signal === "SIGKILL", errors);
        strictEqual(signal, "SIGKILL", errors);
        kills++;
      }
    };
    await Promise.all([worker(0), worker(1)]);
    ok(kills > 10, `only ${kills} kills`);

    strictEqual(new Set(settled).size, settled.length, "settled twice");
    const { begins, counted, ends, integrity, lanes, stats } = await told(
      "task_store_program",
      "look",
      file,
    ) as Record<string, ReadonlyArray<ReadonlyArray<unknown>>>;
    deepStrictEqual(
      { counted, ends, integrity, lanes, stats },
      {
        counted: [["completed", count]],
        ends: [[1, count]],
        integrity: "ok",
        lanes: [[0, 0, count / 4]],
        stats: {
          scheduled: 0,
          pending: 0,
          running: 0,
          completed: count,
          failed: 0,
          cancelled: 0,
        },
      },
    );
    const [events, attempts] = begins![0]!;
    strictEqual(events, attempts);
    console.log(
      `${kills} kills: ${count} tasks, ${
        Number(attempts) - count
      } begun again, ${settled.length} told of`,
    );
  },
);

testFile("processes that start at once make the tables once", async (file) => {
  for (let round = 0; round < 5; round++) {
    const all = await Promise.all(
      Array.from(
        { length: 4 },
        () => told("task_store_program", "insert", `${file}${round}`, "20"),
      ),
    );
    deepStrictEqual(all, Array(4).fill("inserted"));
    const { stats } = await told(
      "task_store_program",
      "look",
      `${file}${round}`,
    ) as { stats: Record<string, number> };
    strictEqual(stats["pending"]! + stats["scheduled"]!, 20);
  }
});
