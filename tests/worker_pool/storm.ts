/**
 * Clients that put jobs of all kinds into one pool, and what must hold whatever happens.
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as Scope from "effect/Scope";
import { ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../support/dice.ts";
import {
  checkIdle,
  checkRate,
  drawLimit,
  type Limit,
  limiterOf,
} from "../support/limits.ts";
import { type End, Stage, Trial } from "./trial.ts";

/** How late timers may be in a storm. */
export const lateness = 2;

/** What happens in a storm besides jobs. */
export interface Weather {
  /** Whether the number of workers changes. */
  readonly resizes?: boolean;
  /** Whether the scope is closed in the middle, and not after all is done. */
  readonly closes?: boolean;
  /** Whether clients are interrupted. */
  readonly interrupts?: boolean;
}

type Handle = WorkerPool.Job<Trial, unknown>;
const all = { concurrency: "unbounded", discard: true } as const;

/** Runs a storm that is drawn by chance. */
export const storm = (weather: Weather): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const limit = drawLimit(dice);
    const limiter = yield* limiterOf(limit);
    const scope = yield* Scope.make();
    const workers = dice.whole(1, 3);
    const service = yield* WorkerPool.make({
      workers,
      capacity: dice.whole(1, 3),
      drain: dice.pick(0, 0, 5, Infinity),
    }).pipe(
      Effect.provideService(Limiter.Limiter, limiter),
      Scope.provide(scope),
    );
    const clouds = new Storm(dice, weather, service, scope, limit, workers);
    yield* clouds.run;
    yield* checkIdle(limiter);
  });

class Storm {
  private readonly stage = new Stage();
  private readonly trials: Array<Trial> = [];
  private readonly handles: Array<readonly [Handle, Trial]> = [];
  private readonly known = { completed: 0, failed: 0, cancelled: 0 };
  /** How many were interrupted as they asked, so that nobody knows what became of their jobs. */
  private unknown = 0;
  private closed = false;
  /** What went wrong where nobody hears of it. */
  private readonly faults: Array<unknown> = [];

  constructor(
    private readonly dice: Dice,
    private readonly weather: Weather,
    private readonly service: WorkerPool.Service,
    private readonly scope: Scope.Closeable,
    private readonly limit: Limit,
    private workers: number,
  ) {}

  get run(): Effect.Effect<void> {
    const { dice, weather } = this;
    const clients = dice.list(dice.whole(2, 4), () => this.client());
    const closing = weather.closes === true
      ? [Effect.andThen(pause(dice.pause(40)), this.close)]
      : [];
    const resizing = weather.resizes === true ? [this.resizes()] : [];
    return Effect.gen({ self: this }, function* () {
      yield* Effect.all([...clients, ...closing, ...resizing], all);
      if (!this.closed) {
        yield* this.service.awaitIdle;
        yield* this.checkWorkers;
        yield* this.close;
      }
      yield* this.checkCounts;
      for (const fault of this.faults) throw fault;
    });
  }

  private client(): Effect.Effect<void> {
    const deeds = this.dice.list(this.dice.whole(1, 3), () => this.deed());
    return Effect.all(deeds, { discard: true });
  }

  /** Hands in a job, which may hand in another one. */
  private deed(parent?: Trial): Effect.Effect<void> {
    const { dice } = this;
    const trial = Trial.draw(dice, this.stage, parent);
    this.trials.push(trial);
    if (parent === undefined && dice.happens(0.2)) {
      trial.deed = this.deed(trial);
    }
    const act = dice.happens(0.5) ? this.runs(trial) : this.submits(trial);
    return Effect.andThen(pause(dice.pause(8)), act);
  }

  private resizes(): Effect.Effect<void> {
    const resizes = this.dice.list(3, () => {
      const workers = this.dice.whole(1, 4);
      const resize = Effect.suspend(() => {
        this.workers = Math.max(this.workers, workers);
        return this.service.resize(workers);
      });
      return Effect.andThen(pause(this.dice.pause(8)), resize);
    });
    return Effect.all(resizes, { discard: true });
  }

  private runs(trial: Trial): Effect.Effect<void> {
    const run = this.service.run(trial.effect, trial.options);
    return Effect.asVoid(this.asks(trial, run, (exit) => {
      ok(!trial.isRunning, "run() has returned, and its job runs");
      this.count(trial, exit);
    }));
  }

  private submits(trial: Trial): Effect.Effect<void> {
    const submit = this.service.submit(trial.effect, trial.options);
    const asks = this.asks(trial, submit, (exit) => {
      if (Exit.isFailure(exit)) this.count(trial, exit);
      else this.handles.push([exit.value, trial]);
    });
    const acts = this.dice.pick<ReadonlyArray<"awaits" | "cancels">>(
      [],
      ["awaits"],
      ["cancels"],
      ["cancels", "awaits", "cancels"],
    );
    const wait = pause(this.dice.pause(5));
    return Effect.flatMap(
      asks,
      (exit) =>
        Exit.isFailure(exit) ? Effect.void : Effect.andThen(
          wait,
          Effect.all(acts.map((act) => this[act](exit.value, trial)), all),
        ),
    );
  }

