/**
 * Effects that count as running while they run.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { CurrentSlot, type Slot } from "../internal/slot.ts";
import type { AnyFiber, Refusal } from "./lobby.ts";

/** How a limiter hands out its slots. */
export interface Slots<P> {
  /** Whose slots. */
  readonly limiter: object;
  /** Of which key. */
  readonly key: string;
  /** Takes a turn without a slot. */
  readonly turn: () => Effect.Effect<unknown, Refusal>;
  /** Takes a turn and a slot, together, and runs in it. Uninterruptible but for what is restored. */
  readonly take: <A, E, R>(
    restore: Restore,
    run: (permit: P) => Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | Refusal, R>;
  /** Takes back the slot, and the turn if nothing began. */
  readonly give: (permit: P, begun: boolean, fiber: AnyFiber) => void;
}

/** Makes an effect as interruptible as its caller. */
export type Restore = <A, E, R>(
  self: Effect.Effect<A, E, R>,
) => Effect.Effect<A, E, R>;

/** Runs an effect in its turn and in a slot, which comes back when the effect ends, however it ends. */
export function runInSlot<A, E, R, P>(
  self: Effect.Effect<A, E, R>,
  slots: Slots<P>,
): Effect.Effect<A, E | Refusal, R> {
  return Effect.uninterruptibleMask((restore) =>
    Effect.withFiber((fiber) => {
      const { context } = fiber;
      const outer = Context.get(context, CurrentSlot);
      // One who holds a slot and waited for another could wait for itself.
      if (holds(outer, slots)) {
        return restore(Effect.andThen(slots.turn(), self));
      }
      return slots.take(restore, (permit) => {
        const { key, limiter } = slots;
        const slot: Slot = { limiter, key, outer, held: true };
        let begun = false;
        fiber.setContext(Context.add(context, CurrentSlot, slot));
        const inside = Effect.suspend(() => {
          begun = true;
          return self;
        });
        return Effect.onExitPrimitive(restore(inside), () => {
          fiber.setContext(context);
          slot.held = false;
          slots.give(permit, begun, fiber);
          return undefined;
        });
      });
    })
  );
}

function holds(
  slot: Slot | undefined,
  { key, limiter }: Pick<Slots<unknown>, "key" | "limiter">,
): boolean {
  for (; slot !== undefined; slot = slot.outer) {
    if (slot.held && slot.limiter === limiter && slot.key === key) return true;
  }
  return false;
}
