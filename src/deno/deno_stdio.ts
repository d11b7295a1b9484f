/**
 * Arguments and standard streams of the process.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type { PlatformError } from "effect/PlatformError";
import * as Sink from "effect/Sink";
import * as Stdio from "effect/Stdio";
import * as Stream from "effect/Stream";
import { platformError } from "./platform_error.ts";

/** A standard stream that can be written. */
type Output = typeof Deno.stdout;

/**
 * Provides the arguments and the standard streams. Needs no permission.
 *
 * Output is written as it comes, and the streams stay open unless `endOnDone` is asked for. Input is read only as far as it is
 * asked for, plus one piece of 16 KiB.
 *
 * @example Copies its input
 * ```ts ignore
 * import { DenoRuntime, DenoStdio } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import * as Stdio from "effect/Stdio";
 * import * as Stream from "effect/Stream";
 *
 * const copy = Stdio.Stdio.use(({ stdin, stdout }) =>
 *   Stream.run(stdin, stdout())
 * );
 * DenoRuntime.runMain(Effect.provide(copy, DenoStdio.layer));
 * ```
 */
export const layer: Layer.Layer<Stdio.Stdio> = Layer.sync(
  Stdio.Stdio,
  () =>
    Stdio.make({
      args: Effect.sync(() => Deno.args),
      stdinIsTerminal: Effect.sync(() => Deno.stdin.isTerminal()),
      stdoutIsTerminal: Effect.sync(() => Deno.stdout.isTerminal()),
      stderrIsTerminal: Effect.sync(() => Deno.stderr.isTerminal()),
      stdin: input,
      stdout: (options) => sink(Deno.stdout, 1, options?.endOnDone === true),
      stderr: (options) => sink(Deno.stderr, 2, options?.endOnDone === true),
    }),
);

const input: Stream.Stream<Uint8Array, PlatformError> = Stream.suspend(() => {
  const buffer = new Uint8Array(16_384);
  const read = Effect.tryPromise({
    try: () => Deno.stdin.read(buffer),
    catch: platformError("DenoStdio", "read", 0),
  });
  return Stream.forever(Stream.fromEffect(read)).pipe(
    Stream.takeWhile((n) => n !== null),
    Stream.map((n) => buffer.slice(0, n)),
  );
});

function sink(
  output: Output,
  descriptor: number,
  endOnDone: boolean,
): Sink.Sink<void, string | Uint8Array, never, PlatformError> {
  const encoder = new TextEncoder();
  const write = Sink.forEach((piece: string | Uint8Array) =>
    Effect.tryPromise({
      try: async () => {
        const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
        for (let done = 0; done < bytes.length;) {
          done += await output.write(bytes.subarray(done));
        }
      },
      catch: platformError("DenoStdio", "write", descriptor),
    })
  );
  return endOnDone
    ? Sink.ensuring(write, Effect.sync(() => output.close()))
    : write;
}
