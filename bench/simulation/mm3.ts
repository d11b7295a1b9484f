/**
 * Three servers and a line, in virtual time: what an event costs, of the two that a customer is.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import {
  atLeast,
  median,
  nanos,
  ratio,
  rounds,
  type Row,
  type Scores,
  shown,
  times,
} from "../report.ts";
import { bare } from "./bare.ts";
import { byFibers, byQueue, plainly, type Program } from "./queueing.ts";
import { valueOf } from "./run.ts";

const python = "/usr/bin/python3";
const simpy = `${import.meta.dirname}/simpy_mm3.py`;

/** Contestants with servers at a queue. */
export const queueOf = {
  weir: "Weir, servers at a queue",
  testClock: "effect's TestClock, servers at a queue",
  simpy: "SimPy, servers at a queue",
};
const fibersOf = {
  weir: "Weir, a fiber a customer",
  simpy: "SimPy, a process a customer",
};
const limit = "bare heap and callbacks";

/** Nanoseconds an event of a program in virtual time. */
export const weir = (program: Program): () => Promise<number> =>
  nanosAnEvent(50_000, (customers) => valueOf(program(customers)));

function nanosAnEvent(
  customers: number,
  run: (customers: number) => number | Promise<number>,
): () => Promise<number> {
  return nanos(2 * customers, async () => 2 * await run(customers));
}

const underTestClock = (program: Program) => (customers: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(program(customers));
    yield* TestClock.adjust("1 day");
    return yield* Fiber.join(fiber);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);

/** Weir, beside what there is, and beside what could be. */
export async function mm3(): Promise<ReadonlyArray<Row>> {
  const scores: Scores<string> = await rounds<string>({
    [queueOf.weir]: weir(byQueue(plainly)),
    [fibersOf.weir]: weir(byFibers(plainly)),
    [queueOf.testClock]: nanosAnEvent(5000, underTestClock(byQueue(plainly))),
    ...await simpyBy(),
    [limit]: nanosAnEvent(500_000, bare),
  });
  const queue = scores[queueOf.weir]!;
  const perSecond = 1e6 / median(queue);
  const theirs = scores[queueOf.simpy];
  const processesOfTheirs = scores[fibersOf.simpy];
  return [
    ...times(scores),
    atLeast(300, queueOf.weir, perSecond, "events/ms"),
    atLeast(
      6,
      "effect's TestClock ÷ Weir, servers at a queue",
      ratio(scores[queueOf.testClock]!, queue),
      "×",
    ),
    ...theirs === undefined || processesOfTheirs === undefined
      ? [{ name: "no SimPy here: apt install python3-simpy", value: "–" }]
      : [
        shown("SimPy ÷ Weir, servers at a queue", ratio(theirs, queue), "×"),
        shown(
          "SimPy ÷ Weir, one a customer",
          ratio(processesOfTheirs, scores[fibersOf.weir]!),
          "×",
        ),
      ],
    shown(
      "Weir, servers at a queue ÷ bare heap",
      ratio(queue, scores[limit]!),
      "×",
    ),
  ];
}

/** SimPy, if it is there. It measures itself, without what it takes to start. */
export async function simpyBy(): Promise<
  Record<string, () => Promise<number>>
> {
  if (!await hasSimPy()) return {};
  const run = (form: string) => async () => {
    const { code, stderr, stdout } = await new Deno.Command(python, {
      args: [simpy, form, "50000"],
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return Number(new TextDecoder().decode(stdout));
  };
  return {
    [queueOf.simpy]: run("queue"),
    [fibersOf.simpy]: run("processes"),
  };
}

async function hasSimPy(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(python, {
      args: ["-c", "import SimPy"],
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
