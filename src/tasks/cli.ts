/**
 * A command line for a task service that runs: submit, list, look, watch, cancel, retry, count.
 *
 * ```sh
 * deno install --global --allow-net --allow-env --name weir-tasks jsr:@weir/weir/tasks/cli
 * weir-tasks --help
 * weir-tasks submit resize '{"image":"cat.png","sizes":[64,256]}' --wait
 * weir-tasks watch
 * ```
 *
 * It needs the permission to reach the service. Environment variables are used if it may read them: `WEIR_URL` says where the
 * service is, `WEIR_TOKEN` is its bearer token. There the token is better than in `--token`, since other users of the machine
 * can see the arguments of a process.
 *
 * It exits with 0 if all is well, with 1 if the service said no or could not be asked, with 2 if it was called in a wrong way,
 * and with 130 after Ctrl-C. With `--json` it prints one line of JSON for each task or event, and problems as text to the
 * standard error all the same.
 *
 * @module
 */
import type * as Command from "effect/cli/Command";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as HttpClient from "effect/http/HttpClient";
import * as Runtime from "effect/Runtime";
import * as Stdio from "effect/Stdio";
import { DenoRuntime } from "../deno/mod.ts";
import { layer } from "./cli_platform.ts";
import { runCommand } from "./cli_commands.ts";
import { Trouble } from "./cli_trouble.ts";

export * from "./cli_platform.ts";

/**
 * Runs a command line, such as `["list", "--status", "failed"]`, and gives what to exit with: 0, 1 or 2. Prints by Effect's
 * `Console`, and draws on its `Terminal` if standard output is one.
 *
 * `watch` connects again when the connection is lost, after 0.5 s at first and 10 s at most, and goes on after the last event
 * that it has seen. It holds as many tasks as the terminal has lines, and asks for them at most twice a second.
 *
 * @example
 * ```ts
 * import * as TaskCli from "@weir/weir/tasks/cli";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.provide(TaskCli.run(["--version"]), TaskCli.layer);
 * strictEqual(await Effect.runPromise(program), 0);
 * ```
 */
export const run = (
  args: ReadonlyArray<string>,
): Effect.Effect<
  number,
  never,
  HttpClient.HttpClient | Command.Environment
> =>
  runCommand(args).pipe(
    Effect.as(0),
    Effect.catch((error) => {
      if (error instanceof Trouble) {
        return Effect.as(Console.error(error.message), 1);
      }
      const isHelp = error._tag === "ShowHelp" && error.errors.length === 0;
      return Effect.succeed(isHelp ? 0 : 2);
    }),
  );

if (import.meta.main) {
  const program = Stdio.Stdio.use(({ args }) => Effect.flatMap(args, run));
  DenoRuntime.runMain(Effect.provide(program, layer), {
    teardown: (exit, onExit) =>
      Exit.isSuccess(exit)
        ? onExit(Number(exit.value))
        : Runtime.defaultTeardown(exit, onExit),
  });
}
