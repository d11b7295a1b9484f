/**
 * Programs over batches that must go well under every order of their fibers.
 *
 * @module
 */
import type { Simulated } from "../support/simulated.ts";
import { gathering, lateness } from "./gathering.ts";
import { moments } from "./moments.ts";
import { panes } from "./panes.ts";
import { rounds } from "./rounds.ts";

/** All that is claimed of batches. */
export const batchPrograms: ReadonlyArray<Simulated> = [
  {
    name: "Batch.forEach() gives all results in order, within every bound",
    program: rounds({ streams: false, stops: false }),
    timerJitter: lateness,
  },
  {
    name: "Batch.forEach() leaves nothing behind, whenever it is interrupted",
    program: rounds({ streams: false, stops: true }),
    timerJitter: lateness,
  },
  {
    name:
      "Batch.mapEffect() gives all results in order, however slowly they are read",
    program: rounds({ streams: true, stops: false }),
    timerJitter: lateness,
  },
  {
    name:
      "Batch.mapEffect() leaves nothing behind, whenever it is interrupted or left",
    program: rounds({ streams: true, stops: true }),
    timerJitter: lateness,
  },
  {
    name: "Batch.gather() asks each request once and in time, whoever leaves",
    program: gathering(false),
    timerJitter: lateness,
  },
  {
    name: "Batch.gather() leaves nothing behind, whenever its scope is closed",
    program: gathering(true),
    timerJitter: lateness,
  },
  {
    name:
      "Batch.window() gives each span what arrived in it, however slowly it is read",
    program: panes(false),
    timerJitter: lateness,
  },
  {
    name:
      "Batch.window() leaves nothing behind, whenever it is interrupted or left",
    program: panes(true),
    timerJitter: lateness,
  },
  ...moments,
];
