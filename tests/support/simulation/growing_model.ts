/**
 * Models of one text, of which their module exports a single one.
 *
 * @module
 */
import { Monitor, Simulation } from "@weir/weir/simulation";

/** A model that no thread can tell from the others that this makes. */
export const makeGrowing = (factor: number): Simulation.Model<number> =>
  Simulation.model(
    (size: number) => Monitor.tally("size", factor * size),
    { module: import.meta.url },
  );

/** The one that threads find. */
export const model: Simulation.Model<number> = makeGrowing(1);
