/**
 * A run that went wrong.
 *
 * @module
 */
import * as Data from "effect/Data";
import type { Run, Strategy } from "./model.ts";

/** A run that went wrong, as small as it could be made. Its message is its timeline, and the line that replays it. */
export class Counterexample<A, E> extends Data.Error<{
  /** The run. */
  readonly run: Run<A, E>;
  /** The weakest strategy that shows it: `"live"`, `"random"` or `"preemptive"`. */
  readonly strategy: Strategy;
  /** How often it deviates from fibers that run on until they wait. */
  readonly deviations: number;
  /** How many runs it took to find. */
  readonly runs: number;
  /** What the program failed with, if it did. */
  readonly cause: unknown;
  /** Fibers and what they did, in virtual time, for people. */
  readonly timeline: string;
}> {
  /** Selects this error in `Effect.catchTag`. */
  readonly _tag = "Counterexample";
  /** Names this error in logs. */
  override get name(): "Counterexample" {
    return "Counterexample";
  }
  /** The timeline. */
  override get message(): string {
    return this.timeline;
  }
}
