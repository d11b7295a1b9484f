/**
 * What a simulation lets go wrong.
 *
 * @module
 */
import * as Context from "effect/Context";

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
