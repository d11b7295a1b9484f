/**
 * A model whose module sweeps when it is loaded, with threads that load it.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";

/** Sleeps. */
export const model: Simulation.Model<number> = Simulation.model(
  () => Effect.sleep("1 second"),
  { module: import.meta.url },
);

/** What came of it where it was loaded. */
export const swept: unknown = await Effect.runPromise(
  Effect.flip(
    Simulation.sweep(model, { points: [0], horizon: "1 minute", workers: 1 }),
  ),
);
