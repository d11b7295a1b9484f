/**
 * Jobs that keep a record of themselves.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { ok, strictEqual } from "node:assert/strict";
import { type Dice, monotonic, pause } from "../support/dice.ts";

/** How something ended. */
export type End = Exit.Exit<unknown, unknown>;

/** What a job does. */
interface Work {
  readonly takes: number;
  /** How long its finalizer takes. */
  readonly closes: number;
  readonly end: "succeeds" | "fails" | "dies" | "interrupts itself";
  /** Whether it cannot be interrupted. */
  readonly stubborn: boolean;
}

/** All jobs of a pool, as they are seen from within. */
export class Stage {
  running = 0;
  /** The most that ran at once. */
  most = 0;
  readonly starts: Array<{ readonly at: number; readonly cost: number }> = [];
}

/** A job, how it is asked for, and what becomes of it. */
export class Trial {
  begun = 0;
  ended = 0;
  /** How it ended, as it saw it itself. */
  seen: End | undefined;
  /** What it does besides its work. */
  deed: Effect.Effect<void> = Effect.void;
  /** How many were told that they ended it. */
  cancels = 0;
  private left = false;
  private askedAt: number | undefined;
  private startedAt: number | undefined;

  constructor(
    private readonly stage: Stage,
    readonly work: Work,
    readonly options: Limiter.TurnOptions,
    /** The job that asks for it. */
    private readonly parent: Trial | undefined,
  ) {}

  static draw(dice: Dice, stage: Stage, parent: Trial | undefined): Trial {
    const work: Work = {
      takes: dice.pause(10),
      closes: dice.happens(0.2) ? dice.whole(1, 5) : 0,
      end: dice.happens(0.5)
        ? "succeeds"
        : dice.pick("fails", "dies", "interrupts itself"),
      stubborn: dice.happens(0.15),
    };
    // A job that waited without an end for another one could wait for itself.
    const hurried = parent !== undefined || dice.happens(0.3);
    return new Trial(stage, work, {
      ...(dice.happens(0.3) && { priority: dice.whole(-1, 1) }),
      ...(dice.happens(0.3) && { cost: dice.whole(1, 4) }),
      ...(hurried && { maxWait: dice.pause(20) }),
    }, parent);
  }

  get isRunning(): boolean {
    return this.begun > this.ended;
  }

  /** Whether somebody asked for its end. */
  get unwanted(): boolean {
    return this.left || this.orphaned;
  }

  /** Whether somebody asked for the end of the job that asked for it. */
  get orphaned(): boolean {
    return this.parent?.unwanted === true;
  }

  /** Notes that somebody asks for its end. */
  leave(): void {
    this.left = true;
  }

  /** Notes that somebody asks for it now. */
  readonly ask: Effect.Effect<void> = Effect.map(monotonic, (at) => {
    this.askedAt = at;
  });

  readonly effect: Effect.Effect<Trial, unknown> = Effect.suspend(() =>
    Effect.acquireUseRelease(
      this.begin,
      () => this.use,
      (_, exit) => Effect.andThen(pause(this.work.closes), this.finish(exit)),
    )
  );

  /** Fails unless it may have ended so. */
  check(exit: End, lateness: number): void {
    ok(this.begun <= 1, "a job ran twice");
    strictEqual(this.ended, this.begun, "a job that has ended runs");
    this.checkPatience(lateness);
    if (this.begun === 0) return this.checkRefusal(exit);
    if (this.unwanted && Exit.hasInterrupts(exit)) return;
    strictEqual(kindOf(exit), kindOf(this.seen!), "a job ended otherwise");
    if (Exit.isSuccess(exit)) strictEqual(exit.value, this);
  }

  private get begin(): Effect.Effect<void> {
    return Effect.map(monotonic, (at) => {
      const { stage } = this;
      this.begun++;
      this.startedAt = at;
      stage.starts.push({ at, cost: this.options.cost ?? 1 });
      stage.most = Math.max(stage.most, ++stage.running);
    });
  }

  private get use(): Effect.Effect<Trial, unknown> {
    const { end, stubborn, takes } = this.work;
    const ends: Record<Work["end"], Effect.Effect<Trial, unknown>> = {
      "succeeds": Effect.succeed(this),
      "fails": Effect.fail("failed"),
      "dies": Effect.die("died"),
      "interrupts itself": Effect.interrupt,
    };
    const work = pause(takes).pipe(
      Effect.andThen(this.deed),
      Effect.andThen(ends[end]),
    );
    return stubborn ? Effect.uninterruptible(work) : work;
  }

  private finish(exit: End): Effect.Effect<void> {
    return Effect.sync(() => {
      this.ended++;
      this.seen = exit;
      this.stage.running--;
    });
  }

  private checkRefusal(exit: End): void {
    ok(Exit.isFailure(exit), "a job that never began gave a result");
    if (Cause.hasInterruptsOnly(exit.cause)) {
      return ok(this.unwanted, "a job was cancelled that nobody cancelled");
    }
    const error = Cause.squash(exit.cause);
    const { cost = 1, maxWait } = this.options;
    ok(
      error instanceof Limiter.WaitTimeout && maxWait !== undefined ||
        error instanceof Limiter.CostExceedsLimit && cost > 1,
      `a job was refused with ${error}`,
    );
  }

  /** A job does not begin when its patience is over, but for timers that are late. */
  private checkPatience(lateness: number): void {
    const { askedAt, options: { maxWait }, startedAt } = this;
    if (startedAt === undefined || typeof maxWait !== "number") return;
    const waited = startedAt - askedAt!;
    ok(
      waited <= maxWait + lateness,
      `a job with a patience of ${maxWait} ms began after ${waited} ms`,
    );
  }
}

/** How something ended, without what. */
function kindOf(exit: End): string {
  return Exit.isSuccess(exit)
    ? "Success"
    : exit.cause.reasons.map(({ _tag }) => _tag).join();
}
