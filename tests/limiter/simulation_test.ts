/**
 * One limiter, under other orders of its callers' fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { limiterPrograms } from "./simulated/programs.ts";

for (const family of limiterPrograms) {
  simulationTests(family, Math.ceil(600 / family.length));
}
