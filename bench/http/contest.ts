/**
 * Lets servers take turns under one load tool: `wrk`, from Debian's package of that name.
 *
 * @module
 */
import type { Scores } from "../report.ts";

/** How the load is made: one thread, 50 connections. */
export const load = "wrk -t1 -c50";
const warmUp = "5s";
const length = "2s";
const rounds = 7;
/** A server that uses no more of a processor than this, for so many milliseconds, has nothing to do. */
const idle = 0.2;
const pause = 250;
/** What the kernel counts memory in, in bytes. */
const page = 4096;
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

/** How a contest is held. */
export interface Contest<K> {
  /** The file of a server, and what it is given. */
  readonly server: (name: K) => ReadonlyArray<string>;
  /** What is asked for; the root if omitted. */
  readonly path?: string;
  /** The file that says how; by GET if omitted. */
  readonly script?: string;
}

/** How many requests each of the servers answers, round by round. */
export interface Results<K extends string> {
  /** In a second of its processor time. */
  readonly byProcessor: Scores<K>;
  /** In a second. It is also the load tool, and whatever else the machine does, that is measured by it. */
  readonly byClock: Scores<K>;
}

/** Lets servers take turns; another one is first in each round. */
export async function contest<K extends string>(
  names: ReadonlyArray<K>,
  { path = "", script, server }: Contest<K>,
): Promise<Results<K>> {
  const none = () =>
    Object.fromEntries(
      names.map((name) => [name, new Array<number>()]),
    ) as Record<K, Array<number>>;
  const [byProcessor, byClock] = [none(), none()];
  const servers = new Map<K, Server>();
  try {
    for (const name of names) servers.set(name, await start(server(name)));
    for (const one of servers.values()) {
      await measure(one, warmUp, path, script);
    }
    for (let round = 0; round < rounds; round++) {
      const first = round % names.length;
      for (const name of [...names.slice(first), ...names.slice(0, first)]) {
        const { processor, requests, seconds } = await measure(
          ...[servers.get(name)!, length, path, script] as const,
        );
        byProcessor[name].push(requests / processor);
        byClock[name].push(requests / seconds);
      }
    }
  } finally {
    for (const one of servers.values()) await stop(one);
  }
  return { byProcessor, byClock };
}

/** One server, in a process of its own. */
export interface Server {
  readonly child: Deno.ChildProcess;
  /** Where it is, with a slash at the end. */
  readonly url: string;
}

/** Starts a server that prints its port. */
export async function start(command: ReadonlyArray<string>): Promise<Server> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", ...command],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  reader.cancel().catch(() => {});
  return { child, url: `http://127.0.0.1:${value.trim()}/` };
}

/** Ends a server. */
export async function stop({ child }: Server): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
}

/** What came of a load. */
interface Measured {
  readonly requests: number;
  readonly processor: number;
  readonly seconds: number;
}

async function measure(
  { child: { pid }, url }: Server,
  duration: string,
  path: string,
  script: string | undefined,
): Promise<Measured> {
  const [command = "", ...args] = load.split(" ");
  const before = await processorSeconds(pid);
  const { stdout } = await new Deno.Command(command, {
    args: [
      ...[...args, `-d${duration}`],
      ...(script === undefined ? [] : ["-s", script]),
      `${url}${path}`,
    ],
  }).output();
  const report = new TextDecoder().decode(stdout);
  if (/Non-2xx|Socket errors/.test(report)) throw new Error(report);
  const [, requests, seconds] = /(\d+) requests in ([\d.]+)s/.exec(report) ??
    [];
  return {
    requests: Number(requests),
    processor: await rest(pid) - before,
    seconds: Number(seconds),
  };
}

/** What a process has used once it has done what it still had to do, which would be in the way of others. */
async function rest(pid: number): Promise<number> {
  let used = await processorSeconds(pid);
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const now = await processorSeconds(pid);
    if (now - used <= idle * pause / 1000) return now;
    used = now;
  }
}

/** What a process has used so far, in user and in system mode. */
export async function processorSeconds(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/stat`],
  }).output();
  const stat = new TextDecoder().decode(stdout);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** How much of a process is in memory. */
export async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/statm`],
  }).output();
  return Number(new TextDecoder().decode(stdout).split(" ")[1]) * page;
}
