/**
 * Brings known bugs back, one at a time in a copy of the project, and expects
 * the tests that guard against each to fail: `deno task mutants`, or
 * `deno task mutants <part of a name or a path>` for some of them.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { cp } from "node:fs/promises";
import config from "../deno.json" with { type: "json" };
import { allMutants } from "./mutants/all.ts";
import type { Mutant } from "./mutants/mutant.ts";

const copiedParts = [
  ...["deno.json", "deno.lock", "mod.ts"],
  ...["src", "tests", "examples"],
];
const copies = 2;
/** For the tests of a file as they are. */
const timeLimit = 300_000;

/** How long tests that took `millis` without it may take with a bug. */
function limitWith({ hangs = false }: Mutant, millis: number): number {
  // A property that fails looks for a smaller example, which takes its time.
  return hangs ? Math.max(15_000, 2 * millis) : Math.max(60_000, 6 * millis);
}
const permissions = config.tasks.test.match(/--allow-\S+/g) ?? [];

interface TestRun {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly timedOut: boolean;
  readonly millis: number;
  readonly error: string;
}

async function runTests(
  copy: string,
  test: string,
  limit: number,
  options: readonly string[] = [],
): Promise<TestRun> {
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "--reporter=tap"],
      ...[...permissions, ...options, test],
    ],
    cwd: copy,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, limit);
  const { stdout, stderr } = await child.output();
  clearTimeout(timer);
  const report = new TextDecoder().decode(stdout);
  const namesAfter = (mark: string) =>
    [...report.matchAll(new RegExp(`^${mark} \\d+ - (.*)$`, "gm"))]
      .map(([, name = ""]) => name)
      .filter((name) => !name.endsWith(" # SKIP"))
      .map((name) => name.replaceAll(/\\([\\#])/g, "$1"));
  return {
    passed: namesAfter("ok"),
    failed: namesAfter("not ok"),
    timedOut,
    millis: performance.now() - start,
    error: /^error: .*/m.exec(new TextDecoder().decode(stderr))?.[0] ?? "",
  };
}

function matches(filter: string): (name: string) => boolean {
  const pattern = /^\/(.*)\/$/s.exec(filter)?.[1];
  return pattern === undefined
    ? (name) => name.includes(filter)
    : (name) => new RegExp(pattern).test(name);
}

/** One word, and what there is to say about it. */
type Verdict = readonly [word: string, detail?: string];

/** Finds fault with the tests of the unmodified project. */
function checkOriginal(filter: string, original: TestRun): Verdict | undefined {
  const isGuard = matches(filter);
  if (original.timedOut) return ["UNTESTED", "the tests never end without it"];
  if (original.failed.some(isGuard)) {
    return ["UNTESTED", "a test fails without it"];
  }
  if (!original.passed.some(isGuard)) {
    return ["UNTESTED", `no test called "${filter}" ran ${original.error}`];
  }
  return undefined;
}

async function tryMutant(
  mutant: Mutant,
  copy: string,
  limit: number,
): Promise<Verdict> {
  const { file, filter, from, hangs = false, test, to } = mutant;
  const path = `${copy}/${file}`;
  const source = await Deno.readTextFile(path).catch(() => "");
  const pieces = source.split(from);
  if (pieces.length !== 2) {
    return ["STALE", `${file} holds its text ${pieces.length - 1} times`];
  }
  await Deno.writeTextFile(path, pieces.join(to));
  const run = await runTests(copy, test, limit, [`--filter=${filter}`]);
  await Deno.writeTextFile(path, source);
  if (run.failed.length > 0 || (run.timedOut && hangs)) return ["killed"];
  if (run.timedOut) return ["HUNG", "add `hangs: true` if it should"];
  return run.passed.length > 0 ? ["SURVIVED"] : ["BROKEN", run.error];
}

/** Runs `work` on every item, one item at a time in each folder. */
async function inEach<A>(
  folders: readonly string[],
  items: Iterable<A>,
  work: (item: A, folder: string) => Promise<void>,
): Promise<void> {
  const queue = Iterator.from(items);
  await Promise.all(folders.map(async (folder) => {
    for (const item of queue) await work(item, folder);
  }));
}

async function copyProject(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "mutants-" });
  for (const part of copiedParts) {
    await cp(new URL(`../${part}`, import.meta.url), `${copy}/${part}`, {
      recursive: true,
    });
  }
  return copy;
}

const [part = ""] = Deno.args;
const mutants = allMutants.filter(({ name, test }) =>
  name.includes(part) || test.includes(part)
);
const folders = await Promise.all(Array.from({ length: copies }, copyProject));
let killed = 0;
try {
  const originals = new Map<string, TestRun>();
  const tests = new Set(mutants.map(({ test }) => test));
  await inEach(folders, tests, async (test, folder) => {
    originals.set(test, await runTests(folder, test, timeLimit));
  });
  await inEach(folders, mutants, async (mutant, folder) => {
    const original = originals.get(mutant.test)!;
    const [word, detail] = checkOriginal(mutant.filter, original) ??
      await tryMutant(mutant, folder, limitWith(mutant, original.millis));
    if (word === "killed") killed += 1;
    const line = `${word.padEnd(8)} ${mutant.name}`;
    console.log(detail === undefined ? line : `${line}: ${detail}`);
  });
} finally {
  await Promise.all(
    folders.map((folder) => Deno.remove(folder, { recursive: true })),
  );
}
console.log(`${killed} passed, ${mutants.length - killed} failed, 0 skipped`);
Deno.exit(killed === mutants.length ? 0 : 1);