  /** Asks the pool, and may be interrupted meanwhile. */
  private asks<A>(
    trial: Trial,
    asking: Effect.Effect<A, unknown>,
    claim: (exit: Exit.Exit<A, unknown>) => void,
  ): Effect.Effect<Exit.Exit<A, unknown>> {
    const ask = Effect.andThen(trial.ask, asking).pipe(
      Effect.onExit((exit) => this.claims(() => claim(exit))),
    );
    const { dice, weather } = this;
    const patience = weather.interrupts === true && dice.happens(0.5)
      ? dice.pause(15)
      : Infinity;
    if (patience === Infinity) return Effect.exit(ask);
    return Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(ask);
      yield* pause(patience);
      trial.leave();
      yield* Fiber.interrupt(fiber);
      return yield* Fiber.await(fiber);
    });
  }

  private awaits(handle: Handle, trial: Trial): Effect.Effect<void> {
    return Effect.flatMap(
      Effect.exit(handle.await),
      (exit) => this.claims(() => trial.check(exit, lateness)),
    );
  }

  private cancels(handle: Handle, trial: Trial): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      trial.leave();
      const first = yield* handle.cancel;
      const { status } = yield* handle.info;
      yield* this.claims(() => {
        ok(!trial.isRunning, "cancel has returned, and its job runs");
        if (first) strictEqual(status, "cancelled");
        if (first) trial.cancels++;
      });
    });
  }

  private get close(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.closed = true;
      for (const trial of this.trials) trial.leave();
      yield* Scope.close(this.scope, Exit.void);
      const { pending, running } = yield* this.service.stats;
      strictEqual(pending + running + this.stage.running, 0, "work is left");
      for (const [handle] of this.handles) {
        ok(Option.isSome(yield* handle.poll), "a job has no end");
      }
    });
  }

  /** Notes how a job ended that its caller saw the end of. */
  private count(trial: Trial, exit: End): void {
    if (isCancelled(exit) && (trial.unwanted || this.closed)) this.unknown++;
    else {
      trial.check(exit, lateness);
      this.known[statusOf(exit)]++;
    }
  }

  /** As many jobs run at once as there are workers. */
  private get checkWorkers(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { workers } = yield* this.service.stats;
      let together = 0;
      let most = 0;
      const job = Effect.sync(() => most = Math.max(most, ++together)).pipe(
        Effect.andThen(Effect.sleep("1 second")),
        Effect.andThen(Effect.sync(() => together--)),
      );
      const jobs = Array.from(
        { length: workers + 1 },
        () => this.service.run(job),
      );
      yield* Effect.all(jobs, all);
      this.known.completed += jobs.length;
      strictEqual(most, Math.min(workers, this.limit.concurrency ?? Infinity));
    });
  }

  private get checkCounts(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { known } = this;
      for (const [handle, trial] of this.handles) {
        const end = yield* handle.poll;
        const { status } = yield* handle.info;
        ok(Option.isSome(end), "a job has no end");
        trial.check(end.value, lateness);
        strictEqual(status, statusOf(end.value));
        known[status]++;
        ok(trial.cancels <= 1, "two have cancelled a job");
        const mayBeAlone = trial.work.end === "interrupts itself" ||
          trial.orphaned || this.weather.closes === true;
        if (status === "cancelled" && !mayBeAlone) {
          strictEqual(trial.cancels, 1, "nobody has cancelled a job");
        }
      }
      const { stage } = this;
      ok(stage.most <= Math.min(this.workers, this.limit.concurrency ?? 9));
      checkRate(this.limit, stage.starts);
      for (const trial of this.trials) {
        ok(trial.begun <= 1 && !trial.isRunning, "a job is lost or doubled");
      }
      const stats = yield* this.service.stats;
      let surplus = 0;
      for (const name of ["completed", "failed", "cancelled"] as const) {
        ok(stats[name] >= known[name], `${name}: ${stats[name]}`);
        surplus += stats[name] - known[name];
      }
      ok(surplus <= this.unknown, "more jobs have ended than there were");
    });
  }

  /** Checks something, perhaps within a job. */
  private claims(claim: () => void): Effect.Effect<void> {
    return Effect.sync(() => {
      try {
        claim();
      } catch (fault) {
        this.faults.push(fault);
      }
    });
  }
}

function isCancelled(exit: End): boolean {
  return Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause);
}

function statusOf(exit: End): "completed" | "failed" | "cancelled" {
  if (Exit.isSuccess(exit)) return "completed";
  return isCancelled(exit) ? "cancelled" : "failed";
}
