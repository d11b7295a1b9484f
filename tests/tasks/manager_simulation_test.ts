/**
 * Task managers under other orders of their fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { managerPrograms } from "./manager_programs.ts";

simulationTests(managerPrograms, 200);
