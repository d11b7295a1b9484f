/**
 * Virtual time, every interleaving: the same program as live, in a simulation.
 *
 * ```ts
 * import { Simulation } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const run = Simulation.run(Effect.sleep("52 weeks"), { maxTime: "53 weeks" });
 * ```
 *
 * @module
 */

/** Runs any Effect program in virtual time, under any interleaving, from a seed. */
export * as Simulation from "./simulation.ts";
