/**
 * Cuts a run that went wrong down to the fewest deviations.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import { execute, type Execution, type Listeners } from "./execution.ts";
import type { Deviation } from "./exploration.ts";
import { ByDeviations } from "./explorer.ts";
import { failureOf } from "./failure.ts";
import type { Bounds, Plan } from "./plan.ts";

/** A way to go wrong. */
export interface Shrunk {
  readonly plan: Plan;
  /** The weakest strategy that shows it. */
  readonly strategy: "live" | "random" | "preemptive";
  readonly deviations: ReadonlyArray<Deviation>;
}

const mostRuns = 2000;
const mostOperations = 1_000_000;

/** Looks for smaller runs that go wrong in the same way. */
export class Shrinker<A, E> {
  private readonly failure: string | undefined;
  private readonly base: Plan;

  constructor(
    private readonly program: Effect.Effect<A, E>,
    private readonly bounds: Bounds,
    private readonly found: Execution<A, E>,
    private readonly plan: Plan,
    private readonly listeners: Listeners,
  ) {
    this.failure = failureOf(found.run);
    this.base = { ...plan, steering: { by: "steps", deviations: [] } };
  }

  /** Pauses after each run. */
  *shrink(): Generator<undefined, Shrunk> {
    const live: Plan = { ...this.plan, steering: { by: "live" } };
    if (this.plan.steering.by === "live" || this.fails(live)) {
      return { plan: live, strategy: "live", deviations: [] };
    }
    yield;
    for (const strategy of ["random", "preemptive"] as const) {
      const preemptions = strategy === "preemptive";
      const deviations = yield* this.search(preemptions);
      if (deviations) return this.shrunk(strategy, deviations);
      const recorded = yield* this.cutDown();
      if (
        preemptions || !recorded.some((deviation) => "fiber" in deviation)
      ) return this.shrunk(strategy, recorded);
    }
    throw new Error("unreachable");
  }

  private shrunk(
    strategy: Shrunk["strategy"],
    deviations: ReadonlyArray<Deviation>,
  ): Shrunk {
    return { plan: this.steered(deviations), strategy, deviations };
  }

  private steered(deviations: ReadonlyArray<Deviation>): Plan {
    return { ...this.base, steering: { by: "steps", deviations } };
  }

  private fails(plan: Plan): boolean {
    const { run } = execute(this.program, plan, this.bounds, this.listeners);
    return failureOf(run) === this.failure;
  }

  /** The fewest deviations that go wrong, if there are few enough. */
  private *search(
    preemptions: boolean,
  ): Generator<undefined, ReadonlyArray<Deviation> | undefined> {
    const explorer = new ByDeviations(this.base, {
      depth: Infinity,
      most: mostRuns,
      preemptions,
    });
    let operations = 0;
    for (let plan = explorer.next(); plan; plan = explorer.next()) {
      const { run, world } = execute(this.program, plan, this.bounds, {
        ...this.listeners,
        offer: explorer.offer,
      });
      if (failureOf(run) === this.failure) {
        return plan.steering.by === "steps" ? plan.steering.deviations : [];
      }
      operations += world.operations;
      if (operations > mostOperations) return undefined;
      yield;
    }
    return undefined;
  }

  /**
   * The deviations of the run that was found, without those that it can do without, in ever smaller parts (Zeller,
   * Hildebrandt: Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28(2), 2002).
   */
  private *cutDown(): Generator<undefined, ReadonlyArray<Deviation>> {
    let kept: Array<Deviation> = [];
    const { world } = execute(this.program, this.plan, this.bounds, {
      ...this.listeners,
      deviates: (deviation) => kept.push(deviation),
    });
    yield;
    let operations = 0;
    for (let size = Math.ceil(kept.length / 2); size >= 1;) {
      let isSmaller = false;
      for (let start = 0; start < kept.length;) {
        const rest = kept.toSpliced(start, size);
        operations += world.operations;
        if (operations > 3 * mostOperations) return kept;
        if (this.fails(this.steered(rest))) {
          kept = rest;
          isSmaller = true;
        } else {
          start += size;
        }
        yield;
      }
      if (!isSmaller) size = size === 1 ? 0 : Math.ceil(size / 2);
    }
    return kept;
  }
}
