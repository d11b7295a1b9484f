/**
 * A limited client under other orders of its fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { calls } from "./calls.ts";

simulationTests([{
  name:
    "LimitedHttpClient calls no host in its pause or more than may, and leaves nothing behind",
  program: calls,
  timerJitter: 3,
}], 200);
