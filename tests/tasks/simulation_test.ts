/**
 * Stores of tasks under other orders of those who use them.
 *
 * @module
 */
import { TaskStore } from "@weir/weir/tasks";
import { simulationTests } from "../support/simulated.ts";
import { storePrograms } from "./programs.ts";

simulationTests(storePrograms(TaskStore.layerMemory()), 400);
