import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as Scheduler from "effect/Scheduler";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";

/** What a case of a sweep is given: marks the fiber that is to be interrupted. */
export type Watch = <A, E>(fiber: Fiber.Fiber<A, E>) => Fiber.Fiber<A, E>;

/**
 * Runs a case once for each moment at which the watched fiber is made to yield, under each budget of operations from 3 to 64,
 * and interrupts it there. Gives the number of moments.
 */
export async function sweepInterrupts<E>(
  body: (watch: Watch) => Effect.Effect<void, E, Scope.Scope>,
): Promise<number> {
  let moments = 0;
  for (let budget = 3; budget <= 64; budget++) {
    for (let moment = 1;; moment++) {
      const scheduler = new InterruptingScheduler(moment);
      await Effect.runPromise(
        body((fiber) => scheduler.watch(fiber)).pipe(
          Effect.scoped,
          Effect.provide(TestClock.layer()),
          Effect.provideService(Scheduler.MaxOpsBeforeYield, budget),
          Effect.provideService(Scheduler.Scheduler, scheduler),
        ),
      );
      if (!scheduler.reached) break;
      moments++;
    }
  }
  return moments;
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
    const yes = super.shouldYield(fiber);
    if (yes && fiber.id === this.watched && ++this.yields === this.moment) {
      this.reached = true;
      queueMicrotask(() => fiber.interruptUnsafe());
    }
    return yes;
  }
}
