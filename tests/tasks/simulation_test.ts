/**
 * Stores of tasks under other orders of those who use them.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { storePrograms } from "./programs.ts";

simulationTests(storePrograms, 400);
