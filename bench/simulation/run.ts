/**
 * Runs that have to be well.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";

/** A run of a program that is well. */
export function runOf<A>(
  program: Effect.Effect<A>,
  options?: Simulation.Options,
): { readonly value: A; readonly steps: number } {
  const run = Effect.runSync(Simulation.run(program, options));
  const { exit, sickness, steps } = run;
  if (sickness !== undefined || Exit.isFailure(exit)) {
    throw new Error(`it ended with ${exit}, ${sickness?._tag}`);
  }
  return { value: exit.value, steps };
}

/** What a program gives that is well. */
export const valueOf = <A>(program: Effect.Effect<A>): A =>
  runOf(program).value;
