/**
 * Virtual time, every interleaving, capacity planning: the same program as live, in a simulation.
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

/** What a model measures. */
export * as Monitor from "./monitor.ts";
/** Runs any Effect program in virtual time, under any interleaving, from a seed. */
export * as Simulation from "./simulation.ts";
/** Who comes when, and how long it takes. */
export * as Workload from "./workload.ts";
