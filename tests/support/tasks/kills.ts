/**
 * Kills a worker again and again while it works on many tasks, and prints what a ledger outside of the store and the store
 * itself say in the end.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { TextLineStream } from "../lines.ts";

const [count = "0", kills = "0"] = Deno.args;
/** How long a process that fell silent keeps its tasks, in milliseconds, as the worker has it. */
const lease = 1000;
/** From when a task is claimed until its handler has written so, on a machine that is busy, in milliseconds. */
const slack = 300;

interface Begun {
  readonly attempt: number;
  readonly at: number;
  readonly pid: number;
  hasEnded: boolean;
}

const directory = await Deno.makeTempDir();
const database = `${directory}/tasks.db`;
const ledger = `${directory}/ledger`;

function worker(...args: ReadonlyArray<string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      "tests/support/tasks/worker.ts",
      ...args,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

function linesOf(
  child: Deno.ChildProcess,
): ReadableStreamDefaultReader<string> {
  return child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
}

/** What the ledger says of each task. */
async function readLedger(): Promise<Map<string, Array<Begun>>> {
  const begun = new Map<string, Array<Begun>>();
  const text = await Deno.readTextFile(ledger).catch(() => "");
  for (const line of text.split("\n")) {
    const [word, id = "", attempt, at, pid] = line.split(" ");
    const entries = begun.get(id) ?? [];
    if (word === "begin" && pid !== undefined) {
      begun.set(id, entries);
      entries.push({
        attempt: Number(attempt),
        at: Number(at),
        pid: Number(pid),
        hasEnded: false,
      });
    } else if (word === "end") {
      const entry = entries.find((entry) => entry.attempt === Number(attempt));
      if (entry !== undefined) entry.hasEnded = true;
    }
  }
  return begun;
}

const submitting = worker("submit", database, ledger, count);
await linesOf(submitting).read();
const submitted = await submitting.status;

const killed = new Set<number>();
let inHandler = 0;
while (killed.size < Number(kills)) {
  const child = worker("work", database, ledger);
  const lines = linesOf(child);
  await lines.read();
  await new Promise((resolve) => setTimeout(resolve, 40 + 60 * Math.random()));
  child.kill("SIGKILL");
  await child.status;
  await lines.cancel();
  killed.add(child.pid);
  const open = [...(await readLedger()).values()].flat().filter((entry) =>
    entry.pid === child.pid && !entry.hasEnded
  );
  if (open.length > 0) inHandler++;
}

const last = worker("work", database, ledger);
const printed: Array<string> = [];
const lines = linesOf(last);
while (true) {
  const { done, value } = await lines.read();
  if (done) break;
  printed.push(value);
}
const { code } = await last.status;

const begun = await readLedger();
const again = [...begun.values()].flatMap((entries) =>
  entries.slice(1).map((entry, n) => ({ entry, before: entries[n]! }))
);
console.log(JSON.stringify({
  submitted: submitted.code,
  ended: code,
  said: printed.at(-1),
  tasks: begun.size,
  withoutEnd: [...begun.values()].filter((entries) =>
    !entries.some(({ hasEnded }) =>
      hasEnded
    )
  ).length,
  kills: killed.size,
  inHandler,
  runs: [...begun.values()].flat().length,
  doubles: again.length,
  unexplained: again.filter(({ before, entry }) =>
    !killed.has(before.pid) || entry.at - before.at < lease - slack ||
    entry.attempt <= before.attempt
  ).length,
  mostAttempts: Math.max(...[...begun.values()].map(({ length }) => length)),
}));
await Deno.remove(directory, { recursive: true });
