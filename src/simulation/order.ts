/**
 * What is ready to run, and which of it goes next.
 *
 * @module
 */
import type * as Scheduler from "effect/Scheduler";
import { Ring } from "../internal/ring.ts";
import type { AnyFiber, FiberState } from "./fibers.ts";

/** Something that is ready. */
export interface Task {
  readonly run: () => void;
  /** The fiber that it lets go on, as far as it is known: it may be some that wait for the same. */
  readonly fiber: FiberState | undefined;
}

/** Decides which task goes next. */
export interface Order {
  /** Whether nothing is ready. */
  readonly isIdle: boolean;
  /** A scheduler's dispatcher, as each fiber has one. */
  dispatcher(): Scheduler.SchedulerDispatcher;
  /** Adds a timer that is due. */
  add(task: Task): void;
  /** Takes the next task out. */
  next(): Task | undefined;
  /** Whether a fiber lets others go first before its next operation. */
  yields(fiber: AnyFiber, state: FiberState): boolean;
}

/** Tasks that run together, unless others of theirs come first. */
interface Activation {
  drain(): ReadonlyArray<Task>;
}

/**
 * The order of Effect's own scheduler: a fiber's dispatcher becomes active when it is given a task; active ones take turns, and
 * each runs all that it has, by priority.
 */
export class LiveOrder implements Order {
  private readonly activations = new Ring<Activation>();
  private current: ReadonlyArray<Task> = [];
  private nextTask = 0;

  get isIdle(): boolean {
    return this.nextTask === this.current.length &&
      this.activations.size === 0;
  }

  dispatcher(): Scheduler.SchedulerDispatcher {
    return new LiveDispatcher((activation) =>
      this.activations.push(activation)
    );
  }

  add(task: Task): void {
    this.activations.push({ drain: () => [task] });
  }

  next(): Task | undefined {
    if (this.nextTask === this.current.length) {
      if (this.activations.size === 0) return undefined;
      this.current = this.activations.shift().drain();
      this.nextTask = 0;
    }
    return this.current[this.nextTask++];
  }

  yields(fiber: AnyFiber): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield;
  }
}

class LiveDispatcher implements Scheduler.SchedulerDispatcher, Activation {
  private tasks: Array<Task & { readonly priority: number }> = [];
  private hasPriorities = false;

  constructor(private readonly activate: (self: Activation) => void) {}

  scheduleTask(run: () => void, priority: number): void {
    if (this.tasks.length === 0) this.activate(this);
    if (priority !== 0) this.hasPriorities = true;
    this.tasks.push({ run, priority, fiber: undefined });
  }

  drain(): ReadonlyArray<Task> {
    const { tasks } = this;
    if (this.hasPriorities) tasks.sort((a, b) => a.priority - b.priority);
    this.tasks = [];
    this.hasPriorities = false;
    return tasks;
  }

  flush(): void {}
}
