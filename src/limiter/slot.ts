/**
 * Turns that come with a slot: an effect that counts as running while it runs.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type { Core, Refusal } from "./core.ts";
import type { GivenPermit } from "./permit.ts";
import type { Turn } from "./waiters.ts";

/** A slot, as the effects inside see it: held until it was given back, by fibers that outlive it too. */
interface Slot {
  held: boolean;
}

/** The slots that the current effect runs in, by limiter. */
const Slots: Context.Reference<ReadonlyMap<Core, Slot>> = Context.Reference(
  "@weir/weir/Limiter/Slots",
  { defaultValue: (): ReadonlyMap<Core, Slot> => new Map() },
);

/** Runs an effect in its turn and in a slot, which comes back when the effect ends, however it ends. */
export function limitWithSlot<A, E, R>(
  core: Core,
  self: Effect.Effect<A, E, R>,
  ask: () => Turn,
): Effect.Effect<A, E | Refusal, R> {
  return Effect.uninterruptibleMask((restore) =>
    Effect.withFiber((fiber) => {
      const turn = ask();
      const slots = fiber.getRef(Slots);
      // One who holds a slot and waited for another could wait for itself.
      if (slots.get(core)?.held === true) {
        return restore(Effect.flatMap(core.turn(turn), () => self));
      }
      const run = (permit: GivenPermit) =>
        runInSlot(core, self, permit, slots, restore);
      const permit = core.take(turn.cost, true);
      return permit === undefined
        ? Effect.flatMap(restore(core.wait(turn, true)), run)
        : run(permit);
    })
  );
}

function runInSlot<A, E, R>(
  core: Core,
  self: Effect.Effect<A, E, R>,
  permit: GivenPermit,
  slots: ReadonlyMap<Core, Slot>,
  restore: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> {
  const slot: Slot = { held: true };
  let begun = false;
  const inside = Effect.suspend(() => {
    begun = true;
    return Effect.provideService(
      self,
      Slots,
      new Map(slots).set(core, slot),
    );
  });
  return Effect.onExit(restore(inside), () =>
    Effect.withFiber((fiber) => {
      slot.held = false;
      if (!begun) core.undo(permit, fiber);
      core.release(fiber);
      return Effect.void;
    }));
}
