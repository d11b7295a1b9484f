/**
 * Lets servers take turns under one load tool: `wrk`, from Debian's package of that name.
 *
 * @module
 */
import type { Scores } from "../report.ts";

const directory = new URL("servers/", import.meta.url).pathname;

/** How the load is made: one thread, 50 connections. */
export const load = "wrk -t1 -c50";
const warmUp = "5s";
const length = "2s";
const rounds = 7;
/** What the kernel counts processor time in: a hundredth of a second. */
const ticks = 100;

/** Whether the load tool is there. */
export async function hasLoadTool(): Promise<boolean> {
  try {
    await new Deno.Command("wrk", { args: ["--version"], stdout: "null" })
      .output();
    return true;
  } catch {
    return false;
  }
}

/** One server, in a process of its own. */
interface Server {
  readonly child: Deno.ChildProcess;
  readonly url: string;
}

/**
 * How many requests each of the servers answers in a second of processor time, round by round; another one is first in each.
 * By the clock it would be the load tool, or whatever else the machine does, that is measured.
 */
export async function contest<K extends string>(
  names: ReadonlyArray<K>,
  script?: string,
): Promise<Scores<K>> {
  const scores = Object.fromEntries(
    names.map((name) => [name, new Array<number>()]),
  ) as Record<K, Array<number>>;
  const servers = new Map<K, Server>();
  for (const name of names) servers.set(name, await start(name));
  try {
    for (const name of names) await measure(servers.get(name)!, warmUp, script);
    for (let round = 0; round < rounds; round++) {
      const first = round % names.length;
      for (const name of [...names.slice(first), ...names.slice(0, first)]) {
        scores[name].push(await measure(servers.get(name)!, length, script));
      }
    }
  } finally {
    for (const { child } of servers.values()) {
      child.kill("SIGKILL");
      await child.status;
    }
  }
  return scores;
}

async function start(name: string): Promise<Server> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", `${directory}${name}.ts`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  reader.cancel().catch(() => {});
  return { child, url: `http://127.0.0.1:${value.trim()}/` };
}

async function measure(
  { child, url }: Server,
  duration: string,
  script: string | undefined,
): Promise<number> {
  const [command = "", ...args] = load.split(" ");
  const before = await processorSeconds(child.pid);
  const { stdout } = await new Deno.Command(command, {
    args: [
      ...[...args, `-d${duration}`],
      ...(script === undefined ? [] : ["-s", `${directory}${script}`]),
      url,
    ],
  }).output();
  const report = new TextDecoder().decode(stdout);
  if (/Non-2xx|Socket errors/.test(report)) throw new Error(report);
  const requests = Number(/(\d+) requests in/.exec(report)?.[1]);
  return requests / (await processorSeconds(child.pid) - before);
}

/** What a process has used so far, in user and in system mode. */
async function processorSeconds(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/stat`],
  }).output();
  const stat = new TextDecoder().decode(stdout);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
