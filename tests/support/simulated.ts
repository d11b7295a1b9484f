/**
 * Programs that must go well under every order of their fibers.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";

/** A program, and what it claims. */
export interface Simulated {
  readonly name: string;
  readonly program: Effect.Effect<void, unknown>;
  /** How late timers may be. */
  readonly timerJitter?: number;
  /** Which faults happen at its fault points. */
  readonly faults?: Simulation.Faults;
  /** Whether it is small enough for all orders with up to two deviations. */
  readonly small?: boolean;
}

/** The first seed of the runs whose timers are late: what is drawn from it is something else again. */
const late = 1_000_000;

/**
 * Registers a test of each program: half of the runs with timers that are late, and half with exact ones, which make more
 * happen in one moment. One more test of each that is small tries orders with few deviations, up to so many.
 */
export function simulationTests(
  programs: ReadonlyArray<Simulated>,
  runs: number,
  orders = 500,
): void {
  const half = { runs: Math.ceil(runs / 2) };
  for (
    const { faults, name, program, small = false, timerJitter } of programs
  ) {
    const register = (
      claim: string,
      ...checks: ReadonlyArray<Simulation.CheckOptions>
    ) =>
      Deno.test(claim, () =>
        Effect.runPromise(Effect.forEach(
          checks,
          (options) =>
            Simulation.check(program, {
              maxTime: "1 hour",
              faults,
              ...options,
            }),
          { discard: true },
        )));
    register(
      `${name}, in ${runs} runs`,
      ...timerJitter === undefined
        ? [{ runs }]
        : [half, { ...half, timerJitter, seed: late }],
    );
    if (small) {
      const strategies = [{ exhaustive: 2 }];
      register(`${name}, in orders with up to two deviations`, {
        strategies,
        runs: orders,
      });
    }
  }
}
