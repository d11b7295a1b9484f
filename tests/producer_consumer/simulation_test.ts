/**
 * Producers and consumers under other orders of their fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { producerConsumerPrograms } from "./programs.ts";

simulationTests(producerConsumerPrograms, 200, 300);
