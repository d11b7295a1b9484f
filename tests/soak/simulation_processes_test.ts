import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { printedBy } from "../support/printed.ts";

const processes = 100;
const atOnce = 4;
const program = "tests/support/simulation/fingerprints.ts";

Deno.test("the same seed is the same run in a hundred processes", async () => {
  const printed: Array<string> = [];
  let started = 0;
  const worker = async () => {
    while (started < processes) printed.push(await run(started++));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  deepStrictEqual(printed, new Array(processes).fill(printed[0]));

  const fingerprints: ReadonlyArray<string> = JSON.parse(printed[0]!).flat();
  const { size } = new Set(fingerprints);
  ok(size > 0.8 * fingerprints.length, `only ${size} differ`);
});

Deno.test("threads of a sweep that nobody waits for any more stop, and their process ends", async () => {
  const start = performance.now();
  const printed = await printedBy(
    "--allow-read",
    "tests/support/simulation/stopped.ts",
  );
  strictEqual(printed, "interrupted\n");
  ok(performance.now() - start < 30_000);
});

/** Each with chance of its own, every other one without Effect's captures, and after so many other programs. */
async function run(i: number): Promise<string> {
  return await printedBy(
    `--v8-flags=--random-seed=${i + 1},--hash-seed=${i + 1}`,
    ...(i % 2 === 0 ? [] : ["--preload=./src/preload.ts"]),
    ...[program, `${i % 5}`],
  );
}
