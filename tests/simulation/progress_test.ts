/**
 * What the progress bar writes on standard error.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

type Told = readonly [done: number, total: number];

/** What the bar writes, told of these in turn, in a terminal that is so wide; or where there is none. */
function writtenFor(
  told: ReadonlyArray<Told>,
  columns: number | undefined,
): ReadonlyArray<string> {
  const written: Array<string> = [];
  const { consoleSize } = Deno;
  Object.assign(Deno, {
    consoleSize: () => ({ columns: columns ?? NaN, rows: 24 }),
  });
  // Hide what they have from their prototype.
  Object.assign(Deno.stderr, {
    isTerminal: () => columns !== undefined,
    writeSync: (bytes: Uint8Array) => {
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  });
  try {
    for (const [done, total] of told) {
      Effect.runSync(Simulation.progressBar(done, total));
    }
  } finally {
    Object.assign(Deno, { consoleSize });
    Reflect.deleteProperty(Deno.stderr, "isTerminal");
    Reflect.deleteProperty(Deno.stderr, "writeSync");
  }
  return written;
}

/** What stands on the lines of a terminal after that. */
function seen(written: ReadonlyArray<string>): ReadonlyArray<string> {
  const lines = [""];
  let at = 0;
  // deno-lint-ignore no-control-regex
  for (const [piece] of written.join("").matchAll(/\x1b\[K|[^]/gu)) {
    const line = lines.pop() ?? "";
    const isMove = piece === "\r" || piece === "\n";
    lines.push(
      isMove
        ? line
        : piece === "\x1b[K"
        ? line.slice(0, at)
        : line.slice(0, at) + piece + line.slice(at + 1),
    );
    if (piece === "\n") lines.push("");
    at = isMove ? 0 : piece === "\x1b[K" ? at : at + 1;
  }
  return lines;
}

Deno.test("progressBar draws one line over and over, and ends it when all is done", () => {
  deepStrictEqual(writtenFor([[1, 4], [4, 4]], 80), [
    `\r${"█".repeat(10)}${"░".repeat(30)} 1 of 4\x1b[K`,
    `\r${"█".repeat(40)} 4 of 4\x1b[K\n`,
  ]);
});

Deno.test("progressBar leaves nothing of what it said before when there is less to do", () => {
  const told = [[14, 150], [15, 150], [15, 15]] as const;
  for (const columns of [80, 40, 20, 12]) {
    const [first = "", ...rest] = seen(writtenFor(told, columns));
    ok(/^█* 15 of 15$/.test(first), first);
    deepStrictEqual(rest, [""]);
  }
});

Deno.test("progressBar is never wider than the terminal", () => {
  for (const columns of [200, 41, 20, 12]) {
    const [line = ""] = seen(writtenFor([[99, 150]], columns));
    ok(line.length < columns, `${line.length} of ${columns}`);
    ok(line.endsWith(" 99 of 150"));
  }
});

Deno.test("progressBar writes nothing where there is no terminal", () => {
  strictEqual(writtenFor([[1, 2], [2, 2]], undefined).length, 0);
});
