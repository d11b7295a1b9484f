/**
 * One run: its time, its fibers, its chance.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Metric from "effect/Metric";
import * as Random from "effect/Random";
import type * as Scheduler from "effect/Scheduler";
import { CurrentArmory } from "../internal/armory.ts";
import { CurrentMonitors } from "../internal/monitors.ts";
import { callSite } from "./call_site.ts";
import { Chance, randomOf } from "./chance.ts";
import { type Sleepers, VirtualClock } from "./clock.ts";
import type { Collector } from "./collector.ts";
import { Exploration } from "./exploration.ts";
import {
  type AnyFiber,
  FiberState,
  mark,
  Population,
  stateOf,
} from "./fibers.ts";
import { armoryOf } from "./faults.ts";
import { goInside, type Inside } from "./globals.ts";
import type { Part } from "./labels.ts";
import type { FiberInfo, Sickness } from "./model.ts";
import type { Order } from "./order.ts";
import type { Bounds, Plan } from "./plan.ts";
import { CurrentStreams, Streams } from "./streams.ts";

/** Told of what happens in a run. */
export interface Witness {
  /** A run begins. */
  start(clock: { readonly now: number }): void;
  /** A fiber was made, by another or from outside. */
  born(state: FiberState, parent: FiberState | undefined): void;
  /** A fiber lets others go first, though it did not ask to. */
  stops(state: FiberState): void;
  /** A fiber goes to sleep. */
  sleeps(state: FiberState, millis: number): void;
  /** A fiber goes to wait. */
  waits(state: FiberState, register: Part): void;
  /** The run is over. */
  end(): void;
}

/** How many operations there may be for each step. */
const operationsPerStep = 10;

/** A run. */
export class World<A, E> implements Inside, Sleepers {
  steps = 0;
  operations = 0;
  sickness: Sickness | undefined;
  exit: Exit.Exit<A, E> | undefined;
  /** What woke a fiber after the end: something outside. */
  late: FiberInfo | undefined;
  /** The program's own fiber. */
  root: FiberState | undefined;
  readonly chance: Chance;
  private readonly clock: VirtualClock;
  private readonly population = new Population();
  private readonly witness: Witness | undefined;
  private readonly collector: Collector | undefined;
  private readonly services: Context.Context<never>;
  /** The fiber that the run itself let go on, so that nothing else goes on when it waits. */
  private driven: FiberState | undefined;
  /** The fiber that went on first since then: whatever goes on within it may be what it wakes. */
  private outermost: FiberState | undefined;
  private over = false;
  private escaped: Sickness | undefined;
  /** Since when time has not passed. */
  private stepsAtNow = 0;
  private operationsAtNow = 0;
  private hash1 = 0x811c9dc5;
  private hash2 = 0x9e3779b9;

  constructor(
    private readonly plan: Plan,
    private readonly bounds: Bounds,
    private readonly order: Order,
    options: {
      readonly witness?: Witness | undefined;
      readonly collector?: Collector | undefined;
      readonly context?: Context.Context<never> | undefined;
    } = {},
  ) {
    this.witness = options.witness;
    this.collector = options.collector;
    this.services = options.context ?? Context.empty();
    this.witness?.start(this);
    this.chance = new Chance(plan.seed, "globals");
    this.clock = new VirtualClock(plan, this);
  }

  /** Runs a program to its end. Only within `withGlobals`. */
  run(program: Effect.Effect<A, E>): void {
    goInside(this, () => {
      try {
        const root = Effect.runForkWith(this.context())(program, {
          scheduler: this.scheduler(),
        });
        root.addObserver((exit) => this.exit = exit);
        this.drive();
      } catch (error) {
        // Thrown by an observer, outside of any fiber: live, that would end the process.
        this.exit = Exit.die(error);
      }
      this.over = true;
      this.witness?.end();
    });
  }

  /** Virtual time, in milliseconds. */
  get now(): number {
    return this.clock.now;
  }

  /** A hash of which fiber went on when. */
  get fingerprint(): string {
    return [this.hash1, this.hash2, this.operations, Math.round(this.now * 1e6)]
      .map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("");
  }

  // What is inside

  enroll(fiber: object): number {
    const state = new FiberState(
      this.population.count,
      fiber as AnyFiber,
      this.now,
    );
    mark(fiber, state);
    this.population.add(state);
    if (this.root === undefined) this.root = this.driven = state;
    if (this.order instanceof Exploration) this.order.newborn = state;
    this.witness?.born(state, stateOf(Fiber.getCurrent()));
    return state.id;
  }

  waits(fiber: object, register: Part): void {
    const state = stateOf(fiber);
    if (state === undefined) return;
    state.waitsIn = register;
    state.since = this.now;
    this.witness?.waits(state, register);
  }

