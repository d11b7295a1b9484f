/**
 * Worker pools under other orders of their fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { workerPoolPrograms } from "./programs.ts";

simulationTests(workerPoolPrograms, 200, 300);
