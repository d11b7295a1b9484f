/**
 * Work that ends in every way, within a bound of how much runs at once.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../../support/dice.ts";
import type { Make } from "./limiters.ts";
import { assertNew } from "./storm.ts";

/** How many run, by their own count. */
interface Count {
  running: number;
}

/** Never more at once than may, never less while somebody waits, and every slot comes back, once. */
export const slots = (make: Make = Limiter.make): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const concurrency = dice.whole(1, 3);
    const limiter = yield* make(Quota.unlimited, { concurrency });
    const count: Count = { running: 0 };
    const jobs = dice.list(
      dice.whole(3, 8),
      () => drawJob(dice, limiter, count),
    );
    // All others sleep for whole milliseconds, so nothing is on its way here.
    const watch = Effect.gen(function* () {
      yield* Effect.sleep(0.5);
      for (let millis = 0; millis < 60; millis++) {
        const { running, waiting } = yield* limiter.stats;
        strictEqual(running, count.running);
        ok(running <= concurrency, `${running} run`);
        ok(running === concurrency || waiting === 0, `${waiting} wait`);
        yield* Effect.sleep(1);
      }
    });
    yield* Effect.all([watch, ...jobs], {
      concurrency: "unbounded",
      discard: true,
    });
    yield* assertNew(limiter, Quota.unlimited, concurrency);
  });

/** Comes, works in a slot, and perhaps is interrupted. */
function drawJob(
  dice: Dice,
  limiter: Limiter.Service,
  count: Count,
): Effect.Effect<void> {
  const work = limiter.limit(drawWork(dice, limiter, count), {
    priority: dice.pick(0, 0, 1),
  });
  const comes = dice.whole(0, 10);
  const leaves = dice.happens(0.5) ? dice.whole(0, 20) : undefined;
  return Effect.gen(function* () {
    yield* pause(comes);
    const fiber = yield* Effect.forkChild(work);
    if (leaves !== undefined) {
      yield* pause(leaves);
      yield* Fiber.interrupt(fiber);
    }
    yield* Fiber.await(fiber);
  });
}

/** Works, perhaps in a turn of the same limiter again, and ends in some way. */
function drawWork(
  dice: Dice,
  limiter: Limiter.Service,
  count: Count,
): Effect.Effect<void, string> {
  const end = dice.pick<Exit.Exit<void, string>>(
    Exit.void,
    Exit.void,
    Exit.fail("failed"),
    Exit.die("died"),
    Exit.interrupt(),
  );
  const works = Effect.andThen(pause(dice.whole(0, 8)), end);
  const closes = pause(dice.pick(0, 0, 3));
  const nested = dice.happens(0.3) ? limiter.limit(works) : works;
  const whole = dice.happens(0.1) ? Effect.uninterruptible(nested) : nested;
  return Effect.acquireUseRelease(
    Effect.sync(() => void count.running++),
    () => whole,
    () => Effect.andThen(closes, Effect.sync(() => void count.running--)),
  );
}
