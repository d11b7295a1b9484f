/**
 * How a program is run, and what becomes of it.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type * as Exit from "effect/Exit";

/**
 * Which fiber goes next.
 *
 * - `"live"`: as Effect's own scheduler has it, task by task.
 * - `"random"`: any that is ready, by chance. One that is woken from within another runs on at once, as it does live.
 * - `"preemptive"`: as `"random"`; besides, a fiber may have to let others go first before any of its operations, one time in
 *   ten. The live scheduler does so too, but only after 2,048 operations in a row.
 * - `{ pct }`: the ready fiber of the highest priority; priorities are random, and change at `pct - 1` random operations. Finds
 *   what takes `pct` ordering constraints with a known probability (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized
 *   Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010).
 * - `{ exhaustive }`: every way with at most so many deviations from fibers that run on until they wait. A check goes through
 *   them one after the other, those with fewer deviations first; a single run takes the one without any.
 */
export type Strategy =
  | "live"
  | "random"
  | "preemptive"
  | { readonly pct: number }
  | { readonly exhaustive: number };

/** How far a run may go. */
export interface Limits {
  /** How much virtual time may pass; 1 day if omitted. Then it is a {@linkcode Sickness | TimeLimit}. */
  readonly maxTime?: Duration.Input | undefined;
  /**
   * How many steps may be made without time passing, or ten times as many operations; 100,000 if omitted. Then it is a
   * {@linkcode Sickness | Livelock}.
   */
  readonly maxSteps?: number | undefined;
  /** Whether fibers that outlive the program are a {@linkcode Sickness | LeakedFibers}; `"fail"` if omitted. */
  readonly leaks?: "fail" | "allow" | undefined;
}

/** How a program is run. */
export interface Options extends Limits {
  /** What all chance comes from, a whole number; 1 if omitted. */
  readonly seed?: number | undefined;
  /** Which fiber goes next; `"live"` if omitted. */
  readonly strategy?: Strategy | undefined;
  /** How late each timer may be, by chance; never if omitted. */
  readonly timerJitter?: Duration.Input | undefined;
  /** How much time each step takes, so that a program that looks at the clock until it moves gets on; none if omitted. */
  readonly stepCost?: Duration.Input | undefined;
  /** Lets {@linkcode faultPoint} act; it does nothing if omitted. */
  readonly faults?: Faults | undefined;
}

/** Which faults happen. In each run some sites are armed by chance, one in four, and others not. */
export interface Faults {
  /** How likely an armed site is to fail each time it is passed, from 0 to 1; 0.25 if omitted. */
  readonly chance?: number | undefined;
  /** When they stop, so that the program must get on from there. Never if omitted. */
  readonly until?: Duration.Input | undefined;
}

/** A fiber, as a person would name it. */
export interface FiberInfo {
  /** Its number within the run: the root is 0, the others follow in the order in which they were made. */
  readonly id: number;
  /** The `Effect.fn` or span that it is in, if any, within those around it. */
  readonly name?: string;
  /** What it waits in: `Deferred.await`, `Effect.sleep`, or else the source of its `Effect.callback`. */
  readonly waitsIn: string;
  /** Since when. */
  readonly since: Duration.Duration;
}

/** What makes a run sick, whatever its exit. */
export type Sickness =
  /** Nothing is ready, no timer is set, and these wait. */
  | {
    readonly _tag: "Deadlock";
    readonly fibers: ReadonlyArray<FiberInfo>;
  }
  /** The program has ended, and these have not. */
  | {
    readonly _tag: "LeakedFibers";
    readonly fibers: ReadonlyArray<FiberInfo>;
  }
  /** The program reached out of the simulation. */
  | {
    readonly _tag: "RealAsync";
    /** What it called; or that something outside woke a fiber. */
    readonly api: string;
    /** Who called. */
    readonly fiber: FiberInfo;
    /** Where from, without the frames of Effect; if it was Effect itself that called, where the functions and spans around it were. */
    readonly stack: string;
  }
  /** Steps without end at one time. */
  | { readonly _tag: "Livelock"; readonly fibers: ReadonlyArray<FiberInfo> }
  /** `maxTime` has passed. */
  | { readonly _tag: "TimeLimit"; readonly fibers: ReadonlyArray<FiberInfo> }
  /** The same seed went another way, or a trace does not fit its program. */
  | { readonly _tag: "NonDeterminism"; readonly detail: string };

/** What leads to a run, as text: good for this program on this version, in any process. */
export type Trace = string;

/** What became of a run. */
export interface Run<out A, out E> {
  /** How the program ended; interrupted if it had to be stopped. */
  readonly exit: Exit.Exit<A, E>;
  /** What was sick about it. */
  readonly sickness?: Sickness;
  /** How much virtual time passed. */
  readonly time: Duration.Duration;
  /** How many steps were made: how often a fiber was let go on. */
  readonly steps: number;
  /** A hash of which fiber went on when: the same run has the same, in any process. */
  readonly fingerprint: string;
  /** Leads to the same run, by {@linkcode replay}. */
  readonly trace: Trace;
}

/** How a program is checked. */
export interface CheckOptions extends Omit<Options, "strategy"> {
  /** How many runs; 1000 if omitted. */
  readonly runs?: number | undefined;
  /** Which strategies take turns; `"live"`, `"random"`, `"preemptive"` and `pct` 1 to 3 if omitted. */
  readonly strategies?: ReadonlyArray<Strategy> | undefined;
}

/** What a check looked at. */
export interface Checked {
  /** How many runs. Fewer than asked for if every strategy is `exhaustive`, and has nothing left to try. */
  readonly runs: number;
  /** How many of them differed. */
  readonly distinct: number;
}
