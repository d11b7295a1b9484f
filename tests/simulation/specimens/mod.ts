/**
 * Classic mistakes, and programs that make them no more.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import * as checkThenAct from "./check_then_act.ts";
import * as mailbox from "./mailbox.ts";
import * as slidingWindow from "./sliding_window.ts";
import * as tokenBucket from "./token_bucket.ts";
import * as workerPool from "./worker_pool.ts";

type Program = Effect.Effect<void, unknown>;

/** A program with a mistake, and what a check finds. */
export interface Specimen {
  readonly mistake: string;
  readonly program: Program;
  /** The weakest strategy that shows it. */
  readonly strategy: "live" | "random" | "preemptive";
  readonly deviations: number;
  /** How the counterexample ends. */
  readonly end: string;
}

const died = "the program dies: AssertionError [ERR_ASSERTION]:";

/** Programs with mistakes. */
export const specimens: ReadonlyArray<Specimen> = [
  {
    mistake: "a token bucket that does not check again after its wait",
    program: tokenBucket.rush(tokenBucket.classic),
    strategy: "live",
    deviations: 0,
    end: `${died} 4 calls in 100 ms`,
  },
  {
    mistake: "a check and an act with a pause between them",
    program: checkThenAct.program(checkThenAct.slow),
    strategy: "random",
    deviations: 1,
    end: `${died} sold 2 times`,
  },
  {
    mistake: "a check and an act in two operations",
    program: checkThenAct.program(checkThenAct.quick),
    strategy: "preemptive",
    deviations: 1,
    end: `${died} sold 2 times`,
  },
  {
    mistake: "a mailbox that lets others go on before it waits",
    program: mailbox.program(mailbox.hasty),
    strategy: "random",
    deviations: 1,
    end: `a deadlock: nothing is ready, no timer is set
    #0 waits in Fiber.join, since 0 ms
    #1 receive waits in nextLetter, since 0 ms`,
  },
  {
    mistake: "a sliding window that holds its lock while it sleeps",
    program: slidingWindow.program(slidingWindow.locked),
    strategy: "live",
    deviations: 0,
    end: `${died} asked at 10 ms, told at 1000 ms`,
  },
  {
    mistake: "a pool whose workers end with the first job that fails",
    program: workerPool.program(workerPool.mortal),
    strategy: "live",
    deviations: 0,
    end: `a deadlock: nothing is ready, no timer is set
    #0 waits in Latch.await, since 0 ms`,
  },
];

/** Programs that were mended. */
export const mended: Readonly<Record<string, Program>> = {
  "a token bucket that checks again": tokenBucket.rush(tokenBucket.mended),
  "a token bucket under calls by chance": tokenBucket.trickle(
    tokenBucket.mended,
  ),
  "a check and an act in one operation": checkThenAct.program(
    checkThenAct.mended,
  ),
  "a mailbox that looks and waits in one step": mailbox.program(mailbox.mended),
  "a sliding window that gives each caller a time": slidingWindow.program(
    slidingWindow.mended,
  ),
  "a sliding window under calls by chance": slidingWindow.crowd(
    slidingWindow.mended,
  ),
  "a pool whose workers outlive their jobs": workerPool.program(
    workerPool.mended,
  ),
};
