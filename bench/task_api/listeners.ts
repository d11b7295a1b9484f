/**
 * Many who listen to what happens to tasks: how late they hear of it, and what they cost.
 *
 * @module
 */
import {
  processorSeconds,
  residentBytes,
  type Server,
  start,
  stop,
} from "../http/contest.ts";
import { atMost, median, ratio, type Row, shown } from "../report.ts";
import { kind, payload } from "../tasks/sites.ts";
import { type Heard, Listener } from "./listener.ts";
import { preload } from "./preload.ts";

const directory = new URL("servers/", import.meta.url).pathname;
const count = 1000;
/** Tasks in all, and in a second. */
const tasks = 250;
const rate = 50;
const rounds = 3;
const few = 50;

/** A page that shows it within a tenth of a second seems to show it at once (Nielsen, Usability Engineering, 1993). */
const atOnce = 100;

const weir = [`${directory}weir.ts`, "0"];
const servers = {
  "bare": [`${directory}bare_events.ts`],
  "Weir": weir,
  "Weir, preloaded": [...preload, ...weir],
};

type Contestant = keyof typeof servers;

/** What is measured of a server in a round. */
const measures = {
  median: ["median delay", "ms"],
  late: ["delay, 99 of 100 within", "ms"],
  idle: ["a listener who has heard nothing", "KiB"],
  busy: ["a listener at the end", "KiB"],
  processor: ["processors", ""],
} as const;

type Measure = keyof typeof measures;

type Result = Readonly<Record<Measure, number>>;

/** The servers by turns, each round with new processes. Throws unless every listener hears of every task, in order. */
export async function listeners(): Promise<ReadonlyArray<Row>> {
  const names = Object.keys(servers) as ReadonlyArray<Contestant>;
  const results: Array<Readonly<Record<Contestant, Result>>> = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length;
    const turns: Array<readonly [Contestant, Result]> = [];
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      turns.push([name, await run(name)]);
    }
    // Each has had its turn.
    results.push(Object.fromEntries(turns) as Record<Contestant, Result>);
  }
  const scores = (name: Contestant, measure: Measure) =>
    results.map((result) => result[name][measure]);
  const beside = (measure: Measure) =>
    ratio(scores("Weir", measure), scores("bare", measure));
  const figures = (Object.keys(measures) as ReadonlyArray<Measure>).flatMap(
    (measure) =>
      names.map((name): Row => {
        const [what, unit] = measures[measure];
        const value = median(scores(name, measure));
        return measure === "median" && name === "Weir"
          ? atMost(atOnce, `${name}: ${what}`, value, unit)
          : shown(`${name}: ${what}`, value, unit);
      }),
  );
  return [
    ...figures,
    atMost(3, "99 of 100 within, Weir ÷ bare", beside("late"), "×"),
    atMost(2, "heard nothing, Weir ÷ bare", beside("idle"), "×"),
    shown("at the end, Weir ÷ bare", beside("busy"), "×"),
  ];
}

async function run(name: Contestant): Promise<Result> {
  const server = await start(servers[name]);
  try {
    // Code is compiled, and memory taken, that is not one listener's.
    await listen(server, few, few);
    return await listen(server, count, tasks);
  } finally {
    await stop(server);
  }
}

async function listen(
  { child: { pid }, url }: Server,
  count: number,
  tasks: number,
): Promise<Result> {
  const heard: Heard = { at: new Map(), delays: [] };
  const port = Number(new URL(url).port);
  const before = await residentBytes(pid);
  const listeners: Array<Listener> = [];
  for (let n = 0; n < count; n++) {
    listeners.push(await Listener.start(port, heard));
  }
  await pause(500);
  const idle = await residentBytes(pid) - before;
  const used = await processorSeconds(pid);
  const began = performance.now();
  for (let n = 0; n < tasks; n++) {
    await submit(url);
    await pause(began + (n + 1) * 1000 / rate - performance.now());
  }
  const wanted = count * tasks;
  while (heard.delays.length < wanted) await pause(5);
  const seconds = (performance.now() - began) / 1000;
  const processor = (await processorSeconds(pid) - used) / seconds;
  const busy = await residentBytes(pid) - before;
  for (const listener of listeners) {
    if (listener.count !== tasks) {
      throw new Error(`A listener heard ${listener.count} of ${tasks} events`);
    }
    listener.stop();
  }
  const delays = heard.delays.toSorted((a, b) => a - b);
  return {
    median: median(delays),
    late: delays[Math.floor(delays.length * 0.99)]!,
    idle: idle / count / 1024,
    busy: busy / count / 1024,
    processor,
  };
}

async function submit(url: string): Promise<void> {
  const response = await fetch(`${url}tasks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: kind, payload }),
  });
  await response.body?.cancel();
}

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)));
