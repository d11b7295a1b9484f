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
const drawn = programs.filter(({ timerJitter }) => timerJitter !== undefined);
const moments = programs.filter(({ timerJitter }) => timerJitter === undefined);
simulationTests(drawn, 10_000);
// Most of these have fewer orders with two deviations.
simulationTests(moments, 2000, 3000);
