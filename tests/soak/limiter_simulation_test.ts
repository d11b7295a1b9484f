/**
 * Limiters under far more orders of fibers than every test run has time for.
 *
 * @module
 */
import {
  keyedPrograms,
  limiterPrograms,
} from "../limiter/simulated/programs.ts";
import { simulationTests } from "../support/simulated.ts";

for (const family of limiterPrograms) {
  simulationTests(family, Math.ceil(10_000 / family.length));
}
for (const family of keyedPrograms) {
  simulationTests(family, Math.ceil(3000 / family.length));
}
