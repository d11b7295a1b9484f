/**
 * A run that went wrong.
 *
 * @module
 */
import * as Data from "effect/Data";
import type * as Duration from "effect/Duration";
import type { Run, Strategy } from "./model.ts";

/** What a fiber did at one time, while no other did anything. */
export interface Scene {
  /** The virtual time. */
  readonly time: Duration.Duration;
  /** Its number within the run, and what it is called, if anything. */
  readonly fiber: { readonly id: number; readonly name?: string };
  /** Whether it went on only because the run deviates from fibers that run on until they wait. */
  readonly deviates: boolean;
  /** What it did, in order. */
  readonly deeds: ReadonlyArray<string>;
  /** How many scenes are left out before this one. */
  readonly leftOut: number;
}

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
  /** The same as data; none if the run goes another way when it is watched. */
  readonly scenes: ReadonlyArray<Scene>;
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
