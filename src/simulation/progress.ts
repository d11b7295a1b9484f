/**
 * How far a sweep is.
 *
 * @module
 */
import * as Effect from "effect/Effect";

const widest = 40;
/** Figures get shorter when there is less to do than was thought. */
const eraseRest = "\x1b[K";

/**
 * Draws a bar on standard error if that is a terminal, and nothing elsewhere: for `onProgress` of `sweep`.
 *
 * @example
 * ```ts
 * import { Simulation, Workload } from "@weir/weir/simulation";
 * import * as Effect from "effect/Effect";
 *
 * const model = Simulation.model((seconds: number) =>
 *   Workload.sleep("work", Workload.exponential(1000 * seconds))
 * );
 * await Effect.runPromise(Simulation.sweep(model, {
 *   points: [1, 2, 3],
 *   horizon: "1 hour",
 *   onProgress: Simulation.progressBar,
 * }));
 * ```
 */
export const progressBar = (
  done: number,
  total: number,
): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!Deno.stderr.isTerminal()) return;
    const figures = ` ${done} of ${total}`;
    const room = Deno.consoleSize().columns - figures.length - 1;
    const width = Math.max(0, Math.min(widest, room));
    const full = Math.round(width * done / total);
    const bar = "█".repeat(full) + "░".repeat(width - full);
    const end = done === total ? "\n" : "";
    const text = `\r${bar}${figures}${eraseRest}${end}`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  });
