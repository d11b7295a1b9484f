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
import { type Armory, CurrentArmory } from "../internal/fault_point.ts";
import { Chance } from "./chance.ts";
import { Exploration } from "./exploration.ts";
import {
  type AnyFiber,
  FiberState,
  mark,
  Population,
  stateOf,
} from "./fibers.ts";
import { goInside, type Inside } from "./globals.ts";
import type { Part } from "./labels.ts";
import type { FiberInfo, Sickness } from "./model.ts";
import type { Order } from "./order.ts";
import type { Bounds, Plan } from "./plan.ts";
import { Timers } from "./timers.ts";

/** Told of what happens in a run. */
export interface Witness {
  /** A run begins. */
  start(clock: { readonly now: number }): void;
  /** A fiber was made. */
  born(state: FiberState): void;
  /** A fiber lets others go first, though it did not ask to. */
  stops(state: FiberState): void;
  /** A fiber goes to sleep. */
  sleeps(state: FiberState, millis: number): void;
  /** A fiber goes to wait. */
  waits(state: FiberState, register: Part): void;
  /** The run is over. */
  end(): void;
}

interface Sleep {
  readonly at: number;
  readonly number: number;
  cancelled: boolean;
  readonly fiber: FiberState | undefined;
  readonly wake: () => void;
}

/** How many operations there may be for each step. */
const operationsPerStep = 10;
const armed = 0.25;

