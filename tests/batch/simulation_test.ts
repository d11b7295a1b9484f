/**
 * Batches under other orders of their fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { batchPrograms } from "./programs.ts";

simulationTests(batchPrograms, 200, 300);
