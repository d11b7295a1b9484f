import { testProperty } from "@weir/weir/testing";
import type { Task } from "@weir/weir/tasks";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as fc from "fast-check";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { columnsOf } from "../../src/tasks/cli_text.ts";
import { screen, spanOf, table } from "../../src/tasks/cli_table.ts";
import { cells, strange } from "./cli_strange.ts";

const now = DateTime.makeUnsafe("2030-01-01T00:00:00Z");
const ago = (seconds: number) => DateTime.subtract(now, { seconds });
const base = {
  ...{ id: "42", name: "resize", status: "running", priority: 0 } as const,
  ...{ attempts: 1, createdAt: ago(90), payload: null },
};
const stats = {
  ...{ scheduled: 1, pending: 2, running: 3 },
  ...{ completed: 4, failed: 5, cancelled: 6 },
};
const look = { width: Infinity, now, colors: false };

const task: fc.Arbitrary<Task.Info> = fc.record({
  id: strange,
  name: strange,
  status: fc.constantFrom(
    ...["scheduled", "pending", "running"] as const,
    ...["completed", "failed", "cancelled"] as const,
  ),
  priority: fc.constant(0),
  attempts: fc.nat(),
  createdAt: fc.nat(1e9).map(ago),
  runAt: fc.nat(1e9).map(ago),
  progress: fc.record({
    done: fc.double({ noNaN: true }),
    total: fc.double({ noNaN: true }),
    message: strange,
  }, { requiredKeys: ["done"] }),
  error: strange,
  payload: fc.constant(null),
}, {
  requiredKeys: [
    ...["id", "name", "status", "priority"] as const,
    ...["attempts", "createdAt", "payload"] as const,
  ],
});

const drawn = fc.record({
  tasks: fc.array(task, { maxLength: 30 }),
  note: strange,
  stats: fc.constantFrom(stats, undefined),
  width: fc.integer({ min: 1, max: 200 }),
  height: fc.integer({ min: 1, max: 40 }),
  colors: fc.boolean(),
});

/** Without the colours. */
function plain(line: string): string {
  return line.replaceAll("\x1b[39m", "").replaceAll(
    new RegExp("\x1b\\[(?:3[1-6]|90)m", "g"),
    "",
  );
}

testProperty(
  "screen() is never wider than the width, never higher than the height, and has nothing in it that a terminal obeys",
  drawn,
  ({ colors, height, note, stats, tasks, width }) =>
    Effect.sync(() => {
      const view = { note, stats, tasks };
      const lines = screen(view, { width, now, colors }, height);
      const head = stats === undefined ? 2 : 3;
      strictEqual(
        lines.length,
        Math.min(height, head + tasks.length),
        "all tasks that there is room for",
      );
      for (const line of lines) {
        ok(cells(plain(line)) <= width, line);
        match(plain(line), /^[^\p{C}\p{Zl}\p{Zp}]*$/u);
        if (!colors) strictEqual(plain(line), line);
      }
    }),
);

testProperty(
  "table() keeps its columns below their headings",
  fc.array(task, { minLength: 1, maxLength: 10 }),
  (tasks) =>
    Effect.sync(() => {
      const [headings = "", ...lines] = table(tasks, look);
      strictEqual(lines.length, tasks.length);
      const at = headings.indexOf("TRIES");
      lines.forEach((line, i) => {
        const cell = String(tasks[i]!.attempts);
        ok(
          Array.from(line, (_, i) => i).some((i) =>
            line.startsWith(cell, i) && columnsOf(line.slice(0, i)) === at
          ),
          line,
        );
      });
    }),
);

Deno.test("table() tells where each task stands, and how far it is", () => {
  const tasks: ReadonlyArray<Task.Info> = [
    {
      ...{ ...base, id: "later", status: "scheduled", attempts: 0 },
      runAt: DateTime.add(now, { minutes: 5 }),
    },
    { ...base, progress: { done: 3, total: 10, message: "cat\n.png" } },
    { ...base, status: "failed", progress: { done: 1 }, error: "not a PNG" },
  ];
  deepStrictEqual(table(tasks, look), [
    "STATUS     NAME    ID     TRIES  AGE    PROGRESS",
    "scheduled  resize  later  0      in 5m",
    "running    resize  42     1      90s    3/10 cat\\n.png",
    "failed     resize  42     1      90s    not a PNG",
  ]);
});

Deno.test("table() cuts what is widest first, and keeps the rest", () => {
  const tasks = [{ ...base, id: "x".repeat(36), name: "resize" }];
  deepStrictEqual(table(tasks, { ...look, width: 50 }), [
    "STATUS   NAME    ID           TRIES  AGE  PROGRESS",
    "running  resize  xxxxxxxxxx…  1      90s",
  ]);
});

Deno.test("table() draws a screen of texts without end in no time", () => {
  const error = "資\u0301".repeat(200_000);
  const tasks = Array.from({ length: 60 }, () => ({
    ...{ ...base, status: "failed" as const, error },
  }));
  const began = performance.now();
  table(tasks, { ...look, width: 100 });
  const took = performance.now() - began;
  ok(took < 2000, `it took ${took} ms`);
});

Deno.test("spanOf() tells a span in its largest unit that makes two digits", () => {
  deepStrictEqual(
    [-5, 0, 1999, 99_999, 100_000, 6e6, 36e4 * 1000, 1e11].map(spanOf),
    ["0s", "0s", "1s", "99s", "1m", "1h", "4d", "1157d"],
  );
});
