/**
 * That a check finds nothing wrong with what is right: programs on Effect's own structures.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { combinators } from "./effect/combinators.ts";
import { coordination } from "./effect/coordination.ts";
import { lifetimes } from "./effect/lifetimes.ts";
import { streams } from "./effect/streams.ts";

simulationTests(
  [...coordination, ...lifetimes, ...combinators, ...streams],
  300,
);
