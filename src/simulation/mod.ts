/**
 * Virtual time, every interleaving.
 *
 * @module
 */

/** Runs any Effect program in virtual time, under any interleaving, from a seed. */
export * as Simulation from "./simulation.ts";
