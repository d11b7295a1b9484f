/**
 * Orders that the live scheduler might have had, or that another could have.
 *
 * @module
 */
import * as Fiber from "effect/Fiber";
import type * as Scheduler from "effect/Scheduler";
import type { Chance } from "./chance.ts";
import {
  type AnyFiber,
  type FiberState,
  ReadyTask,
  stateOf,
} from "./fibers.ts";
import type { Order, Task } from "./order.ts";

/** A choice that differs from letting a fiber run on until it waits, and then whoever has been ready for longest. */
export type Deviation =
  /** At the `choice`-th decision between several, another than the first goes on. */
  | { readonly decision: number; readonly choice: number }
  /** A fiber lets others go first before its `operation`-th operation. */
  | { readonly fiber: number; readonly operation: number };

/** Chooses. */
export interface Way {
  /** Which of several tasks goes next; they stand in the order in which they became ready. */
  choose(tasks: ReadonlyArray<ReadyTask>, usual: number): number;
  /** Whether a fiber lets others go first before its next operation. */
  preempts(state: FiberState, othersGoOn: boolean): boolean;
}

/** Any task may go next, and a fiber may have to let others go first, as a {@linkcode Way} has it. */
export class Exploration implements Order, Scheduler.SchedulerDispatcher {
  /** Told of each deviation. */
  onDeviation: ((deviation: Deviation) => void) | undefined;
  /** The fiber that was made, but has not started. */
  newborn: FiberState | undefined;
  private readonly tasks: Array<ReadyTask> = [];
  private readonly way: Way;
  /** The fiber that runs on unless a way has another go. */
  private last: FiberState | undefined;
  /** The fiber that was let go on. */
  private current: FiberState | undefined;
  private decisions = 0;

  constructor(way: Way) {
    this.way = way;
  }

  get isIdle(): boolean {
    return this.tasks.length === 0;
  }

  dispatcher(): Scheduler.SchedulerDispatcher {
    return this;
  }

  scheduleTask(run: () => void): void {
    const from = stateOf(Fiber.getCurrent());
    const owner = this.newborn?.hasEnded ? undefined : this.newborn;
    const task = new ReadyTask(run, owner, from, from?.op ?? -1);
    if (from !== undefined) from.latest = task;
    this.tasks.push(task);
    this.newborn = undefined;
  }

  flush(): void {}

  add({ run, fiber }: Task): void {
    this.tasks.push(new ReadyTask(run, fiber, undefined, -1));
  }

  next(): Task | undefined {
    const { tasks } = this;
    if (tasks.length === 0) return undefined;
    let chosen = 0;
    if (tasks.length > 1) {
      const usual = this.usual();
      chosen = this.way.choose(tasks, usual);
      if (chosen !== usual) {
        this.onDeviation?.({
          decision: this.decisions,
          choice: chosen < usual ? chosen + 1 : chosen,
        });
      }
      this.decisions++;
    }
    const task = tasks[chosen]!;
    tasks.splice(chosen, 1);
    this.current = task.fiber;
    if (this.current?.latest === task) this.current.latest = undefined;
    this.last = this.current;
    return task;
  }

  yields(fiber: AnyFiber, state: FiberState): boolean {
    this.last = state;
    // Before its first operation a fiber has not yet taken what it was woken with, and the live scheduler never stops it there.
    if (fiber.currentOpCount === 1) {
      if (state.id === 0 && state.operations === 1) this.current = state;
      this.newborn = undefined;
      return false;
    }
    // Whoever started or woke this fiber from within goes on, too, if it stops.
    const othersGoOn = this.tasks.length > 0 || state !== this.current;
    if (this.way.preempts(state, othersGoOn)) {
      this.onDeviation?.({ fiber: state.id, operation: state.operations });
      this.last = undefined;
      return true;
    }
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield;
  }

  /** The place of the task that lets the last fiber run on, or else of the one that has been ready for longest. */
  private usual(): number {
    const { last, tasks } = this;
    const latest = last?.latest;
    if (latest === undefined || latest.fiber !== last) return 0;
    return Math.max(0, tasks.lastIndexOf(latest));
  }
}

/** Any, by chance. */
export class RandomWay implements Way {
  constructor(
    private readonly chance: Chance,
    private readonly preemption: number,
  ) {}

  choose(tasks: ReadonlyArray<ReadyTask>): number {
    return this.chance.below(tasks.length);
  }

  preempts(_state: FiberState, othersGoOn: boolean): boolean {
    return this.preemption > 0 && othersGoOn &&
      this.chance.next() < this.preemption;
  }
}

/** The highest priority, which changes at some operations; by chance once that has gone on for too long, lest some starve. */
export class PriorityWay implements Way {
  private readonly changes = new Map<number, number>();
  private decisions = 0;

  constructor(
    private readonly chance: Chance,
    depth: number,
    private readonly length: number,
  ) {
    for (let i = 1; i < depth; i++) {
      this.changes.set(1 + chance.below(length), -i);
    }
  }

  choose(tasks: ReadonlyArray<ReadyTask>): number {
    if (++this.decisions > 1000 + 10 * this.length) {
      return this.chance.below(tasks.length);
    }
    let best = 0;
    let highest = -Infinity;
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!;
      const holder = task.fiber ?? task;
      const priority = holder.priority ??= this.chance.next();
      if (priority > highest) {
        best = i;
        highest = priority;
      }
    }
    return best;
  }

  preempts(state: FiberState, othersGoOn: boolean): boolean {
    const priority = this.changes.get(state.op);
    if (priority === undefined) return false;
    state.priority = priority;
    return othersGoOn;
  }
}

/** As deviations have it, and told of those that could be added at the end. */
export class SteeredWay implements Way {
  private readonly choices = new Map<number, number>();
  private readonly preemptions = new Set<string>();
  private decisions = 0;
  /** How many deviations were not come to yet. */
  left: number;

  constructor(
    deviations: ReadonlyArray<Deviation>,
    private readonly offer: ((deviation: Deviation) => void) | undefined,
  ) {
    this.left = deviations.length;
    for (const deviation of deviations) {
      if ("choice" in deviation) {
        this.choices.set(deviation.decision, deviation.choice);
      } else {
        this.preemptions.add(`${deviation.fiber}:${deviation.operation}`);
      }
    }
  }

  choose(tasks: ReadonlyArray<ReadyTask>, usual: number): number {
    const decision = this.decisions++;
    const choice = this.choices.get(decision);
    if (choice === undefined || choice >= tasks.length) {
      if (this.offer && this.left === 0) {
        for (let i = 1; i < tasks.length; i++) {
          this.offer({ decision, choice: i });
        }
      }
      return usual;
    }
    this.left--;
    return choice <= usual ? choice - 1 : choice;
  }

  preempts(state: FiberState, othersGoOn: boolean): boolean {
    const { id: fiber, operations: operation } = state;
    if (
      this.preemptions.size > 0 &&
      this.preemptions.has(`${fiber}:${operation}`)
    ) {
      this.left--;
      return true;
    }
    if (this.offer && this.left === 0 && othersGoOn) {
      this.offer({ fiber, operation });
    }
    return false;
  }
}