/** A run. */
export class World<A, E> implements Inside, Clock.Clock, Armory {
  now = 0;
  steps = 0;
  operations = 0;
  sickness: Sickness | undefined;
  exit: Exit.Exit<A, E> | undefined;
  /** What woke a fiber after the end: something outside. */
  late: FiberInfo | undefined;
  /** The program's own fiber. */
  root: FiberState | undefined;
  readonly chance: Chance;
  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() =>
    this.currentTimeMillisUnsafe()
  );
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() =>
    this.currentTimeNanosUnsafe()
  );
  readonly monotonicTimeNanos: Effect.Effect<bigint> = this.currentTimeNanos;
  private readonly timers = new Timers<Sleep>();
  private readonly population = new Population();
  private readonly lateness: Chance;
  private readonly faultChance: Chance;
  private readonly sites = new Map<string, boolean>();
  private readonly witness: Witness | undefined;
  private readonly services: Context.Context<never>;
  private timerNumber = 0;
  /** The fiber that the run itself let go on, so that nothing else goes on when it waits. */
  private driven: FiberState | undefined;
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
      readonly context?: Context.Context<never> | undefined;
    } = {},
  ) {
    this.witness = options.witness;
    this.services = options.context ?? Context.empty();
    this.witness?.start(this);
    this.chance = new Chance(plan.seed, "globals");
    this.lateness = new Chance(plan.seed, "lateness");
    this.faultChance = new Chance(plan.seed, "faults");
  }

  /** Runs a program to its end. Only within `withGlobals`. */
  run(program: Effect.Effect<A, E>): void {
    goInside(this, () => {
      const root = Effect.runForkWith(this.context())(program, {
        scheduler: this.scheduler(),
      });
      root.addObserver((exit) => this.exit = exit);
      this.drive();
      this.over = true;
      this.witness?.end();
    });
  }

  /** A hash of which fiber went on when. */
  get fingerprint(): string {
    return [this.hash1, this.hash2, this.operations, Math.round(this.now * 1e6)]
      .map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("");
  }

  // What is inside

  enroll(fiber: object): number {
    const parent = stateOf(Fiber.getCurrent());
    const state = new FiberState(
      this.population.count,
      fiber as AnyFiber,
      parent,
      this.now,
    );
    mark(fiber, state);
    this.population.add(state);
    if (this.root === undefined) this.root = this.driven = state;
    if (this.order instanceof Exploration) this.order.newborn = state;
    this.witness?.born(state);
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
      stack: callSite(),
    };
  }

  fires(site: string): boolean {
    const { faults } = this.plan;
    if (faults === undefined || this.now >= faults.until) return false;
    let isArmed = this.sites.get(site);
    if (isArmed === undefined) {
      isArmed = this.faultChance.next() < armed;
      this.sites.set(site, isArmed);
    }
    return isArmed && this.faultChance.next() < faults.chance;
  }

  // The clock

  currentTimeMillisUnsafe(): number {
    return Math.floor(this.now);
  }

  currentTimeNanosUnsafe(): bigint {
    return BigInt(Math.round(this.now * 1e6));
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe();
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const ms = Duration.toMillis(duration);
    if (ms <= 0) return Effect.yieldNow;
    if (!Number.isFinite(ms)) return Effect.never;
    return Effect.suspend(() => this.sleepMillis(ms));
  }

  private sleepMillis(ms: number): Effect.Effect<void> {
    const { plan: { stepCost, timerJitter } } = this;
    const fiber = stateOf(Fiber.getCurrent());
    const late = timerJitter > 0 ? this.lateness.next() * timerJitter : 0;
    // On a grid of nanoseconds, so that errors of fractions do not add up to wrong milliseconds.
    const at = Math.round((this.now + ms + late) * 1e6) / 1e6;
    if (fiber !== undefined) this.witness?.sleeps(fiber, at - this.now);
    if (
      fiber !== undefined && fiber === this.driven && stepCost === 0 &&
      this.passes(at)
    ) {
      this.countStep(fiber);
      return Effect.void;
    }
    const set = (wake: () => void) => this.setTimer(at, fiber, wake);
    // The name is what a report calls this wait.
    return Effect.callback(function sleep(resume) {
      return set(() => resume(Effect.void));
    });
  }

  private setTimer(
    at: number,
    fiber: FiberState | undefined,
    wake: () => void,
  ): Effect.Effect<void> {
    const number = this.timerNumber++;
    const timer: Sleep = { at, number, cancelled: false, fiber, wake };
    this.timers.push(timer);
    return Effect.sync(() => {
      if (timer.at > this.now) this.timers.cancel(timer);
    });
  }

  /** Whether nothing else happens until then, so that time has passed already. */
  private passes(at: number): boolean {
    const next = this.timers.peek();
    if (
      !this.order.isIdle || at > this.bounds.maxTime || this.exit ||
      next !== undefined && next.at <= at
    ) return false;
    this.advance(at);
    return true;
  }

  // The loop

  private drive(): void {
    for (;;) {
      if (this.escaped !== undefined) return this.stop(this.escaped);
      if (this.plan.stepCost > 0) this.fireDue();
      const task = this.order.next();
      if (task !== undefined) {
        if (this.isStuck) {
          return this.exit ? this.judgeLeaks() : this.stop({
            _tag: "Livelock",
            fibers: this.alive,
          });
        }
        this.driven = task.fiber;
        this.countStep(task.fiber);
        task.run();
        if (this.plan.stepCost > 0) this.now += this.plan.stepCost;
      } else if (this.exit !== undefined) {
        return this.judgeLeaks();
      } else {
        const next = this.timers.peek();
        if (next === undefined) {
          return this.stop({ _tag: "Deadlock", fibers: this.alive });
        }
        if (next.at > this.bounds.maxTime) {
          this.now = this.bounds.maxTime;
          return this.stop({ _tag: "TimeLimit", fibers: this.alive });
        }
        this.advance(next.at);
        this.fireDue();
      }
    }
  }

  private fireDue(): void {
    for (;;) {
      const timer = this.timers.peek();
      if (timer === undefined || timer.at > this.now) return;
      this.timers.pop();
      this.order.add({ run: timer.wake, fiber: timer.fiber });
    }
  }

  private advance(at: number): void {
    this.now = Math.max(this.now, at);
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
    return Context.merge(
      Context.make(Clock.Clock, this as Clock.Clock).pipe(
        Context.add(Random.Random, randomOf(this.plan.seed)),
        Context.add(Metric.MetricRegistry, new Map()),
        Context.add(CurrentArmory, this.plan.faults && this),
      ),
      this.services,
    );
  }
}

function randomOf(seed: number): Context.Service.Shape<typeof Random.Random> {
  const chance = new Chance(seed, "program");
  const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
  return {
    nextDoubleUnsafe: () => chance.next(),
    nextIntUnsafe: () => Math.floor(chance.next() * (max - min + 1)) + min,
  };
}

function outsider(now: number): FiberInfo {
  return {
    id: 0,
    waitsIn: "nothing, it is not a fiber of the run",
    since: Duration.millis(now),
  };
}

const here = new URL(".", import.meta.url).href;

/** The frames of whoever called, without those of Effect. */
function callSite(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const lines = stack.split("\n").map((line) => line.trim()).slice(1);
  const start = lines.findIndex((line) => !line.includes(here));
  const length = lines.slice(start).findIndex((line) => line.includes(here));
  return lines.slice(start, start + length)
    .filter((line) => !/\/effect\/[^/]*\/?(dist|src)\//.test(line))
    .slice(0, 5).join("\n");
}
