/**
 * Waits a second for a sweep that would take days.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { model } from "./strange_models.ts";

const swept = await Effect.runPromise(
  Simulation.sweep(model, {
    points: ["goes on", "goes on"],
    horizon: "10000 days",
    replications: 2,
    workers: 2,
  }).pipe(Effect.timeoutOption("1 second")),
);
// deno-lint-ignore no-console -- the test reads it
console.log(Option.isNone(swept) ? "interrupted" : "swept");
