/**
 * Models that are not what threads expect.
 *
 * @module
 */
import { Monitor, Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";

/** Ends its thread, or goes on for longer than anyone waits. */
export const model: Simulation.Model<"exits" | "goes on"> = Simulation.model(
  (task: "exits" | "goes on") =>
    task === "exits"
      ? Effect.sync(() => Deno.exit(3))
      : Effect.forever(Effect.sleep("1 milli")),
  { module: import.meta.url },
);

/** Is not the one that its module exports as `model`. */
export const other: Simulation.Model<string> = Simulation.model(
  () => Effect.andThen(Monitor.count("other"), Effect.sleep("1 second")),
  { module: import.meta.url },
);
