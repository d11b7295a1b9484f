/**
 * Which runs are worth a try, one after the other.
 *
 * @module
 */
import type { Deviation } from "./exploration.ts";
import type { Strategy } from "./model.ts";
import { type Plan, readStrategy, type Steering } from "./plan.ts";

/** Makes up plans. */
export interface Explorer {
  /** The next plan; none when all have been tried. */
  next(): Plan | undefined;
  /** Told of what could be added to the deviations of the last plan. */
  readonly offer?: (deviation: Deviation) => void;
  /** Told how many operations a run had, which took this way. */
  readonly learn?: (operations: number, way: Steering) => void;
}

/** The plans of a strategy, of which there may be `most`. */
export function explorerOf(
  base: Plan,
  strategy: Strategy,
  most: number,
): Explorer {
  return typeof strategy === "object" && "exhaustive" in strategy
    ? new ByDeviations(base, { depth: strategy.exhaustive, most })
    : new BySeed(base, strategy);
}

/** One seed after the other. */
class BySeed implements Explorer {
  private readonly base: Plan;
  private seed: number;
  private length = 1;

  constructor(base: Plan, strategy: Strategy) {
    this.base = { ...base, steering: readStrategy("strategies", strategy) };
    this.seed = base.seed;
  }

  next(): Plan {
    const { steering } = this.base;
    const seed = this.seed++;
    return steering.by === "pct"
      ? { ...this.base, seed, steering: { ...steering, length: this.length } }
      : { ...this.base, seed };
  }

  /** Not from runs by priorities, which last longer the longer they may starve somebody. */
  readonly learn = (operations: number, way: Steering): void => {
    if (way.by !== "pct" || this.length === 1) {
      this.length = Math.max(this.length, operations);
    }
  };
}

/** All sets of deviations, smaller ones first. */
export class ByDeviations implements Explorer {
  private readonly base: Plan;
  private readonly depth: number;
  private readonly most: number;
  private readonly preemptions: boolean;
  private waiting: Array<ReadonlyArray<Deviation>> = [[]];
  private nextPlace = 0;
  private current: ReadonlyArray<Deviation> = [];

  constructor(base: Plan, options: {
    readonly depth: number;
    readonly most: number;
    readonly preemptions?: boolean;
  }) {
    this.base = base;
    this.depth = options.depth;
    this.most = options.most;
    this.preemptions = options.preemptions ?? true;
  }

  next(): Plan | undefined {
    const deviations = this.waiting[this.nextPlace];
    if (deviations === undefined) return undefined;
    this.nextPlace++;
    this.current = deviations;
    return { ...this.base, steering: { by: "steps", deviations } };
  }

  readonly offer = (deviation: Deviation): void => {
    if (
      this.current.length < this.depth && this.waiting.length < this.most &&
      (this.preemptions || "choice" in deviation)
    ) this.waiting.push([...this.current, deviation]);
  };
}
