/**
 * Sweeps, in threads of their own.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import {
  atLeast,
  atMost,
  median,
  ratio,
  rounds,
  type Row,
  shown,
} from "../report.ts";
import { queueOf, simpyBy } from "./mm3.ts";
import { model, type Point } from "./swept.ts";

/** Loads the threads. */
const warmUp: Point = { customers: 1000, by: "queue" };

/** Milliseconds that a sweep takes, without what it takes to start threads. */
async function millis(
  points: ReadonlyArray<Point>,
  horizon: Duration.Input,
  replications: number,
  workers: number,
): Promise<number> {
  let start = 0;
  const sweep = Simulation.sweep(model, {
    points: [warmUp, ...points],
    horizon,
    replications,
    workers,
    onProgress: (done) =>
      Effect.sync(() => {
        if (done === replications) start = performance.now();
      }),
  });
  await Effect.runPromise(sweep);
  return performance.now() - start;
}

const customers = 200_000;

/** Nanoseconds an event in one thread, of the two that a customer is. */
const nanosBy = (by: "queue" | "fibers") => async () => {
  const time = await millis([{ customers, by }], "365 days", 2, 1);
  return time * 1e6 / (2 * 2 * customers);
};

/** Milliseconds that a pool takes at so many settings, at 100 arrivals a second. */
export const millisFor = (settings: number, workers: number): Promise<number> =>
  millis(
    Array.from({ length: settings }, () => ({ perSecond: 100 })),
    "100 seconds",
    2,
    workers,
  );

/** The same by two processes that know nothing of each other: what this machine has to give. */
async function millisOfTwo(settings: number): Promise<number> {
  const half = async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-read", `${import.meta.dirname}/part.ts`],
        `${settings / 2}`,
      ],
      stderr: "inherit",
    }).output();
    return Number(new TextDecoder().decode(stdout));
  };
  return Math.max(...await Promise.all([half(), half()]));
}

/** Sweeps beside SimPy, and on more than one thread. */
export async function sweeps(): Promise<ReadonlyArray<Row>> {
  const simpy = await simpyBy();
  const scores = await rounds<string>({
    queue: nanosBy("queue"),
    fibers: nanosBy("fibers"),
    ...simpy,
  }, { counted: 5, warmUp: 0 });
  const threads = await rounds({
    one: () => millisFor(12, 1),
    two: () => millisFor(12, 2),
    processes: () => millisOfTwo(12),
  }, { counted: 5, warmUp: 0 });
  const theirs = scores[queueOf.simpy];
  const day = await millis([{ perSecond: 100 }], "1 day", 2, 2);
  return [
    atLeast(
      800,
      "three servers at a queue, in a thread",
      1e6 / median(scores["queue"]!),
      "events/ms",
    ),
    shown(
      "a fiber a customer, in a thread",
      1e6 / median(scores["fibers"]!),
      "events/ms",
    ),
    ...theirs === undefined ? [] : [
      atLeast(
        2,
        "SimPy ÷ Weir, in a thread",
        ratio(theirs, scores["queue"]!),
        "×",
      ),
    ],
    atLeast(1.8, "one thread ÷ two", ratio(threads.one, threads.two), "×"),
    shown(
      "one thread ÷ two processes of one thread each",
      ratio(threads.one, threads.processes),
      "×",
    ),
    atMost(
      300,
      "a day at 100 arrivals a second, two at once",
      day / 1000,
      "s",
    ),
  ];
}
