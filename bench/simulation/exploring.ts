/**
 * What a step costs, in orders that others than Effect's scheduler could have.
 *
 * @module
 */
import type { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Semaphore from "effect/Semaphore";
import { atLeast, median, rounds, type Row, times } from "../report.ts";
import { runOf } from "./run.ts";

const fibers = 10;
const turns = 1000;

/** Fibers that fork, yield, wait for permits, and fill and empty a queue. */
const program = Effect.gen(function* () {
  const semaphore = yield* Semaphore.make(2);
  const queue = yield* Queue.bounded<number>(4);
  const fiber = Effect.gen(function* () {
    for (let turn = 0; turn < turns; turn++) {
      yield* Queue.offer(queue, turn);
      yield* semaphore.withPermit(Effect.yieldNow);
      yield* Queue.take(queue);
      yield* Effect.forkChild(Effect.yieldNow);
    }
  });
  yield* Effect.replicateEffect(fiber, fibers, {
    concurrency: "unbounded",
    discard: true,
  });
});

const strategies: Readonly<Record<string, Simulation.Strategy>> = {
  random: "random",
  preemptive: "preemptive",
  "pct 3": { pct: 3 },
};

/** Nanoseconds a step. */
export function nanosAStep(strategy: Simulation.Strategy): number {
  const start = performance.now();
  const { steps } = runOf(program, { strategy });
  const nanos = (performance.now() - start) * 1e6;
  return nanos / steps;
}

/** Each strategy on the same program. */
export async function exploring(): Promise<ReadonlyArray<Row>> {
  const scores = await rounds(
    Object.fromEntries(
      Object.entries(strategies).map((
        [name, strategy],
      ) => [name, () => nanosAStep(strategy)]),
    ),
    { warmUp: 2, counted: 7 },
  );
  return [
    ...times(scores),
    ...Object.entries(scores).map(([name, score]) =>
      atLeast(150, name, 1e6 / median(score), "steps/ms")
    ),
  ];
}
