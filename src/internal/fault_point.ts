/**
 * Places where a simulation may let something go wrong.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";

/** Decides which faults happen. */
export interface Armory {
  /** Whether the fault at a site happens this time. */
  readonly fires: (site: string) => boolean;
}

/** What decides which faults happen; outside of a simulation there is none. */
export const CurrentArmory: Context.Reference<Armory | undefined> = Context
  .Reference<Armory | undefined>("weir/internal/CurrentArmory", {
    defaultValue: () => undefined,
  });

/**
 * A place where a fault may happen: does nothing outside of a simulation, nor in one without `faults`. There, `fault` runs at
 * some of the passes in some of the runs: let it fail, die, sleep, or interrupt something. Sites of one name are armed
 * together.
 *
 * @example A store that may not be reached
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 * import * as Exit from "effect/Exit";
 * import { ok } from "node:assert/strict";
 *
 * const save = Simulation.faultPoint("store.save", Effect.fail("Unreachable"));
 *
 * const { exit } = await Effect.runPromise(
 *   Simulation.run(Effect.forever(save), { faults: {} }),
 * );
 * ok(Exit.isFailure(exit));
 * ```
 */
export const faultPoint = <E = never, R = never>(
  site: string,
  fault: Effect.Effect<unknown, E, R>,
): Effect.Effect<void, E, R> => {
  const happens = Effect.asVoid(fault);
  return Effect.withFiber((fiber) =>
    fiber.getRef(CurrentArmory)?.fires(site) === true ? happens : Effect.void
  );
};
