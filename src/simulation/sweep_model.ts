/**
 * Programs with a setting.
 *
 * @module
 */
import * as Data from "effect/Data";
import type * as Effect from "effect/Effect";
import { refuse } from "../internal/check.ts";
import { show } from "./show.ts";

/** A program with a setting `P`. */
export interface Model<in P> {
  /** The program at a setting. */
  readonly program: (point: P) => Effect.Effect<unknown, unknown>;
  /** Where other threads find it. */
  readonly module: string | undefined;
}

/** Where a model lives. */
export interface ModelOptions {
  /**
   * `import.meta.url` of the module that exports the model as `model`, which lets other threads run it. They load it anew, so
   * what this process has set in it is not there, and it must neither do anything when it is loaded (begin with
   * `if (import.meta.main)`) nor wait for what never comes. Make the model once: others of its module whose function has the same
   * text could not be told from it, and a sweep refuses them. This thread alone if omitted.
   */
  readonly module?: string | undefined;
}

/**
 * Makes a model of a function from a setting to a program, which goes on until the horizon of a sweep or ends before; one that
 * waits for what never comes is a deadlock. Throws a `RangeError` if the module is no URL.
 *
 * @example
 * ```ts
 * import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
 *
 * export const model = Simulation.model((rate: number) =>
 *   Workload.arrivals("calls", Workload.exponential(1000 / rate)).pipe(
 *     Workload.serve(() => Monitor.count("calls")),
 *   )
 * );
 * ```
 */
export const model = <P>(
  program: (point: P) => Effect.Effect<unknown, unknown>,
  options: ModelOptions = {},
): Model<P> => {
  const { module } = options;
  if (module !== undefined && !URL.canParse(module)) {
    refuse("module", "a URL, such as import.meta.url", module);
  }
  const made = { program, module };
  if (module === undefined) return made;
  const text = textOf(made);
  timesMade.set(text, (timesMade.get(text) ?? 0) + 1);
  return made;
};

/** How often models were made that other threads cannot tell apart. */
const timesMade = new Map<string, number>();

/** By what other threads tell models apart. */
function textOf<P>({ module, program }: Model<P>): string {
  return JSON.stringify([module, String(program)]);
}

/** Refuses a model that another thread might take for another one. */
export function unmistakable<P>(model: Model<P>): void {
  const times = timesMade.get(textOf(model)) ?? 1;
  if (times > 1) {
    refuse("module", "of a model that is made once", `${times} times`);
  }
}

/** Raised where a replication was sick, failed, or ended before its warm-up. */
export class ModelFailed extends Data.Error<{
  /** At which setting. */
  readonly point: unknown;
  /** Leads to the run, by `Simulation.replay`; empty if there was none, as the module could not be loaded. */
  readonly trace: string;
  /** What happened. */
  readonly detail: string;
}> {
  /** Selects this error in `Effect.catchTag`. */
  readonly _tag = "ModelFailed";
  /** Names this error in logs. */
  override get name(): "ModelFailed" {
    return "ModelFailed";
  }
  /** Where and what happened. */
  override get message(): string {
    const { detail, point, trace } = this;
    return `at ${show(point)}${trace && `, ${trace}`}: ${detail}`;
  }
}
