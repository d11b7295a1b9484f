/**
 * Callers of all kinds, and what became of them.
 *
 * @module
 */
import type { Limiter } from "@weir/weir";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { fail } from "node:assert/strict";
import { pause } from "../../support/dice.ts";
import { type Charge, Journal } from "./journal.ts";
import { lost } from "./stores.ts";

/** One who comes, asks, works in its turn, and may leave before. Times are in milliseconds. */
export interface Caller {
  readonly comes: number;
  readonly asks: "acquire" | "limit" | "tryAcquire";
  readonly turn: Limiter.TurnOptions & { readonly cost: number };
  readonly takes: number;
  readonly ends: "succeeds" | "fails" | "dies" | "interrupts itself";
  /** To what it corrects what it acquired. */
  readonly settles: number | undefined;
  readonly leaves: "never" | "interrupted" | "timed out" | "beaten";
  readonly leavesAfter: number;
}

/** What became of a caller. */
export class Visit {
  admission: Charge | undefined;
  exit: Exit.Exit<unknown, unknown> | undefined;
  /** When it had nothing more to do with the limiter. */
  left: number | undefined;

  constructor(readonly caller: Caller) {}
}

/** Where callers meet a limiter. */
export class Stage {
  static readonly make: Effect.Effect<Stage> = Clock.clockWith((clock) =>
    Effect.succeed(new Stage(clock))
  );

  /** In the order in which they were let in. */
  readonly admitted: Array<Visit> = [];
  readonly journal: Journal = new Journal(() => this.now());
  /** How many run in `limit`, and ran at most. */
  running = 0;
  most = 0;

  private constructor(private readonly clock: Clock.Clock) {}

  now(): number {
    return Number(this.clock.monotonicTimeNanosUnsafe()) / 1e6;
  }

  /** Lets a caller come, and waits until it has gone. Fails if it ended as it must not. */
  visit(limiter: Limiter.Service, visit: Visit): Effect.Effect<void> {
    const { caller } = visit;
    const asks = Effect.onExit(
      this.asks(limiter, visit),
      () => Effect.sync(() => visit.left = this.now()),
    );
    return Effect.gen(function* () {
      yield* pause(caller.comes);
      visit.exit = yield* Effect.exit(leaving(caller, asks));
      assertExpected(caller, visit.exit);
    });
  }

  private asks(
    limiter: Limiter.Service,
    visit: Visit,
  ): Effect.Effect<unknown, unknown> {
    const { asks, takes, turn } = visit.caller;
    const work = Effect.andThen(pause(takes), endOf(visit.caller));
    switch (asks) {
      case "acquire":
        return Effect.map(limiter.acquire(turn), (permit) => {
          this.admit(visit);
          return permit;
        }).pipe(
          Effect.tap(work),
          Effect.flatMap((permit) => this.settle(visit, permit)),
        );
      case "limit":
        return limiter.limit(
          Effect.suspend(() => {
            this.admit(visit);
            return this.counted(work);
          }),
          turn,
        );
      case "tryAcquire":
        return Effect.map(limiter.tryAcquire(turn), (answer) => {
          if (answer._tag === "Allowed") this.admit(visit);
        });
    }
  }

  private counted(
    work: Effect.Effect<void, string>,
  ): Effect.Effect<void, string> {
    const begin = Effect.sync(() => {
      this.most = Math.max(this.most, ++this.running);
    });
    const end = Effect.sync(() => this.running--);
    return Effect.acquireUseRelease(begin, () => work, () => end);
  }

  private admit(visit: Visit): void {
    visit.admission = this.journal.admit(visit.caller.turn.cost);
    this.admitted.push(visit);
  }

  /** Corrects a charge, twice at once: one of the two must count. */
  private settle(
    { admission, caller: { settles } }: Visit,
    permit: Limiter.Permit,
  ): Effect.Effect<void> {
    if (settles === undefined) return Effect.void;
    const settle = permit.settle(settles);
    return Effect.all([settle, settle], { concurrency: 2 }).pipe(
      Effect.andThen(
        Effect.sync(() => this.journal.correct(admission!, settles)),
      ),
      // What was corrected must be known here.
      Effect.uninterruptible,
    );
  }
}

const failure = "the work failed";

function endOf({ ends }: Caller): Effect.Effect<void, string> {
  switch (ends) {
    case "succeeds":
      return Effect.void;
    case "fails":
      return Effect.fail(failure);
    case "dies":
      return Effect.die(failure);
    case "interrupts itself":
      return Effect.interrupt;
  }
}

function leaving<A, E>(
  { leaves, leavesAfter }: Caller,
  asks: Effect.Effect<A, E>,
): Effect.Effect<unknown, E> {
  switch (leaves) {
    case "never":
      return asks;
    case "interrupted":
      return Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(asks);
        yield* pause(leavesAfter);
        yield* Fiber.interrupt(fiber);
        return yield* Fiber.join(fiber);
      });
    case "timed out":
      return Effect.timeoutOption(asks, leavesAfter);
    case "beaten":
      return Effect.raceFirst(asks, pause(leavesAfter));
  }
}

function assertExpected(
  { ends, leaves, turn }: Caller,
  exit: Exit.Exit<unknown, unknown>,
): void {
  if (Exit.isSuccess(exit)) return;
  const [reason] = exit.cause.reasons;
  const expected = Cause.hasInterruptsOnly(exit.cause)
    ? leaves === "interrupted" || ends === "interrupts itself"
    : reason?._tag === "Die"
    ? reason.defect === failure || reason.defect === lost
    : reason?._tag === "Fail" && (reason.error === failure ||
      isTagged(reason.error, "WaitTimeout") && turn.maxWait !== undefined ||
      isTagged(reason.error, "CostExceedsLimit"));
  if (!expected) fail(`a caller ended so: ${Cause.pretty(exit.cause)}`);
}

function isTagged(error: unknown, tag: string): boolean {
  return typeof error === "object" && error !== null && "_tag" in error &&
    error._tag === tag;
}
