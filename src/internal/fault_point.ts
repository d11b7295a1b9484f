/**
 * Places where a simulation may let something go wrong.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { CurrentArmory } from "./armory.ts";

/**
 * A place where a fault may happen: does nothing outside of a simulation, nor in one without `faults`. There, `fault` runs at
 * some of the passes in some of the runs: let it fail, die, sleep, or interrupt something. Sites of one name are armed
 * together.
 *
 * @example A store that may not be reached: whoever does not try again loses what it saves
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const save = Simulation.faultPoint("store.save", Effect.fail("Unreachable"));
 *
 * await Effect.runPromise(
 *   Simulation.check(Effect.retry(save, { times: 1000 }), {
 *     faults: { chance: 0.5 },
 *   }),
 * );
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
