import type { Limiter } from "@weir/weir";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as Scheduler from "effect/Scheduler";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { ok } from "node:assert/strict";
import { lcg } from "./random.ts";

/** What a case of a sweep is given: marks the fiber that is to be interrupted. */
export type Watch = <A, E>(fiber: Fiber.Fiber<A, E>) => Fiber.Fiber<A, E>;

/** One case, from a fresh limiter to the claims about it. */
export type Case<E> = (watch: Watch) => Effect.Effect<void, E, Scope.Scope>;

/**
 * Runs a case once for each moment at which the watched fiber is made to yield, under each budget of operations from 3 to 64,
 * and interrupts it there. Gives the number of moments.
 */
async function sweepInterrupts<E>(body: Case<E>): Promise<number> {
  let moments = 0;
  for (let budget = 3; budget <= 64; budget++) {
    for (let moment = 1;; moment++) {
      const scheduler = new InterruptingScheduler(moment);
      await run(body, scheduler, budget);
      if (!scheduler.reached) break;
      moments++;
    }
  }
  return moments;
}

/**
 * Runs a case under a scheduler that takes turns from fibers at random, also in the moment they are woken, which the budget of
 * operations never does, and interrupts the watched fiber at one of its first yields. Gives the number of runs in which it
 * got that far.
 */
async function preemptAtRandom<E>(
  body: Case<E>,
  runs: number,
): Promise<number> {
  let moments = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const scheduler = new PreemptingScheduler(seed);
    await run(body, scheduler, 2048);
    if (scheduler.reached) moments++;
  }
  return moments;
}

/** Starts a fiber that the watch sees from its first step. */
export const start = <A, E>(
  effect: Effect.Effect<A, E>,
  watch: Watch,
): Effect.Effect<Fiber.Fiber<A, E>> =>
  Effect.map(
    Effect.forkChild(Effect.andThen(Effect.yieldNow, effect)),
    watch,
  );

/** Long enough for others to come to where they wait. */
export const aWhile: Effect.Effect<void> = Effect.replicateEffect(
  Effect.yieldNow,
  30,
  { discard: true },
);

/** What the limiter still hands out now. */
export const handOut: (
  limiter: Limiter.Service,
) => Effect.Effect<number> = Effect.fnUntraced(function* (limiter) {
  let handedOut = 0;
  while ((yield* limiter.tryAcquire())._tag === "Allowed") handedOut++;
  return handedOut;
});

/**
 * Registers a test that sweeps a case, and preempts it at random, at so many moments at least: a fiber that mostly waits
 * yields to hardly any budget, and one that is soon done is past before many a moment.
 */
export function sweepTest(
  name: string,
  body: Case<unknown>,
  {
    claim = () => {},
    swept: leastSwept = 100,
    preempted: leastPreempted = 100,
  }: {
    readonly claim?: (moments: number) => void;
    readonly swept?: number;
    readonly preempted?: number;
  } = {},
): void {
  Deno.test(name, async () => {
    const swept = await sweepInterrupts(body);
    const preempted = await preemptAtRandom(body, 500);
    ok(swept >= leastSwept && preempted >= leastPreempted);
    claim(swept + preempted);
    // deno-lint-ignore no-console
    console.log(
      `${swept} distinct moments of interruption and ${preempted} random ones, 0 failures`,
    );
  });
}

function run<E>(
  body: Case<E>,
  scheduler: InterruptingScheduler,
  budget: number,
): Promise<void> {
  return Effect.runPromise(
    body((fiber) => scheduler.watch(fiber)).pipe(
      Effect.scoped,
      Effect.provide(TestClock.layer()),
      Effect.provideService(Scheduler.MaxOpsBeforeYield, budget),
      Effect.provideService(Scheduler.Scheduler, scheduler),
    ),
  );
}

/** Interrupts the watched fiber at its n-th yield, while it is suspended. */
class InterruptingScheduler extends Scheduler.MixedScheduler {
  reached = false;
  private watched: number | undefined;
  private yields = 0;

  constructor(private readonly moment: number) {
    super();
  }

  watch<A, E>(fiber: Fiber.Fiber<A, E>): Fiber.Fiber<A, E> {
    this.watched = fiber.id;
    return fiber;
  }

  override shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    const yes = this.takesTurn(fiber);
    if (yes && fiber.id === this.watched && ++this.yields === this.moment) {
      this.reached = true;
      queueMicrotask(() => fiber.interruptUnsafe());
    }
    return yes;
  }

  protected takesTurn(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return super.shouldYield(fiber);
  }
}

class PreemptingScheduler extends InterruptingScheduler {
  private readonly random: () => number;

  constructor(seed: number) {
    const random = lcg(seed);
    super(1 + Math.floor(random() * 60));
    this.random = random;
  }

  protected override takesTurn(): boolean {
    return this.random() < 0.4;
  }
}
