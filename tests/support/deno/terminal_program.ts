/**
 * Uses the standard streams and the terminal in the way that its argument says.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoRuntime, DenoStdio, DenoTerminal } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import * as Stdio from "effect/Stdio";
import * as Stream from "effect/Stream";
import * as Terminal from "effect/Terminal";

const copies = Stdio.Stdio.use(({ stdin, stdout }) =>
  Stream.run(stdin, stdout())
);

const asks = Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal;
  const lines = Effect.flatMap(
    terminal.readLine,
    (line) => terminal.display(`line ${line}\n`),
  );
  yield* Effect.forever(lines).pipe(
    Effect.catchTag("QuitError", () => terminal.display("quit\n")),
  );
});

const watchesKeys = Effect.scoped(Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal;
  const sizes = yield* terminal.size;
  const { columns, rows } = yield* Queue.take(sizes);
  console.log(`size ${columns}x${rows}`);
  const keys = yield* terminal.readInput;
  yield* Effect.forever(Effect.gen(function* () {
    const { key } = yield* Queue.take(keys);
    console.log(`key ${key.ctrl ? "ctrl-" : ""}${key.name}`);
  }));
})).pipe(Effect.catch(() => Effect.sync(() => console.log("done"))));

const programs = { copies, asks, watchesKeys };

const name = Deno.args[0] as keyof typeof programs;
DenoRuntime.runMain(
  Effect.provide(
    programs[name] as Effect.Effect<
      unknown,
      unknown,
      Stdio.Stdio | Terminal.Terminal
    >,
    Layer.merge(DenoStdio.layer, DenoTerminal.layer),
  ),
);
