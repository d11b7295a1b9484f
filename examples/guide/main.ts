/**
 * Which pattern? `deno task guide` asks what you have, and says what helps. Where there is no terminal, it prints all.
 *
 * @module
 */
import { DenoEnv, DenoRuntime, DenoStdio, DenoTerminal } from "@weir/weir/deno";
import * as Prompt from "effect/cli/Prompt";
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as FileSystem from "effect/FileSystem";
import * as Layer from "effect/Layer";
import * as Path from "effect/Path";
import * as Stdio from "effect/Stdio";
import type * as Terminal from "effect/Terminal";
import { describe, rows } from "./rows.ts";

const question = Prompt.Select({
  message: "What do you have?",
  choices: rows.map((row) => ({
    title: row.have,
    description: row.pattern,
    value: row,
  })),
  maxPerPage: rows.length,
});

/** Asks, or prints all. */
export const program: Effect.Effect<
  void,
  Terminal.QuitError,
  Prompt.Environment | Stdio.Stdio
> = Effect.gen(function* () {
  const { stdinIsTerminal, stdoutIsTerminal } = yield* Stdio.Stdio;
  const isInteractive = (yield* stdinIsTerminal) && (yield* stdoutIsTerminal);
  const chosen = isInteractive ? [yield* question] : rows;
  yield* Console.log(chosen.map(describe).join("\n\n"));
});

const Live = TerminalCapabilities.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(
    ...[DenoEnv.layer, DenoStdio.layer, DenoTerminal.layer] as const,
    ...[FileSystem.layerNoop({}), Path.layer] as const,
  )),
);

if (import.meta.main) {
  DenoRuntime.runMain(
    program.pipe(
      Effect.catchTag("QuitError", () => Effect.void),
      Effect.provide(Live),
    ),
  );
}
