/**
 * A check and an act, with something between; and what does both in one step.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Ref from "effect/Ref";
import { ok } from "node:assert/strict";

/** Takes a seat if there is one. */
export type Buy = (seats: Ref.Ref<number>) => Effect.Effect<boolean>;

/** Lets others go on between the check and the act. */
export const slow: Buy = Effect.fn("buy")(function* (seats) {
  if ((yield* Ref.get(seats)) === 0) return false;
  yield* Effect.yieldNow;
  yield* Ref.update(seats, (n) => n - 1);
  return true;
});

/** Does one after the other, in two operations. */
export const quick: Buy = Effect.fn("buy")(function* (seats) {
  const left = yield* Ref.get(seats);
  if (left === 0) return false;
  yield* Ref.set(seats, left - 1);
  return true;
});

/** Does both in one operation. */
export const mended: Buy = Effect.fn("buy")(function* (seats) {
  return yield* Ref.modify(
    seats,
    (left) => left === 0 ? [false, left] : [true, left - 1],
  );
});

/** Buyers who come one well after the other, and one seat. */
export const program = (buy: Buy): Effect.Effect<void> =>
  Effect.gen(function* () {
    const seats = yield* Ref.make(1);
    const fibers = yield* Effect.forEach([0, 3, 6], (turns) =>
      Effect.forkChild(
        Effect.andThen(
          Effect.replicateEffect(Effect.yieldNow, turns, { discard: true }),
          buy(seats),
        ),
      ));
    const bought = yield* Effect.forEach(fibers, Fiber.join);
    const sold = bought.filter(Boolean).length;
    ok(sold === 1, `sold ${sold} times`);
  });
