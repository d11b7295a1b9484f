/**
 * Pools, producers and consumers, and batches under far more orders of fibers than every test run has time for.
 *
 * @module
 */
import { batchPrograms } from "../batch/programs.ts";
import { producerConsumerPrograms } from "../producer_consumer/programs.ts";
import { simulationTests } from "../support/simulated.ts";
import { workerPoolPrograms } from "../worker_pool/programs.ts";

const programs = [
  ...workerPoolPrograms,
  ...producerConsumerPrograms,
  ...batchPrograms,
];
simulationTests(programs.filter(({ small }) => small !== true), 10_000);
// What happens in these is less than so many orders can tell apart.
simulationTests(programs.filter(({ small }) => small === true), 2000, 5000);
