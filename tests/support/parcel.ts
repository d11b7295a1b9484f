/**
 * Items that keep a record of what is done to them.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Dice, monotonic, pause } from "./dice.ts";

/** All items of a run, as they are seen from within. */
export class Belt {
  running = 0;
  most = 0;
  /** Sources that are to be closed before items are interrupted: how many were opened, and closed. */
  opened = 0;
  closed = 0;
  readonly starts: Array<{ readonly at: number; readonly cost: 1 }> = [];
  /** When the last item was begun. */
  lastBegun = 0;
  /** From when on none is begun any more. */
  stopsAt: number = Infinity;
  private readonly faults: Array<string> = [];

  /** Lets no item be begun from now on. */
  readonly stop: Effect.Effect<void> = Effect.map(monotonic, (at) => {
    this.stopsAt = Math.min(this.stopsAt, at);
  });

  /** Notes what went wrong where nobody would hear of it. */
  blame(fault: string): void {
    this.faults.push(fault);
  }

  check(): void {
    deepStrictEqual(this.faults, []);
    strictEqual(this.running, 0, "an item still runs");
    strictEqual(this.closed, this.opened, "a source was not closed");
  }
}

type Way = "fails" | "dies" | "interrupts itself";

/** An item. */
export class Parcel {
  tries = 0;
  isRunning = false;
  isDone = false;
  /** Whether it was handed to what takes items that fail. */
  isHanded = false;

  private constructor(
    readonly belt: Belt,
    private readonly takes: number,
    private readonly closes: number,
    /** How many tries fail, and in which way. */
    private readonly failures: number,
    private readonly way: Way,
    private readonly replacing: number,
    private readonly retries: number,
    /** Whether the whole ends where it fails for good. */
    private readonly isVital: boolean,
  ) {}

  static draw(
    dice: Dice,
    belt: Belt,
    retries: number,
    isVital: boolean,
  ): Parcel {
    return new Parcel(
      belt,
      dice.pause(8),
      dice.happens(0.2) ? dice.whole(1, 4) : 0,
      dice.happens(0.7) ? 0 : dice.whole(1, 3),
      dice.happens(0.6) ? "fails" : dice.pick("dies", "interrupts itself"),
      dice.pause(4),
      retries,
      isVital,
    );
  }

  /** Whether it fails for good. */
  get isHopeless(): boolean {
    return this.failures > this.chances;
  }

  /** How often it may fail. */
  private get chances(): number {
    return this.way === "fails" ? this.retries : 0;
  }

  readonly consume: Effect.Effect<Parcel, string> = Effect.suspend(() =>
    Effect.acquireUseRelease(
      this.begin,
      () => Effect.andThen(pause(this.takes), this.end),
      (_, exit) => Effect.andThen(pause(this.closes), this.finish(exit)),
    )
  );

  /** What stands in its place where it failed. */
  readonly replace: Effect.Effect<Parcel> = Effect.suspend(() => {
    strictEqual(this.isHanded, false, "an item was handed on twice");
    this.isHanded = true;
    return Effect.as(pause(this.replacing), this);
  });

  private readonly begin = Effect.map(monotonic, (at) => {
    const { belt } = this;
    if (this.isRunning) belt.blame("an item is tried twice at once");
    if (this.isDone) belt.blame("an item is tried again after it was done");
    this.isRunning = true;
    if (this.tries++ === 0) belt.lastBegun = at;
    belt.starts.push({ at, cost: 1 });
    belt.most = Math.max(belt.most, ++belt.running);
  });

  private readonly end: Effect.Effect<Parcel, string> = Effect.suspend(() => {
    if (this.tries > this.failures) return Effect.succeed(this);
    switch (this.way) {
      case "fails":
        return Effect.fail("failed");
      case "dies":
        return Effect.die("died");
      case "interrupts itself":
        return Effect.interrupt;
    }
  });

  private finish(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { belt } = this;
      this.isRunning = false;
      this.isDone = Exit.isSuccess(exit);
      belt.running--;
      const failed = this.tries <= this.failures;
      const byItself = this.way === "interrupts itself" && failed;
      if (Exit.hasInterrupts(exit) && !byItself && belt.opened > belt.closed) {
        belt.blame("an item was interrupted before the sources were closed");
      }
      return this.isVital && failed && this.tries > this.chances
        ? belt.stop
        : Effect.void;
    });
  }
}
