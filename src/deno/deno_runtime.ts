/**
 * Runs a program as the main one of a process.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Runtime from "effect/Runtime";

const signals: ReadonlyArray<Deno.Signal> = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** How a program ends its process. */
export interface Options {
  /**
   * With which code. If omitted, one that a signal ended in order has ended well; `Runtime.defaultTeardown` gives that 130, as
   * befits a command that somebody waits for.
   */
  readonly teardown?: Runtime.Teardown | undefined;
}

/**
 * Runs an effect; SIGINT and SIGTERM interrupt it, and the process ends with 0 once it has shut down cleanly, with 1 if it
 * failed, which is logged. Who has no patience sends a second signal: then the process ends at once, with 130.
 *
 * @example
 * ```ts ignore
 * import { DenoRuntime } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 *
 * DenoRuntime.runMain(
 *   Effect.never.pipe(Effect.ensuring(Effect.log("closed in order"))),
 * );
 * ```
 */
export const runMain = <A, E>(
  effect: Effect.Effect<A, E>,
  options?: Options,
): void => {
  let told = false;
  Runtime.makeRunMain(({ fiber, teardown }) => {
    const onSignal = () => {
      if (told) Deno.exit(130);
      told = true;
      fiber.interruptUnsafe();
    };
    for (const signal of signals) Deno.addSignalListener(signal, onSignal);
    fiber.addObserver((exit) => {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
      teardown(exit, (code) => {
        // A program that is through leaves the rest of the process alone.
        if (told || code !== 0) Deno.exit(code);
      });
    });
  })(effect, {
    teardown: options?.teardown ?? ((exit, onExit) => {
      if (!told || Exit.isSuccess(exit)) {
        return Runtime.defaultTeardown(exit, onExit);
      }
      if (Cause.hasInterruptsOnly(exit.cause)) return onExit(0);
      // Nothing of a fiber that is interrupted could log it.
      Effect.runSync(Effect.logError(exit.cause));
      onExit(1);
    }),
  });
};