  escape(api: string): void {
    const fiber = stateOf(Fiber.getCurrent());
    this.escaped ??= {
      _tag: "RealAsync",
      api,
      fiber: fiber?.info ?? outsider(this.now),
      stack: callSite() || (fiber?.places ?? ""),
    };
  }

  // What the clock asks

  sleeps(fiber: FiberState, millis: number): void {
    this.witness?.sleeps(fiber, millis);
  }

  passes(fiber: FiberState, at: number): boolean {
    if (
      fiber !== this.driven || fiber !== this.outermost ||
      this.plan.stepCost > 0 || this.exit ||
      !this.order.isIdle || at <= this.now || at > this.bounds.maxTime ||
      at >= this.clock.nextAt
    ) return false;
    this.advance(at);
    this.countStep(fiber);
    // As if it had been woken: what a fiber may do in a row counts from there.
    (fiber.fiber as { currentOpCount: number }).currentOpCount = 0;
    return true;
  }

  // The loop

  private drive(): void {
    for (;;) {
      if (this.escaped !== undefined) return this.stop(this.escaped);
      if (this.plan.stepCost > 0) this.fireDue();
      const task = this.order.next();
      if (task !== undefined) {
        if (this.now > this.bounds.maxTime && this.exit === undefined) {
          return this.stop({ _tag: "TimeLimit", fibers: this.alive });
        }
        if (this.isStuck) {
          return this.exit ? this.judgeLeaks() : this.stop({
            _tag: "Livelock",
            fibers: this.alive,
          });
        }
        this.driven = task.fiber;
        this.outermost = undefined;
        this.countStep(task.fiber);
        task.run();
        this.clock.now += this.plan.stepCost;
      } else if (this.exit !== undefined) {
        return this.judgeLeaks();
      } else {
        const { nextAt } = this.clock;
        if (nextAt === Infinity) {
          return this.stop({ _tag: "Deadlock", fibers: this.alive });
        }
        if (nextAt > this.bounds.maxTime) {
          this.clock.now = this.bounds.maxTime;
          return this.stop({ _tag: "TimeLimit", fibers: this.alive });
        }
        this.advance(nextAt);
        this.fireDue();
      }
    }
  }

  /** Makes ready what is due. */
  private fireDue(): void {
    for (let t = this.clock.take(); t !== undefined; t = this.clock.take()) {
      this.order.add(t);
    }
  }

  private advance(at: number): void {
    if (at <= this.now) return;
    this.collector?.passes(at);
    this.clock.now = at;
    this.stepsAtNow = this.steps;
    this.operationsAtNow = this.operations;
  }

  private get isStuck(): boolean {
    const { maxSteps } = this.bounds;
    return this.steps - this.stepsAtNow >= maxSteps ||
      this.operations - this.operationsAtNow >= maxSteps * operationsPerStep;
  }

  private countStep(fiber: FiberState | undefined): void {
    this.steps++;
    const id = fiber === undefined ? -1 : fiber.id;
    this.hash1 = Math.imul(this.hash1 ^ id, 0x01000193) ^ this.operations;
    this.hash2 = Math.imul(this.hash2 ^ (this.now * 1000), 0x85ebca6b) ^
      this.hash1 >>> 13;
  }

  /** What is ready when the program ends may still end by itself. */
  private judgeLeaks(): void {
    const fibers = this.alive;
    if (fibers.length > 0 && this.bounds.leaksFail) {
      this.sickness = { _tag: "LeakedFibers", fibers };
    }
  }

  private stop(sickness: Sickness): void {
    this.sickness = sickness;
  }

  private get alive(): ReadonlyArray<FiberInfo> {
    return this.population.alive.map((state) => state.info);
  }

  private scheduler(): Scheduler.Scheduler {
    const { order } = this;
    return {
      executionMode: "async",
      makeDispatcher: () => order.dispatcher(),
      shouldYield: (fiber) => {
        const state = stateOf(fiber);
        if (state === undefined || this.over) {
          this.late ??= state?.info ?? outsider(this.now);
          return true;
        }
        this.outermost ??= state;
        state.op = ++this.operations;
        state.operations++;
        if (fiber.currentOpCount === 1) state.waitsIn = undefined;
        const yields = order.yields(fiber, state);
        if (yields) this.witness?.stops(state);
        return yields;
      },
    };
  }

  private context(): Context.Context<never> {
    return Context.make(Clock.Clock, this.clock as Clock.Clock).pipe(
      Context.add(Random.Random, randomOf(this.plan.seed)),
      Context.add(Metric.MetricRegistry, new Map()),
      Context.add(CurrentArmory, armoryOf(this.plan, this)),
      Context.add(CurrentStreams, new Streams(this.plan.seed)),
      Context.add(CurrentMonitors, this.collector),
      Context.merge(this.services),
    );
  }
}

function outsider(now: number): FiberInfo {
  return {
    id: 0,
    waitsIn: "nothing, it is not a fiber of the run",
    since: Duration.millis(now),
  };
}
