/**
 * Limiters of many keys, over stores of all kinds, under other orders of their callers' fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { keyedPrograms } from "./simulated/programs.ts";

for (const family of keyedPrograms) {
  simulationTests(family, Math.max(60, Math.ceil(240 / family.length)));
}
